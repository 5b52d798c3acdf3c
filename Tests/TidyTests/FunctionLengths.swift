/// A function with a body, and how many lines it takes from its first word to its closing brace.
struct FunctionSpan: Hashable {
    var line: Int
    var lineCount: Int
}

extension SourceFile {
    /// Functions, initialisers, deinitialisers and subscripts that have a body.
    var functions: [FunctionSpan] {
        var words = WordReader(Array(code.utf8))
        var spans: [FunctionSpan] = []
        while let word = words.next() {
            guard ["func", "init", "deinit", "subscript"].contains(word.text), !word.isMember else { continue }
            if let lastLine = words.endOfBody() {
                spans.append(FunctionSpan(line: word.line, lineCount: lastLine - word.line + 1))
            }
        }
        return spans
    }
}

/// Walks through code word by word. Looking for the end of a body does not move it, so that functions inside
/// functions are seen as well.
private struct WordReader {
    struct Word {
        var text: String
        var line: Int
        /// Reached through a dot, as in `self.init`, and so a call; or in backquotes, and so a name.
        var isMember: Bool
    }

    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Word? {
        while at < bytes.count, !Self.isWordByte(bytes[at]) { advance() }
        guard at < bytes.count else { return nil }
        let start = at
        while at < bytes.count, Self.isWordByte(bytes[at]) { advance() }
        let isMember = start > 0 && Array(".`".utf8).contains(bytes[start - 1])
        return Word(text: String(decoding: bytes[start..<at], as: UTF8.self), line: line, isMember: isMember)
    }

    /// The line of the brace that closes the body of the declaration read last; nil when it has none, as in a
    /// protocol: the next declaration, or the protocol's own end, then comes first.
    func endOfBody() -> Int? {
        var (reader, depth, braces) = (self, 0, 0)
        while reader.at < reader.bytes.count {
            switch reader.bytes[reader.at] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"):
                braces -= 1
                // Braces within the parameters are default values.
                if braces < 0 { return nil }
                if braces == 0 && depth == 0 { return reader.line }
            case UInt8(ascii: "\n") where depth == 0 && braces == 0:
                if reader.nextLineDeclares() { return nil }
            default: break
            }
            reader.advance()
        }
        return nil
    }

    private func nextLineDeclares() -> Bool {
        let rest = bytes[(at + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        let words = rest.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let starts = [
            "func", "init", "var", "let", "static", "mutating", "package", "private", "struct", "enum", "class",
            "subscript", "associatedtype", "case", "@discardableResult", "extension", "typealias",
        ]
        return words.first.map { word in starts.contains { word == $0 || word.hasPrefix("\($0)(") } } ?? false
    }

    private mutating func advance() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 || byte > 127
    }
}
