import Foundation
import Simulator
import TestSupport
import Testing

/// The program that was built with the tests and lies beside them.
enum RealProgram {
    static func start(
        _ arguments: [String], _ environment: [String: String] = [:], output: FileHandle = .nullDevice,
        log: String? = nil
    ) throws -> Process {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appendingPathComponent("pipesnap")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        if let log {
            #expect(FileManager.default.createFile(atPath: log, contents: nil))
            process.standardError = try #require(FileHandle(forWritingAtPath: log))
        }
        try process.run()
        return process
    }

    /// Runs it to its end.
    /// - Returns: the exit code, and what it said on stderr.
    static func said(
        _ arguments: [String], _ environment: [String: String] = [:], output: FileHandle = .nullDevice
    ) async throws -> (code: Int32, errors: String) {
        let folder = try TemporaryFolder()
        let log = folder.path + "/log"
        let code = try await end(of: try start(arguments, environment, output: output, log: log))
        return (code, try String(contentsOfFile: log, encoding: .utf8))
    }

    /// - Returns: the exit code.
    static func end(of process: Process) async throws -> Int32 {
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return process.terminationStatus
    }
}

/// A simulated company on a real socket, on the machine's own clock.
struct ServedCompany {
    let address: String
    let port: UInt16
    private let server: Task<Void, any Error>

    init(_ options: AccountOptions) async throws {
        let clock = MovableClock(startMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let socket = SimulatorSocket(SimulatedAccount(options: options), clock: clock)
        let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
        server = Task { try await socket.run(port: 0) { continuation.yield($0) } }
        address = try #require(await addresses.first { _ in true })
        port = try #require(UInt16(address.split(separator: ":").last ?? ""))
    }

    func close() async {
        server.cancel()
        _ = await server.result
    }

    /// By the server's own books.
    func counted(_ book: String) throws -> [String: Int] {
        let answer = try loopbackExchange(port, "GET /simulator/stats")
        let body = answer.firstRange(of: "\r\n\r\n").map { answer[$0.upperBound...] } ?? ""
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return try #require(object?[book] as? [String: Int])
    }
}
