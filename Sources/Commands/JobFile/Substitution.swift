/// Three characters from Unicode's private area that the text does not use, so that they can stand for
/// something while YAML reads it.
struct PrivateMarks {
    let opening: Unicode.Scalar
    let closing: Unicode.Scalar
    let duplicate: Unicode.Scalar

    init(notIn text: String) {
        let used = Set(text.unicodeScalars)
        // The area has 6400 characters; a text that uses all but two of them is no job file, and is then
        // merely read with marks it also uses itself.
        let area = (0xE000...0xF8FF).compactMap(Unicode.Scalar.init).filter { !used.contains($0) }
        let fallback = Unicode.Scalar(0xF8FF as UInt16) ?? "?"
        (opening, closing, duplicate) = (
            area.first ?? fallback, area.dropFirst().first ?? fallback, area.dropFirst(2).first ?? fallback
        )
    }
}

/// `${NAME}` and `${NAME:-default}`. They are taken out before YAML sees the text and put back into its
/// values, so that neither their braces nor what the environment holds can change how the file is read.
struct Substitution {
    struct Problem: Error {
        var words: String
    }

    /// What YAML reads: each `${…}` is a mark around its number.
    let text: String
    private let written: [Substring]
    private let environment: [String: String]
    private let marks: PrivateMarks

    init(_ text: String, environment: [String: String], marks: PrivateMarks) {
        self.environment = environment
        self.marks = marks
        let found = text.matches(of: /\$\{[^}\n]*\}/)
        written = found.map(\.output)
        var (parts, end) = ("", text.startIndex)
        for (number, match) in found.enumerated() {
            parts += text[end..<match.range.lowerBound]
            parts.unicodeScalars.append(marks.opening)
            parts += String(number)
            parts.unicodeScalars.append(marks.closing)
            end = match.range.upperBound
        }
        self.text = parts + text[end...]
    }

    /// The value with what the environment says.
    func replacing(in value: String) -> Result<String, Problem> {
        Result { () throws(Problem) -> String in try rewriting(value, self.value(of:)) }
    }

    /// The text as it was written.
    func restoring(_ value: String) -> String {
        rewriting(value) { (reference) throws(Never) in String(reference) }
    }

    private func rewriting<E: Error>(_ value: String, _ replacement: (Substring) throws(E) -> String) throws(E)
        -> String
    {
        var (result, number): (String, Int?) = ("", nil)
        for scalar in value.unicodeScalars {
            switch scalar {
            case marks.opening: number = 0
            case marks.closing:
                if let number, written.indices.contains(number) { result += try replacement(written[number]) }
                number = nil
            default:
                if let digits = number, let digit = Character(scalar).wholeNumberValue {
                    number = digits * 10 + digit
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    private func value(of reference: Substring) throws(Problem) -> String {
        let inner = reference.dropFirst(2).dropLast()
        guard let match = inner.wholeMatch(of: /([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?/) else {
            throw Problem(words: "\(reference) is no variable; write ${NAME} or ${NAME:-default}")
        }
        let (name, otherwise) = (String(match.1), match.2.map(String.init))
        let found = environment[name]
        // As in the shell, a variable that is set to nothing takes the default as well.
        if let otherwise, found ?? "" == "" { return otherwise }
        guard let found else {
            throw Problem(
                words: "the environment variable \(name) is not set; set it, or write ${\(name):-default}")
        }
        return found
    }
}
