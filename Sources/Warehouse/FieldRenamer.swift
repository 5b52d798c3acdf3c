import Planning

/// Puts the names of columns in place of the keys of custom fields in the API's objects. Nothing else of an object is
/// touched, and none is taken apart: its bytes are passed over once.
package struct FieldRenamer: Sendable {
    private struct Entry: Sendable {
        var key: [UInt8]
        var name: [UInt8]
    }

    private static let keyBytes = 40
    private static let container = Array("custom_fields".utf8)

    /// By the first eight bytes of the key.
    private let entries: [UInt64: [Entry]]
    /// Where the keys stand: among the members of the object, or among those of its `custom_fields`.
    private let depth: Int

    package init(_ table: StreamTable) {
        let entries = table.customNames.compactMap { key, names in
            names.first.map { Entry(key: Array(key.utf8), name: Array($0.utf8)) }
        }
        self.entries = Dictionary(grouping: entries) { $0.key.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
        depth = table.customFieldPlace == .flat ? 1 : 2
    }

    /// Adds the object to `target`, renamed.
    /// - Parameter object: valid JSON without its opening brace and without white space outside strings.
    package func rename(_ object: UnsafeBufferPointer<UInt8>, into target: inout [UInt8]) {
        guard !entries.isEmpty else { return target.append(contentsOf: object) }
        var (place, copied, level, isInside) = (0, 0, 1, false)
        while place < object.count {
            switch object[place] {
            case UInt8(ascii: "\""):
                let end = endOfString(UnsafeRawBufferPointer(object), from: place)
                let isMember = end < object.count && object[end] == UInt8(ascii: ":")
                if isMember, level == 1 { isInside = object[(place + 1)..<(end - 1)].elementsEqual(Self.container) }
                let isWanted = isMember && level == depth && (depth == 1 || isInside)
                if isWanted, let name = name(of: object, from: place + 1, to: end - 1) {
                    target.append(contentsOf: object[copied...place])
                    target.append(contentsOf: name)
                    copied = place + 1 + Self.keyBytes
                    // What stands behind the key is a part of the value: `KEY_currency`.
                    if copied < end - 1 { target.append(UInt8(ascii: "_")) }
                }
                place = end
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                level += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level -= 1
                place += 1
            default: place += 1
            }
        }
        target.append(contentsOf: object[copied...])
    }

    private func name(of object: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> [UInt8]? {
        guard end - start == Self.keyBytes || depth == 1 && end - start > Self.keyBytes + 1,
            end - start == Self.keyBytes || object[start + Self.keyBytes] == UInt8(ascii: "_")
        else { return nil }
        let beginning = UnsafeRawBufferPointer(object).loadUnaligned(fromByteOffset: start, as: UInt64.self)
        return entries[beginning]?.first { object[start..<(start + Self.keyBytes)].elementsEqual($0.key) }?.name
    }
}
