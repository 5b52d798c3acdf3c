import Yams

/// From the bytes of a job file to its nodes. YAML's own mistakes are told here: syntax, keys given twice,
/// variables that are not set.
struct JobDocument {
    /// More nodes than any job file has; aliases of aliases could otherwise grow without end.
    private static let mostNodes = 10_000

    private let substitution: Substitution
    private let duplicateMark: Unicode.Scalar
    private let mistakes: MistakeList
    private var nodeCount = 0

    /// Nil when there is nothing to decode; the reason is then among the mistakes.
    static func parse(_ bytes: [UInt8], environment: [String: String], mistakes: MistakeList) -> JobNode? {
        guard let text = text(of: bytes, mistakes) else { return nil }
        let marks = PrivateMarks(notIn: text)
        let substitution = Substitution(text, environment: environment, marks: marks)
        guard let root = YAMLText(substitution.text, duplicateMark: marks.duplicate).compose(mistakes) else {
            return nil
        }
        var document = JobDocument(substitution, duplicateMark: marks.duplicate, mistakes)
        let node = document.node(root, key: nil)
        return document.nodeCount > mostNodes ? nil : node
    }

    private init(_ substitution: Substitution, duplicateMark: Unicode.Scalar, _ mistakes: MistakeList) {
        self.substitution = substitution
        self.duplicateMark = duplicateMark
        self.mistakes = mistakes
    }

    private static func text(of bytes: [UInt8], _ mistakes: MistakeList) -> String? {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let body = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
        if let text = String(validating: body, as: UTF8.self) {
            // YAML and every editor count this pair as one line end.
            return String(text.map { $0 == "\r\n" ? "\n" : $0 })
        }
        // No character of several bytes holds a line end, so the first bad line can be found line by line.
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        mistakes.add(line: bad + 1, key: nil, "is not UTF-8 text; save the file as UTF-8")
        return nil
    }
}

extension JobDocument {
    private mutating func node(_ node: Node, key: String?) -> JobNode {
        let line = node.mark?.line ?? 1
        nodeCount += 1
        guard nodeCount <= Self.mostNodes else {
            mistakes.add(line: 1, key: nil, "holds more than \(Self.mostNodes) values; a job file needs a few dozen")
            return JobNode(line: line, content: .broken)
        }
        let content: JobNode.Content =
            switch node {
            case .scalar(let scalar): self.scalar(scalar, line: line, key: key)
            case .sequence(let sequence): .list(sequence.map { self.node($0, key: key) })
            case .mapping(let mapping): .mapping(entries(mapping, under: key))
            case .alias: .broken
            }
        return JobNode(line: line, content: content)
    }

    private func scalar(_ scalar: Node.Scalar, line: Int, key: String?) -> JobNode.Content {
        switch substitution.replacing(in: scalar.string) {
        case .failure(let problem):
            mistakes.add(line: line, key: key, problem.words)
            return .broken
        case .success(let text):
            // A scalar with neither quotes nor a tag is typed by its text, after the replacement, as if it
            // had been written so.
            let written = scalar.tag.rawValue
            let tag = written.isEmpty ? Node(text).tag.rawValue : written
            return .scalar(
                JobNode.Scalar(text: text, kind: JobNode.Kind(tag: tag), isSubstituted: text != scalar.string))
        }
    }

    private mutating func entries(_ mapping: Node.Mapping, under parent: String?) -> [JobNode.Entry] {
        var entries: [JobNode.Entry] = []
        for (keyNode, valueNode) in mapping {
            let line = keyNode.mark?.line ?? 1
            guard let scalar = keyNode.scalar else {
                mistakes.add(line: line, key: parent, "a key must be a plain word")
                continue
            }
            let key = name(scalar)
            let path = parent.map { "\($0).\(key)" } ?? key
            if key == "<<" {
                mistakes.add(line: line, key: path, "merge keys are not understood; write the keys out")
            } else if let first = entries.first(where: { $0.key == key }) {
                mistakes.add(line: line, key: path, "is given twice; it already stands on line \(first.keyLine)")
            } else {
                entries.append(JobNode.Entry(key: key, keyLine: line, value: node(valueNode, key: path)))
            }
        }
        return entries
    }

    /// Keys are not replaced from the environment, and lose the mark that let YAML accept them twice.
    private func name(_ scalar: Node.Scalar) -> String {
        var scalars = substitution.restoring(scalar.string).unicodeScalars
        scalars.removeAll { $0 == duplicateMark }
        return String(scalars)
    }
}

extension JobNode.Kind {
    fileprivate init(tag: String) {
        switch tag.replacing("tag:yaml.org,2002:", with: "") {
        case "str", "!": self = .text
        case "int": self = .integer
        case "float": self = .number
        case "bool": self = .boolean
        case "null": self = .nothing
        case "timestamp": self = .time
        default: self = .other
        }
    }
}
