/// Decodes what stands between the quotes of a valid JSON string; nil for half a surrogate pair, which no text
/// can hold: two such keys would become one.
func decodedText(_ bytes: some RandomAccessCollection<UInt8>) -> String? {
    guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
    var decoder = EscapeDecoder(bytes: Array(bytes))
    return decoder.text()
}

private struct EscapeDecoder {
    let bytes: [UInt8]
    private var position = 0
    private var decoded: [UInt8] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func text() -> String? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != UInt8(ascii: "\\") {
                decoded.append(byte)
            } else if !escape() {
                return nil
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private mutating func escape() -> Bool {
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): return unicode()
        default: decoded.append(letter)
        }
        return true
    }

    private mutating func unicode() -> Bool {
        var code = fourDigits()
        if 0xD800..<0xDC00 ~= code {
            guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return false }
            position += 2
            let low = fourDigits()
            guard 0xDC00..<0xE000 ~= low else { return false }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { return false }
        decoded.append(contentsOf: String(Character(scalar)).utf8)
        return true
    }

    private mutating func fourDigits() -> UInt32 {
        defer { position += 4 }
        return bytes[position..<position + 4].reduce(0) { $0 << 4 | (hexValue($1) ?? 0) }
    }
}
