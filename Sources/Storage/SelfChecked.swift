import Crypto
import Foundation
import Planning

/// A small file of ours that nothing else could contradict: a line of JSON, and behind it a line with its SHA-256.
enum SelfChecked {
    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let json = Array(try JSONEncoder().encode(value))
        return json + [lineEnd] + Array(check(of: json).utf8) + [lineEnd]
    }

    /// Nil for what was not written so. An older pipesnap wrote the first line alone.
    static func value<Value: Decodable>(_ type: Value.Type, in bytes: [UInt8]) -> Value? {
        let lines = bytes.split(separator: lineEnd, maxSplits: 1, omittingEmptySubsequences: false)
        guard let json = lines.first else { return nil }
        if lines.count == 2, Array(lines[1]) != Array(check(of: json).utf8) + [lineEnd] { return nil }
        return try? JSONDecoder().decode(type, from: Data(json))
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private static func check(of json: some Sequence<UInt8>) -> String {
        hexadecimal(SHA256.hash(data: Data(json)))
    }
}
