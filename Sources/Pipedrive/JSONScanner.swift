/// Reads over JSON once, checking every byte against RFC 8259 and RFC 3629, and keeps nothing.
///
/// Each method takes the offset of what it expects and returns the offset after it, so that the place lives in a
/// register. The bytes are borrowed: a scanner must not outlive the closure that lent them.
struct JSONScanner {
    /// Deeper nesting than any API has; a hostile answer must not exhaust the stack.
    static let depthLimit = 512

    let start: UnsafePointer<UInt8>
    let end: Int
    /// How often white space was met outside strings, and escapes inside them: whoever asks about a stretch of
    /// the text compares before and after.
    var spaces = 0
    var escapes = 0

    /// Nil when there is nothing to read.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return nil }
        (self.start, end) = (start, bytes.count)
    }

    /// The whole text must be one value.
    mutating func document() throws(JSONFault) {
        let after = try value(skipSpace(0), depth: 0)
        guard skipSpace(after) == end else { throw fault(.trailing, after) }
    }

    @inline(__always)
    func fault(_ reason: JSONFault.Reason, _ offset: Int) -> JSONFault {
        JSONFault(reason: offset >= end && reason == .syntax ? .cut : reason, offset: offset)
    }

    /// The byte at `offset`, or 0, which begins nothing in JSON, at the end.
    @inline(__always)
    func peek(_ offset: Int) -> UInt8 { offset < end ? start[offset] : 0 }

    @inline(__always)
    mutating func skipSpace(_ offset: Int) -> Int {
        // Nearly every answer is compact: one comparison.
        peek(offset) > UInt8(ascii: " ") ? offset : skipManySpaces(offset)
    }

    @inline(never)
    private mutating func skipManySpaces(_ offset: Int) -> Int {
        var offset = offset
        while offset < end {
            switch start[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return offset
            }
            spaces += 1
        }
        return offset
    }
}

// MARK: - Values

extension JSONScanner {
    /// Any value. `depth` counts the objects and arrays around it.
    @inline(__always)
    mutating func value(_ offset: Int, depth: Int) throws(JSONFault) -> Int {
        switch peek(offset) {
        case UInt8(ascii: "\""): return try string(offset)
        case UInt8(ascii: "{"): return try object(offset, depth: depth + 1)
        case UInt8(ascii: "["): return try array(offset, depth: depth + 1)
        case UInt8(ascii: "n"): return try word(UInt32(ascii: "null"), offset)
        case UInt8(ascii: "t"): return try word(UInt32(ascii: "true"), offset)
        case UInt8(ascii: "f"):
            // Five letters: the last four tell it as well as all.
            return try word(UInt32(ascii: "alse"), offset + 1)
        default: return try number(offset)
        }
    }

    @inline(never)
    private mutating func object(_ offset: Int, depth: Int) throws(JSONFault) -> Int {
        guard depth <= Self.depthLimit else { throw fault(.depth, offset) }
        var (place, isEnd) = open(offset, "}")
        while !isEnd {
            let member = try self.member(place)
            (place, isEnd) = try next(value(member.value, depth: depth), "}")
        }
        return place
    }

    @inline(never)
    private mutating func array(_ offset: Int, depth: Int) throws(JSONFault) -> Int {
        guard depth <= Self.depthLimit else { throw fault(.depth, offset) }
        var (place, isEnd) = open(offset, "]")
        while !isEnd { (place, isEnd) = try next(value(place, depth: depth), "]") }
        return place
    }

    @inline(__always)
    private func word(_ letters: UInt32, _ offset: Int) throws(JSONFault) -> Int {
        guard offset + 4 <= end else { throw fault(.cut, end) }
        let found = UnsafeRawPointer(start + offset).loadUnaligned(as: UInt32.self)
        guard UInt32(littleEndian: found) == letters else { throw fault(.syntax, offset) }
        return offset + 4
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private func number(_ offset: Int) throws(JSONFault) -> Int {
        var place = offset
        if peek(place) == UInt8(ascii: "-") { place += 1 }
        let first = peek(place)
        guard isDigit(first) else { throw place == offset ? fault(.syntax, place) : fault(.number, place) }
        place = first == UInt8(ascii: "0") ? place + 1 : skipDigits(place)
        if peek(place) == UInt8(ascii: ".") { place = try digits(place + 1) }
        if peek(place) | 0x20 == UInt8(ascii: "e") {
            place += 1
            if peek(place) == UInt8(ascii: "+") || peek(place) == UInt8(ascii: "-") { place += 1 }
            place = try digits(place)
        }
        return place
    }

    @inline(__always)
    private func digits(_ offset: Int) throws(JSONFault) -> Int {
        let place = skipDigits(offset)
        guard place > offset else { throw fault(.number, offset) }
        return place
    }

    @inline(__always)
    private func skipDigits(_ offset: Int) -> Int {
        var place = offset
        while isDigit(peek(place)) { place += 1 }
        return place
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

// MARK: - The joints of objects and arrays

extension JSONScanner {
    /// After an opening bracket: the place of the first element, or the place after the closing bracket.
    @inline(__always)
    mutating func open(_ offset: Int, _ closing: Unicode.Scalar) -> (place: Int, isEnd: Bool) {
        let place = skipSpace(offset + 1)
        return peek(place) == UInt8(ascii: closing) ? (place + 1, true) : (place, false)
    }

    /// After an element: the place of the next one, or the place after the closing bracket.
    @inline(__always)
    mutating func next(_ offset: Int, _ closing: Unicode.Scalar) throws(JSONFault) -> (place: Int, isEnd: Bool) {
        let place = skipSpace(offset)
        let byte = peek(place)
        if byte == UInt8(ascii: ",") { return (skipSpace(place + 1), false) }
        guard byte == UInt8(ascii: closing) else { throw fault(.syntax, place) }
        return (place + 1, true)
    }

    /// A member's name and colon: where the name ends, quotes included, and where the value begins.
    @inline(__always)
    mutating func member(_ offset: Int) throws(JSONFault) -> (nameEnd: Int, value: Int) {
        guard peek(offset) == UInt8(ascii: "\"") else { throw fault(.syntax, offset) }
        let nameEnd = try string(offset)
        let colon = skipSpace(nameEnd)
        guard peek(colon) == UInt8(ascii: ":") else { throw fault(.syntax, colon) }
        return (nameEnd, skipSpace(colon + 1))
    }
}

extension UInt32 {
    /// Four letters as they lie in memory, the first in the lowest byte.
    @inline(__always)
    fileprivate init(ascii letters: StaticString) {
        self = letters.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
