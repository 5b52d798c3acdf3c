/// One node of a job file, with its line: YAML without the parts a job file has no use for.
struct JobNode {
    var line: Int
    var content: Content

    enum Content {
        case scalar(Scalar)
        case list([JobNode])
        case mapping([Entry])
        /// Already told as a mistake; whoever meets it says nothing more.
        case broken
    }

    struct Scalar {
        var text: String
        var kind: Kind
        /// The environment had a part in it, so it may be a secret and is not repeated in messages.
        var isSubstituted: Bool
    }

    /// What YAML takes a scalar for.
    enum Kind: Hashable {
        case text
        case integer
        case number
        case boolean
        case nothing
        /// Unquoted, and of the form of a date or time.
        case time
        case other
    }

    struct Entry {
        var key: String
        var keyLine: Int
        var value: JobNode
    }

    /// A key with nothing after it.
    var isNothing: Bool {
        if case .scalar(let scalar) = content { scalar.kind == .nothing } else { false }
    }

    var isBroken: Bool {
        if case .broken = content { true } else { false }
    }

    /// How a message names what is there. The text itself is left out when it came from the environment.
    var inWords: String {
        switch content {
        case .broken: "nothing"
        case .list: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar): isNothing ? "nothing" : scalar.inWords
        }
    }
}

extension JobNode.Scalar {
    /// The longest piece of a value that a message repeats.
    private static let longestRepeated = 40

    fileprivate var inWords: String {
        let noun =
            switch kind {
            case .text: "the text"
            case .integer: "the integer"
            case .number: "the number"
            case .boolean: "the YAML boolean"
            case .time: "the YAML time"
            case .nothing, .other: "the value"
            }
        return isSubstituted ? "\(noun) from the environment" : "\(noun) \(repeated)"
    }

    private var repeated: String {
        let short = text.count > Self.longestRepeated ? text.prefix(Self.longestRepeated) + "…" : text[...]
        let visible = String(short.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return kind == .text ? "\"\(visible)\"" : visible
    }
}
