import Foundation
import Planning
import Synchronization

/// The two streams to the outside. Reports go to stdout, everything else to stderr.
enum Console {
    /// `--log-format json`: every line on stderr is a JSON object. Set once, when the arguments are read.
    static let logsJSON = Atomic(false)

    /// Throws with exit code 74 when stdout refuses.
    static func output(_ text: String) throws(Stop) { try StandardOutput.write(lines(text)) }

    /// Prints what is to be known of something that ends with a code of its own. That code tells more than what became
    /// of the words, so it stays where stdout refuses them; where all was well, the refusal is what there is to tell.
    static func report(_ text: String, of code: ExitCode) throws(Stop) {
        do {
            try output(text)
        } catch {
            guard code != .complete else { throw error }
            sentence(error)
        }
    }

    static func error(_ text: String) {
        if logsJSON.load(ordering: .relaxed) {
            for line in text.split(separator: "\n") {
                write(LogLine(level: "error", message: String(line)).json)
            }
        } else {
            write(text)
        }
    }

    /// The one sentence that every non-zero exit owes.
    static func sentence(_ stop: Stop) { sentence(stop.description) }

    static func sentence(_ text: String) {
        error(logsJSON.load(ordering: .relaxed) ? text : "pipesnap: \(text)")
    }

    /// As it would be written, but without a time, since it is made long before.
    static func lines(of stop: Stop) -> [UInt8] {
        let isJSON = logsJSON.load(ordering: .relaxed)
        return lines(isJSON ? LogLine(time: nil, level: "error", message: "\(stop)").json : "pipesnap: \(stop)")
    }

    static func log(_ level: String, _ message: String) {
        let isJSON = logsJSON.load(ordering: .relaxed)
        write(isJSON ? LogLine(level: level, message: message).json : "pipesnap: \(message)")
    }

    static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// To stderr. Where nobody hears it, nobody can be told.
    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(lines(text)))
    }

    private static func lines(_ text: String) -> [UInt8] { Array(text.utf8) + (text.hasSuffix("\n") ? [] : [0x0A]) }
}

/// One line of the log as a JSON object.
private struct LogLine: Encodable {
    var time: String? = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).description
    var level: String
    var message: String

    var json: String { (try? JSONText.compact(self)) ?? message }
}

enum JSONText {
    static func compact(_ value: some Encodable) throws -> String { try text(value, []) }
    static func pretty(_ value: some Encodable) throws -> String { try text(value, .prettyPrinted) }

    /// Member names are written as the contract spells all its names: `spent_today`.
    private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
