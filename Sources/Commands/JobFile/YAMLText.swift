import Yams

/// Composes a text into nodes. Yams stops at a key that is given twice; to go on and find the other mistakes
/// as well, the earlier of the two is marked in the text and the text is composed again.
struct YAMLText {
    /// A file with more keys given twice is told of these alone.
    private static let mostDuplicates = 50

    private var scalars: [Unicode.Scalar]
    private let duplicateMark: Unicode.Scalar

    init(_ text: String, duplicateMark: Unicode.Scalar) {
        scalars = Array(text.unicodeScalars)
        self.duplicateMark = duplicateMark
    }

    /// Nil when the text is no YAML; the one mistake at which YAML stopped is then told.
    func compose(_ mistakes: MistakeList) -> Node? {
        var text = self
        for _ in 0...Self.mostDuplicates {
            do {
                guard let root = try Yams.compose(yaml: text.string, .default, .default, .utf8) else {
                    mistakes.add(line: 1, key: nil, "the file is empty; jobs/demo.yaml is an example")
                    return nil
                }
                return root
            } catch YamlError.duplicatedKeysInMapping(_, let context) where text.mark(context.mark) {
                continue
            } catch {
                let (line, problem) = Self.explain(error)
                mistakes.add(line: line, key: nil, "is not valid YAML: \(problem)")
                return nil
            }
        }
        mistakes.add(line: 1, key: nil, "more than \(Self.mostDuplicates) keys are given twice")
        return nil
    }

    private var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Puts the mark into the key that stands at this place; false when there is no such place.
    private mutating func mark(_ place: Mark) -> Bool {
        var (line, column) = (1, 1)
        for index in scalars.indices {
            if line == place.line && column == place.column {
                let isQuoted = scalars[index] == "\"" || scalars[index] == "'"
                scalars.insert(duplicateMark, at: isQuoted ? index + 1 : index)
                return true
            }
            (line, column) = Self.isLineEnd(scalars[index]) ? (line + 1, 1) : (line, column + 1)
        }
        return false
    }

    /// What libyaml counts as the end of a line.
    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    /// Line and problem only: the text around it, which Yams would add, may hold a secret.
    private static func explain(_ error: any Error) -> (line: Int, problem: String) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            return (mark.line, [context?.text, problem].compactMap { $0 }.joined(separator: ", "))
        case YamlError.reader(let problem, let offset, _, let yaml):
            let before = yaml.prefix(offset ?? 0)
            return (1 + before.count { $0.isNewline }, problem)
        case YamlError.duplicatedKeysInMapping(_, let context):
            return (context.mark.line, "a key is given twice")
        default:
            return (1, "it cannot be read")
        }
    }
}
