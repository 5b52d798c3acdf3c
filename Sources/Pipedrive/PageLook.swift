package import Planning

/// Looks at a page once more, at a few of its records and at those few that changed lately.
extension PageLook {
    /// Custom fields have keys of so many hexadecimal digits.
    private static let customKeyLength = 40
    /// Longer names and more options than anybody has are not remembered.
    private static let longestName = 100
    private static let mostUnknown = 1000

    /// - Parameter sampling: so many records are looked at for the members they have.
    package init(_ page: Page, watch: FieldWatch?, sampling most: Int) {
        self.init()
        page.body.withUnsafeBufferPointer { bytes in
            for record in page.spread(over: most) {
                sample.records += 1
                Self.members(of: UnsafeBufferPointer(rebasing: bytes[record.bytes])) { name, _ in
                    guard name.count <= Self.longestName, !Self.isCustomKey(name) else { return }
                    sample.counts[String(decoding: name, as: UTF8.self), default: 0] += 1
                }
            }
            guard let watch else { return }
            for record in page.records where record.updateTime.map({ $0.instant >= watch.since }) ?? false {
                note(UnsafeBufferPointer(rebasing: bytes[record.bytes]), watch)
            }
        }
    }

    /// v2 keeps custom fields in an object of their own; leads, of v1, among their other members.
    private mutating func note(_ object: UnsafeBufferPointer<UInt8>, _ watch: FieldWatch) {
        Self.members(of: object) { name, value in
            if Self.isCustomKey(name) { noteField(name, value, watch) }
            guard name.elementsEqual("custom_fields".utf8), value.first == UInt8(ascii: "{") else { return }
            Self.members(of: value) { noteField($0, $1, watch) }
        }
    }

    private mutating func noteField(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ watch: FieldWatch
    ) {
        // Leads have members beside the field's own, such as `…_currency`.
        let key = String(decoding: name.prefix(Self.customKeyLength), as: UTF8.self)
        guard unknown.count < Self.mostUnknown, let known = watch.options[key] else {
            if unknown.count < Self.mostUnknown { unknown.insert(FieldUse(key: key)) }
            return
        }
        guard !known.isEmpty else { return }
        for option in Self.options(value) where !known.contains(option) {
            unknown.insert(FieldUse(key: key, option: option))
        }
    }

    /// `7`, `[7,8]`, or in v1 `"7"` and `"7,8"`. Anything else names no options.
    private static func options(_ value: UnsafeBufferPointer<UInt8>) -> [String] {
        guard let first = value.first, first != UInt8(ascii: "n") else { return [] }
        let isWrapped = [UInt8(ascii: "["), UInt8(ascii: "\"")].contains(first)
        let inside = isWrapped ? value.dropFirst().dropLast() : value[...]
        let parts = inside.split(separator: UInt8(ascii: ",")).map { part in
            part.filter { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "\"") }
        }
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { 48...57 ~= $0 } }) else { return [] }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isCustomKey(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        name.count >= customKeyLength && name.prefix(customKeyLength).allSatisfy { hexValue($0) != nil }
    }

    /// The object was read before: nothing of it can be wrong. Names are as they were sent, with their escapes.
    private static func members(
        of object: UnsafeBufferPointer<UInt8>,
        _ take: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard var scanner = JSONScanner(object) else { return }
        var (place, isEnd) = scanner.open(0, "}")
        while !isEnd {
            guard let member = try? scanner.member(place), let after = try? scanner.value(member.value, depth: 1),
                let next = try? scanner.next(after, "}")
            else { return }
            take(scanner.bytes(place + 1..<member.nameEnd - 1), scanner.bytes(member.value..<after))
            (place, isEnd) = next
        }
    }
}

extension Page {
    /// At most so many of the records that are there, from all over the page. What is left of a deleted one says
    /// nothing about the others.
    fileprivate func spread(over count: Int) -> [RecordSlice] {
        guard records.count > count else { return records.filter { !$0.isDeleted } }
        return (0..<count).map { records[$0 * (records.count - 1) / (count - 1)] }.filter { !$0.isDeleted }
    }
}
