import Foundation
import Planning

/// Takes secrets out of what others say: a server may send back what it was sent.
struct Secrets: Sendable {
    static let messageLimitCharacters = 300
    /// As much of a message is looked at.
    private static let messageLimitBytes = 4096
    /// A server that shows less of a secret than this has shown nothing that is of use.
    private static let pieceBytes = 10
    /// Anything shorter is no secret that Pipedrive hands out, and would be found in every other word.
    private static let shortestBytes = 8

    /// Every piece of every form in which a secret may come back, in lower case.
    private var pieces: Set<ArraySlice<UInt8>> = []
    /// How long the pieces are: shorter than usual where a whole secret is.
    private var lengths: Set<Int> = []

    init(_ secrets: [String]) {
        for secret in secrets { add(secret) }
    }

    mutating func add(_ secret: String) {
        guard secret.utf8.count >= Self.shortestBytes else { return }
        let length = min(Self.pieceBytes, secret.utf8.count)
        lengths.insert(length)
        pieces.formUnion(Self.forms(of: secret).flatMap { Self.pieces(of: $0, length).map(\.bytes) })
    }

    /// One printable line without any of them, or a piece of one, as it is or encoded.
    func clean(_ message: String) -> String {
        var bytes = ArraySlice(message.utf8.prefix(Self.messageLimitBytes))
        for range in traces(in: Array(bytes)).ranges.reversed() { bytes.replaceSubrange(range, with: "[token]".utf8) }
        let line = String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : Character($0)
        }
        return String(line.prefix(Self.messageLimitCharacters))
    }

    /// Whether the text holds one of them, or a piece of one.
    func isIn(_ text: String) -> Bool { !traces(in: Array(text.utf8)).isEmpty }

    private func traces(in text: [UInt8]) -> RangeSet<Int> {
        var found = RangeSet<Int>()
        for length in lengths {
            for (place, bytes) in Self.pieces(of: text, length) where pieces.contains(bytes) {
                found.insert(contentsOf: place..<place + length)
            }
        }
        return found
    }

    private static func pieces(of text: [UInt8], _ length: Int) -> [(place: Int, bytes: ArraySlice<UInt8>)] {
        guard length > 0, text.count >= length else { return [] }
        let lower = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
        return (0...lower.count - length).map { ($0, lower[$0..<$0 + length]) }
    }

    /// As it is, as a part of an address, with every byte as `%XX` or two digits, and in base64 wherever in a longer
    /// text it may have begun.
    private static func forms(of secret: String) -> [[UInt8]] {
        let encoded = (0..<3).map { shift in
            let whole = Data(Array(repeating: 0, count: shift) + Array(secret.utf8)).base64EncodedString()
            let isEndShared = (shift + secret.utf8.count) % 3 != 0
            // The first and last characters belong to the neighbours as well.
            return Array(whole.utf8.filter { $0 != UInt8(ascii: "=") }.dropLast(isEndShared ? 1 : 0))
                .dropFirst((shift * 8 + 5) / 6)
        }
        let digits = secret.utf8.map { hexadecimal([$0]) }
        return [
            Array(secret.utf8), Array(RequestURL.encoded(secret).utf8), Array(digits.joined().utf8),
            Array(digits.map { "%" + $0 }.joined().utf8),
        ] + encoded.map { Array($0) }
    }
}
