/// One value of the job file, to be read as what its key wants. Every reader gives nil when the value is
/// wrong, after telling so.
struct Field {
    let path: String
    let line: Int
    let node: JobNode
    let mistakes: MistakeList

    func tell(_ problem: String) { mistakes.add(line: line, key: path, problem) }

    /// One item of a list, which has the list's key and a line of its own.
    func item(_ node: JobNode) -> Field { Field(path: path, line: node.line, node: node, mistakes: mistakes) }

    /// The value as a mapping.
    var section: Section { Section(node, path: path, line: line, mistakes: mistakes) }

    /// Whatever YAML takes it for; nil for lists and mappings.
    var scalar: JobNode.Scalar? {
        if case .scalar(let scalar) = node.content { scalar } else { nil }
    }

    func integer(_ range: ClosedRange<Int>) -> Int? {
        guard let scalar, scalar.kind == .integer else {
            let unquoted = scalar?.kind == .text && Int(scalar?.text ?? "") != nil ? "; take the quotes away" : ""
            tell("must be an integer, not \(node.inWords)\(unquoted)")
            return nil
        }
        // YAML also knows octal, hexadecimal, binary and base 60; in a job file they would be slips.
        guard scalar.text.wholeMatch(of: /-?(?:0|[1-9][0-9_]*)/) != nil else {
            tell("must be a plain decimal integer, not \(node.inWords)")
            return nil
        }
        guard let value = Int(scalar.text.filter { $0 != "_" }), range.contains(value) else {
            tell(Self.outside(range))
            return nil
        }
        return value
    }

    /// Text on one line, not empty. `isSecret` keeps it out of messages.
    func text(isSecret: Bool = false) -> String? {
        guard let scalar, scalar.kind == .text else {
            let quotes = scalar == nil ? "" : "; put it in quotes"
            tell(isSecret ? "must be text\(quotes)" : "must be text, not \(node.inWords)\(quotes)")
            return nil
        }
        guard !scalar.text.isEmpty else {
            tell("must not be empty")
            return nil
        }
        guard scalar.text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            tell("must not hold line ends or other control characters")
            return nil
        }
        return scalar.text
    }

    /// A value with a form of its own: a duration, a size, a time. YAML may take some of them for numbers or
    /// times of its own, `10:30` for 630, so the text is looked at and not the kind.
    func formed(_ expected: String) -> String? {
        if let scalar, [.text, .integer, .time, .number].contains(scalar.kind) { return scalar.text }
        tell("must be \(expected), not \(node.inWords)")
        return nil
    }

    func mismatch<Value>(_ expected: String) -> Value? {
        tell("must be \(expected), not \(node.inWords)")
        return nil
    }

    func list(example: String) -> [JobNode]? {
        guard case .list(let nodes) = node.content else {
            tell("must be a list, for example \(example), not \(node.inWords)")
            return nil
        }
        guard !nodes.isEmpty else {
            tell("must not be empty; write for example \(example)")
            return nil
        }
        return nodes
    }

    static func outside(_ range: ClosedRange<Int>) -> String {
        "must be between \(range.lowerBound) and \(range.upperBound)"
    }
}
