/// A small JSON object, read by name: an error, a pagination block, the answer about ourselves. Pages go through
/// `PageSlicer` instead.
struct SmallObject {
    private let json: [UInt8]
    private let members: [String: Range<Int>]

    /// Nil when `json` is not one valid object. Of a repeated member the last one counts.
    init?(_ json: some Collection<UInt8>) {
        let json = Array(json)
        guard let members = json.withUnsafeBufferPointer({ try? Self.members($0) }) else { return nil }
        (self.json, self.members) = (json, members)
    }

    func text(_ name: String) -> String? {
        guard let value = value(name), value.first == UInt8(ascii: "\"") else { return nil }
        return decodedText(value.dropFirst().dropLast())
    }

    func integer(_ name: String) -> Int? { value(name).flatMap { Int(String(decoding: $0, as: UTF8.self)) } }

    func boolean(_ name: String) -> Bool? {
        switch value(name)?.first {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The objects of an array; empty when it is none.
    func objects(_ name: String) -> [SmallObject] {
        guard let array = value(name), array.first == UInt8(ascii: "[") else { return [] }
        return array.withUnsafeBufferPointer { bytes in
            guard var scanner = JSONScanner(bytes) else { return [] }
            var objects: [SmallObject] = []
            var (place, isEnd) = scanner.open(0, "]")
            // The whole was read before: nothing of it can be wrong.
            while !isEnd, let after = try? scanner.value(place, depth: 1) {
                if let object = SmallObject(bytes[place..<after]) { objects.append(object) }
                guard let next = try? scanner.next(after, "]") else { break }
                (place, isEnd) = next
            }
            return objects
        }
    }

    func object(_ name: String) -> SmallObject? { value(name).flatMap { SmallObject($0) } }

    /// Absent and null are the same.
    func isPresent(_ name: String) -> Bool { value(name).map { $0.first != UInt8(ascii: "n") } ?? false }

    /// In the order of the alphabet.
    var names: [String] { members.keys.sorted() }

    /// Null counts as well.
    func has(_ name: String) -> Bool { members[name] != nil }

    private func value(_ name: String) -> ArraySlice<UInt8>? { members[name].map { json[$0] } }

    private static func members(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) -> [String: Range<Int>] {
        guard var scanner = JSONScanner(bytes) else { throw JSONFault(reason: .cut, offset: 0) }
        try scanner.document()
        let start = scanner.skipSpace(0)
        guard scanner.peek(start) == UInt8(ascii: "{") else { throw scanner.fault(.notAnObject, start) }
        var found: [String: Range<Int>] = [:]
        var (place, isEnd) = scanner.open(start, "}")
        while !isEnd {
            let member = try scanner.member(place)
            let valueEnd = try scanner.value(member.value, depth: 1)
            if let name = decodedText(bytes[place + 1..<member.nameEnd - 1]) { found[name] = member.value..<valueEnd }
            (place, isEnd) = try scanner.next(valueEnd, "}")
        }
        return found
    }
}
