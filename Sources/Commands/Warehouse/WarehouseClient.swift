import Foundation
import Planning
import Warehouse

/// The engine's own client program, handed statements on its standard input.
struct WarehouseClient {
    var target: WarehouseTarget
    var environment: [String: String]

    /// A load may take hours.
    private static let patience = Duration.seconds(7 * 86_400)
    private static let largestOutputBytes = 1 << 24
    private static let shownErrorBytes = 2000

    private var words: [String] {
        switch target {
        case .duckdb(let path): ["duckdb", "-init", "/dev/null", "-batch", "-bail", "-noheader", "-list", path]
        case .postgres(let address): ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address]
        }
    }

    /// Runs the statements; the first that fails ends it, and an open transaction with it.
    /// - Returns: what the client wrote, line by line. Throws `Stop`.
    @discardableResult
    func run(_ statements: [String]) throws -> [String] {
        guard let path = ChildProcess.path(of: words[0], in: environment) else {
            throw Stop(
                .serverRefuses, "\(words[0]), the engine's own client program, is not installed (not in PATH)",
                hint: "install it, or hand the statements of pipesnap schema --load to another client")
        }
        let text = statements.map { SchemaText.terminated($0) + "\n" }.joined()
        guard let input = NamelessFile(text), let errors = NamelessFile(),
            let child = ChildProcess(
                path: path, words: words, environment: environment, input: input, errors: errors)
        else {
            throw Stop(.cannotWriteOutput, "\(path) cannot be started", hint: "look at TMPDIR and the program's rights")
        }
        let ending = child.output(patience: Self.patience, largestBytes: Self.largestOutputBytes)
        guard case .output(let bytes) = ending else { throw failure(ending, errors.end(bytes: Self.shownErrorBytes)) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// psql's exit code for a server that it cannot reach or has lost.
    private static let connectionLost: Int32 = 2

    private func failure(_ ending: ChildProcess.Ending, _ errors: String) -> Stop {
        let lines = errors.split(separator: "\n").filter { !$0.hasPrefix("--") }
        // psql tells of what is there already (NOTICE) before it tells what failed.
        let said =
            lines.first { $0.lowercased().contains("error") || $0.contains("FATAL") } ?? lines.first
            ?? "it said nothing"
        if let code = FirstSignal.code {
            return Stop(
                code, "\(words[0]) was stopped by a signal",
                hint: "runs that were loaded before are kept, nothing of this one; run it again")
        }
        if case .exited(Self.connectionLost) = ending, target.engine == .postgres {
            return Stop(
                .serverRefuses, "the server cannot be reached (\(said))",
                hint: "runs that were loaded are kept; look at the address and run again")
        }
        return Stop(
            .cannotWriteOutput, "\(words[0]) stopped (\(said))",
            hint: "runs that were loaded before are kept, nothing of this one; mend it and run again")
    }
}
