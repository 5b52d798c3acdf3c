extension SourceFile {
    /// The same text with comments, the contents of strings and regular expressions blanked, byte for byte, so
    /// that lines stay where they are. Code inside `\(…)` is blanked with its string.
    var code: String { String(decoding: Blanker(Array(text.utf8)).blanked(), as: UTF8.self) }
}

/// Knows just enough of Swift's lexical grammar to tell code from what is none.
private struct Blanker {
    private let bytes: [UInt8]
    private var result: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { (self.bytes, result) = (bytes, bytes) }

    func blanked() -> [UInt8] {
        var copy = self
        while copy.at < bytes.count { copy.step() }
        return copy.result
    }

    private mutating func step() {
        if sees("//") {
            while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank() }
        } else if sees("/*") {
            blockComment()
        } else if let hashes = stringHashes() {
            string(hashes: hashes)
        } else if beginsRegex() {
            regex()
        } else {
            at += 1
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if sees("/*") { depth += 1 } else if sees("*/") { depth -= 1 }
            blank(sees("/*") || sees("*/") ? 2 : 1)
        } while depth > 0 && at < bytes.count
    }

    /// How many `#` open the string that begins here; nil when none does.
    private func stringHashes() -> Int? {
        var end = at
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - at : nil
    }

    private mutating func string(hashes: Int) {
        blank(hashes)
        let quote = sees("\"\"\"") ? "\"\"\"" : "\""
        let close = quote + String(repeating: "#", count: hashes)
        let escape = "\\" + String(repeating: "#", count: hashes)
        blank(quote.utf8.count)
        while at < bytes.count, !sees(close) {
            if sees(escape + "(") {
                blank(escape.utf8.count + 1)
                interpolation()
            } else {
                blank(sees(escape) ? escape.utf8.count + 1 : 1)
            }
        }
        blank(close.utf8.count)
    }

    private mutating func interpolation() {
        var depth = 1
        while depth > 0, at < bytes.count {
            if let hashes = stringHashes() {
                string(hashes: hashes)
                continue
            }
            if sees("(") { depth += 1 } else if sees(")") { depth -= 1 }
            blank()
        }
    }

    /// A slash where no operator can stand, that closes on the same line.
    private func beginsRegex() -> Bool {
        guard sees("/"), at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: " ") else { return false }
        let before = bytes[..<at].last { $0 != UInt8(ascii: " ") } ?? UInt8(ascii: "\n")
        guard Array("(,=:[\n".utf8).contains(before) else { return false }
        let rest = bytes[(at + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        return rest.contains(UInt8(ascii: "/"))
    }

    private mutating func regex() {
        blank()
        while at < bytes.count, !sees("/"), !sees("\n") { blank(sees("\\") ? 2 : 1) }
        if sees("/") { blank() }
    }

    private func sees(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] != UInt8(ascii: "\n") { result[at] = UInt8(ascii: " ") }
            at += 1
        }
    }
}
