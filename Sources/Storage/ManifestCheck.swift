import Crypto
import Planning

/// A manifest's last member: the SHA-256 of every byte before it. Once the index is lost nothing else could contradict
/// a manifest, and a turned digit of its coverage would pass for work that was done.
enum ManifestCheck {
    static let member = "check"

    /// The JSON object with the check behind its other members, ended by a line feed.
    static func added(to object: [UInt8]) -> [UInt8] {
        let end = object.lastIndex(of: UInt8(ascii: "}")) ?? object.endIndex
        let last = object[..<end].lastIndex { !whiteSpace.contains($0) } ?? end
        let members = Array(object[...last])
        return members + ending(of: members)
    }

    /// Whether the text is one that `added` wrote, to the byte.
    static func holds(in text: [UInt8]) -> Bool {
        let members = Array(text.dropLast(ending(of: []).count))
        return text == members + ending(of: members)
    }

    private static func ending(of members: [UInt8]) -> [UInt8] {
        Array(",\n  \"\(member)\" : \"\(hexadecimal(SHA256.hash(data: members)))\"\n}\n".utf8)
    }

    private static let whiteSpace = Array(" \n".utf8)
}
