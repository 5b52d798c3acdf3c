/// Tells the bytes of JSON text that belong to strings from those between them.
struct JSONQuotes {
    /// Between two quotation marks.
    private(set) var isInside = false
    private var isEscaped = false

    /// - Returns: whether the byte belongs to a string, its quotation marks included.
    mutating func take(_ byte: UInt8) -> Bool {
        guard isInside else {
            isInside = byte == 0x22
            return isInside
        }
        if isEscaped {
            isEscaped = false
        } else if byte == 0x5C {
            isEscaped = true
        } else {
            isInside = byte != 0x22
        }
        return true
    }
}
