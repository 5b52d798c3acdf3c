/// Adds a copy of a JSON text to `target`, leaving out white space outside strings: a record must stay one line,
/// and nothing else of it may change. The text is known to be valid.
package func compactJSON(_ text: UnsafeRawBufferPointer, into target: inout [UInt8]) {
    target.reserveCapacity(target.count + text.count)
    // What is kept is copied in runs: from the last white space to the next.
    var runStart = 0
    var position = 0
    while position < text.count {
        switch text[position] {
        case UInt8(ascii: "\""):
            position = endOfString(text, from: position)
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
            target.append(contentsOf: text[runStart..<position])
            position += 1
            runStart = position
        default:
            position += 1
        }
    }
    target.append(contentsOf: text[runStart..<position])
}

/// The offset after the closing quote of the string that opens at `start`; the text's end where there is none.
package func endOfString(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start + 1
    while position < text.count {
        switch text[position] {
        case UInt8(ascii: "\""): return position + 1
        case UInt8(ascii: "\\"): position += 2
        default: position += 1
        }
    }
    return text.count
}
