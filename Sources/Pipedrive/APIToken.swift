import Foundation

/// The API token. It has no description and goes nowhere but into one header.
struct APIToken: Sendable {
    static let messageLimitCharacters = 300
    /// As much of a message is looked at.
    private static let messageLimitBytes = 4096
    /// A server that shows less of a token than this has shown nothing that is of use.
    private static let pieceBytes = 10

    private let secret: String
    /// Every piece of every form in which the token may come back, in lower case.
    private let pieces: Set<ArraySlice<UInt8>>
    private let pieceBytes: Int

    init(_ secret: String) {
        self.secret = secret
        let length = min(Self.pieceBytes, secret.utf8.count)
        pieceBytes = length
        pieces = Set(Self.forms(of: secret).flatMap { Self.pieces(of: $0, length).map(\.bytes) })
    }

    /// Nil for what cannot stand in a header; the HTTP library would quote it in its error.
    var header: (name: String, value: String)? {
        guard !secret.isEmpty, secret.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return ("x-api-token", secret)
    }

    /// A server may send back what it was sent. One printable line without the token, or any piece of it, as it is or
    /// encoded, is what is passed on.
    func clean(_ message: String) -> String {
        var bytes = ArraySlice(message.utf8.prefix(Self.messageLimitBytes))
        for range in traces(in: Array(bytes)).ranges.reversed() { bytes.replaceSubrange(range, with: "[token]".utf8) }
        let line = String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : Character($0)
        }
        return String(line.prefix(Self.messageLimitCharacters))
    }

    /// Whether the text holds the token, or a piece of it.
    func isIn(_ text: String) -> Bool { !traces(in: Array(text.utf8)).isEmpty }

    private func traces(in text: [UInt8]) -> RangeSet<Int> {
        var found = RangeSet<Int>()
        for (place, bytes) in Self.pieces(of: text, pieceBytes) where pieces.contains(bytes) {
            found.insert(contentsOf: place..<place + pieceBytes)
        }
        return found
    }

    private static func pieces(of text: [UInt8], _ length: Int) -> [(place: Int, bytes: ArraySlice<UInt8>)] {
        guard length > 0, text.count >= length else { return [] }
        let lower = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
        return (0...lower.count - length).map { ($0, lower[$0..<$0 + length]) }
    }

    /// As it is, as a part of an address, and in base64 wherever in a longer text it may have begun.
    private static func forms(of secret: String) -> [[UInt8]] {
        let encoded = (0..<3).map { shift in
            let whole = Data(Array(repeating: 0, count: shift) + Array(secret.utf8)).base64EncodedString()
            let isEndShared = (shift + secret.utf8.count) % 3 != 0
            // The first and last characters belong to the neighbours as well.
            return Array(whole.utf8.filter { $0 != UInt8(ascii: "=") }.dropLast(isEndShared ? 1 : 0))
                .dropFirst((shift * 8 + 5) / 6)
        }
        return [Array(secret.utf8), Array(RequestURL.encoded(secret).utf8)] + encoded.map { Array($0) }
    }
}

extension APIToken: CustomStringConvertible, CustomReflectable {
    var description: String { "[token]" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
