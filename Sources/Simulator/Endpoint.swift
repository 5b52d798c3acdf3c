/// One line of the table of what can be asked.
package struct Endpoint: Sendable {
    enum Paging: Sendable {
        /// v2: a key in the cursor.
        case cursor
        /// v2 installments: the cursor comes only when more follow; the official example has no word of it.
        case rareCursor
        /// v1 changelogs: newest first, with a cursor although v1.
        case logCursor
        /// v1: `additional_data.pagination`.
        case offset
        /// v1 leads: the same members directly in `additional_data`, and no `next_start`.
        case bareOffset
        /// v1 mail threads: start and limit are taken, but no word is said about what follows.
        case silentOffset
        /// Everything at once.
        case whole
        /// v2 boards and phases: everything at once, and `additional_data` is null.
        case wholeWithNull
        /// One object, not a list.
        case single
        /// The caller.
        case me
    }

    enum Parameter: Sendable, Hashable {
        case integer(String)
        case flag(String)
        case numberFlag(String)
        case text(String)
        case date(String)
        /// One of these values.
        case choice(String, [String])
        /// A comma list of these values.
        case choices(String, [String])
        case updatedSince, updatedUntil
        case limit, cursor, start
        /// Comma lists of at most a hundred ids.
        case identifiers, parents
        case customFields
        case sortBy([String])
        /// v1: `field ASC, field2 DESC`.
        case sort([String])
        /// Taken and silently disregarded.
        case ignored(String)
    }

    package let version: Int
    /// Without its prefix, as in the official descriptions.
    package let path: String
    package let priceTokens: Int
    /// What it lists.
    package let kind: RecordKind
    let paging: Paging
    var parameters: [Parameter] = []
    /// Lists archived records instead of the others.
    var isArchive = false
    /// Names of parameters without which the request is refused.
    package var required: [String] = []
    /// v1 silently cuts a greater one, v2 refuses it.
    package var maximumLimit = 500

    init(
        _ version: Int, _ path: String, _ kind: RecordKind, price: Int, _ paging: Paging,
        _ parameters: [Parameter] = [], isArchive: Bool = false, required: [String] = [], maximumLimit: Int = 500
    ) {
        self.version = version
        self.path = path
        self.kind = kind
        priceTokens = price
        self.paging = paging
        self.parameters = parameters
        self.isArchive = isArchive
        self.required = required
        self.maximumLimit = maximumLimit
    }

    static let defaultLimit = 100
    static let maximumIdentifiers = 100
    static let maximumCustomFields = 15

    /// Whether the path names a record: `/deals/{id}/flow`.
    package var hasIdentifier: Bool { path.contains("{id}") }

    /// The names of all parameters that it takes.
    package var parameterNames: [String] { parameters.flatMap(\.names) }

    /// An endpoint, and the id that stood in the path.
    struct Match {
        let endpoint: Endpoint
        var identifier: String?
    }

    /// The endpoint of a full path; v1 answers under both of its prefixes.
    static func find(_ path: String) -> Match? {
        for (prefix, version) in [("/api/v2", 2), ("/api/v1", 1), ("/v1", 1)] where path.hasPrefix(prefix + "/") {
            let rest = String(path.dropFirst(prefix.count))
            if let exact = plain["\(version)\(rest)"] { return Match(endpoint: exact) }
            let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count > 2, !parts[2].isEmpty else { return nil }
            let template = (parts[..<2] + ["{id}"] + parts[3...]).joined(separator: "/")
            return plain["\(version)\(template)"].map { Match(endpoint: $0, identifier: String(parts[2])) }
        }
        return nil
    }

    /// The path with its id left out, so that thousands of children are counted as one list.
    static func template(_ path: String) -> String {
        guard let id = find(path)?.identifier else { return path }
        return path.replacing("/\(id)", with: "/{id}", maxReplacements: 1)
    }

    private static let plain = Dictionary(uniqueKeysWithValues: table.map { ("\($0.version)\($0.path)", $0) })
}

extension Endpoint.Parameter {
    /// The names in the query that this rule covers.
    var names: [String] {
        switch self {
        case .integer(let name), .flag(let name), .numberFlag(let name), .text(let name), .date(let name),
            .choice(let name, _), .choices(let name, _), .ignored(let name):
            [name]
        case .updatedSince: ["updated_since"]
        case .updatedUntil: ["updated_until"]
        case .limit: ["limit"]
        case .cursor: ["cursor"]
        case .start: ["start"]
        case .identifiers: ["ids"]
        case .parents: ["deal_ids"]
        case .customFields: ["custom_fields"]
        case .sortBy: ["sort_by", "sort_direction"]
        case .sort: ["sort"]
        }
    }
}
