/// Strings, eight bytes at a time: most of an answer lies inside quotes.
extension JSONScanner {
    /// The offset after the closing quote of the string whose opening quote is at `offset`.
    @inline(__always)
    mutating func string(_ offset: Int) throws(JSONFault) -> Int {
        var place = offset + 1
        while place + 8 <= end {
            let special = Self.specialBytes(UnsafeRawPointer(start + place).loadUnaligned(as: UInt64.self))
            if special != 0 {
                place += special.trailingZeroBitCount >> 3
                if start[place] == UInt8(ascii: "\"") { return place + 1 }
                return try stringWithSpecials(place)
            }
            place += 8
        }
        return try stringWithSpecials(place)
    }

    /// The high bit of every byte that is a quote, a backslash, a control character or not ASCII. A borrow may
    /// mark further bytes, but only above a true one, so the lowest mark is exact.
    @inline(__always)
    private static func specialBytes(_ bytes: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = UInt64(littleEndian: bytes)
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let marks = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
        return (marks | word) & (ones &* 0x80)
    }

    /// Goes on at `offset`, inside a string, byte by byte where a byte needs a look, else by eights.
    @inline(never)
    private mutating func stringWithSpecials(_ offset: Int) throws(JSONFault) -> Int {
        var place = offset
        while place < end {
            let byte = start[place]
            switch byte {
            case UInt8(ascii: "\""): return place + 1
            case UInt8(ascii: "\\"): place = try escape(place + 1)
            case 0..<0x20: throw fault(.control, place)
            case 0x80...: place = try multiByte(place)
            default: place = skipPlain(place + 1)
            }
        }
        throw fault(.cut, end)
    }

    /// Steps over bytes that need no look.
    @inline(__always)
    private func skipPlain(_ offset: Int) -> Int {
        var place = offset
        while place + 8 <= end {
            let special = Self.specialBytes(UnsafeRawPointer(start + place).loadUnaligned(as: UInt64.self))
            if special != 0 { return place + special.trailingZeroBitCount >> 3 }
            place += 8
        }
        return place
    }

    private mutating func escape(_ offset: Int) throws(JSONFault) -> Int {
        escapes += 1
        switch peek(offset) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return offset + 1
        case UInt8(ascii: "u"):
            for place in offset + 1...offset + 4 where hexValue(peek(place)) == nil { throw fault(.escape, place) }
            return offset + 5
        default:
            throw offset < end ? fault(.escape, offset) : fault(.cut, end)
        }
    }

    /// One character of two to four bytes; no overlong forms, no surrogates, nothing beyond U+10FFFF.
    @inline(__always)
    private func multiByte(_ offset: Int) throws(JSONFault) -> Int {
        let second = peek(offset + 1)
        let isWellFormed: Bool
        switch start[offset] {
        case 0xC2...0xDF:
            guard isContinuation(second) else { throw fault(.utf8, offset) }
            return offset + 2
        case 0xE0: isWellFormed = 0xA0...0xBF ~= second
        case 0xED: isWellFormed = 0x80...0x9F ~= second
        case 0xE1...0xEF: isWellFormed = isContinuation(second)
        case 0xF0: isWellFormed = 0x90...0xBF ~= second
        case 0xF1...0xF3: isWellFormed = isContinuation(second)
        case 0xF4: isWellFormed = 0x80...0x8F ~= second
        default: isWellFormed = false
        }
        guard isWellFormed, isContinuation(peek(offset + 2)) else { throw fault(.utf8, offset) }
        if start[offset] < 0xF0 { return offset + 3 }
        guard isContinuation(peek(offset + 3)) else { throw fault(.utf8, offset) }
        return offset + 4
    }

    @inline(__always)
    private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}

func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
