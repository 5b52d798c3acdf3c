import Planning

/// Where the members of a record that matter were found; of a repeated one the last counts.
struct RecordMembers {
    var key: Range<Int>?
    var updateTime: Range<Int>?
    var parent: Range<Int>?
    var isFlagged = false
    var isStatusDeleted = false
}

/// The names looked for at the top of every record, told from the others by their lengths: most members are
/// passed over after one test of a bit.
struct RecordNames {
    private let key: [UInt8]
    private let updateTime: [UInt8]
    private let parent: [UInt8]
    private let flag = Array("is_deleted".utf8)
    private let status = Array("status".utf8)
    private let lengths: UInt64

    init(of stream: StreamSpec) {
        // No member has an empty name that would be asked for.
        key = Array(stream.keyMember.utf8)
        updateTime = Array((stream.updateTimeMember ?? "").utf8)
        parent = Array((stream.parent?.member ?? "").utf8)
        lengths = [key, updateTime, parent, flag, status].reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
    }

    @inline(__always)
    func mayMatch(length: Int) -> Bool { lengths >> UInt64(min(length, 63)) & 1 != 0 }

    @inline(never)
    func note(
        _ scanner: JSONScanner, name: Range<Int>, _ isEscaped: Bool, _ value: Range<Int>,
        _ found: inout RecordMembers
    ) {
        let isNamed = { (wanted: [UInt8]) in
            isEscaped ? scanner.decodes(name, to: wanted) : scanner.isEqual(name, wanted)
        }
        if !key.isEmpty, isNamed(key) { found.key = value }
        if !updateTime.isEmpty, isNamed(updateTime) { found.updateTime = value }
        if !parent.isEmpty, isNamed(parent) { found.parent = value }
        if isNamed(flag) { found.isFlagged = scanner.peek(value.lowerBound) == UInt8(ascii: "t") }
        if isNamed(status) { found.isStatusDeleted = scanner.isText(value, Self.deleted) }
    }

    private static let deleted = Array("deleted".utf8)
}

extension JSONScanner {
    @inline(__always)
    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    @inline(__always)
    func isEqual(_ range: Range<Int>, _ wanted: [UInt8]) -> Bool {
        guard range.count == wanted.count else { return false }
        return wanted.withUnsafeBufferPointer { bytes in
            for index in bytes.indices where bytes[index] != start[range.lowerBound + index] { return false }
            return true
        }
    }

    func decodes(_ range: Range<Int>, to wanted: [UInt8]) -> Bool {
        decodedText(bytes(range)).map { $0.utf8.elementsEqual(wanted) } ?? false
    }

    /// The value is a string that says `wanted`, with or without escapes.
    func isText(_ value: Range<Int>, _ wanted: [UInt8]) -> Bool {
        guard peek(value.lowerBound) == UInt8(ascii: "\"") else { return false }
        let inside = value.lowerBound + 1..<value.upperBound - 1
        if isEqual(inside, wanted) { return true }
        return bytes(inside).contains(UInt8(ascii: "\\")) && decodes(inside, to: wanted)
    }

    /// The decoded text of a value from its opening quote to after its closing one; nil when it is no string.
    func text(_ first: Int, _ after: Int) -> String? {
        guard peek(first) == UInt8(ascii: "\"") else { return nil }
        return decodedText(bytes(first + 1..<after - 1))
    }

    func key(_ range: Range<Int>?, recordStart: Int) throws(JSONFault) -> RecordKey {
        guard let range, peek(range.lowerBound) != UInt8(ascii: "n") else { throw fault(.noKey, recordStart) }
        if let text = text(range.lowerBound, range.upperBound), !text.isEmpty { return RecordKey(text) }
        guard let number = integer(range) else { throw fault(.key, range.lowerBound) }
        return .integer(number)
    }

    /// Nil for a fraction, an exponent, or a number beyond 64 bits.
    private func integer(_ range: Range<Int>) -> Int64? {
        let digits = bytes(range)
        let isNegative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in digits.dropFirst(isNegative ? 1 : 0) {
            let digit = Int64(byte) - Int64(UInt8(ascii: "0"))
            guard 0...9 ~= digit else { return nil }
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.subtractingReportingOverflow(digit)
            // Counted downwards, since the range reaches one further there.
            guard !first, !second else { return nil }
            value = sum
        }
        return isNegative ? value : value == .min ? nil : -value
    }

    /// Nil for null, zero dates and anything that is no time.
    func updateTime(_ range: Range<Int>?) -> UpdateTime? {
        guard let range, peek(range.lowerBound) == UInt8(ascii: "\"") else { return nil }
        let raw = bytes(range.lowerBound + 1..<range.upperBound - 1)
        if let time = UpdateTime(inPlace: raw) { return time }
        return raw.contains(UInt8(ascii: "\\")) ? decodedText(raw).flatMap { UpdateTime($0) } : nil
    }
}
