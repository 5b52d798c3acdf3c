/// One line of the table of what can be asked.
package struct Endpoint: Sendable {
    enum Paging: Sendable {
        /// v2: a key in the cursor.
        case cursor
        /// v1: `additional_data.pagination`.
        case offset
        /// v1 leads: the same members directly in `additional_data`, and no `next_start`.
        case bareOffset
        /// Everything at once.
        case whole
        /// One object, not a list.
        case single
    }

    enum Parameter: Sendable, Hashable {
        case integer(String)
        case flag(String)
        case numberFlag(String)
        case text(String)
        case date(String)
        case choices(String, [String])
        case updatedSince, updatedUntil
        case limit, cursor, start
        case identifiers, customFields
        case sortBy([String])
        /// v1: `field ASC, field2 DESC`.
        case sort([String])
    }

    package let version: Int
    /// Without its prefix, as in the official descriptions.
    package let path: String
    package let priceTokens: Int
    let kind: RecordKind
    let paging: Paging
    var parameters: [Parameter] = []
    /// Lists archived records instead of the others.
    var isArchive = false

    init(
        _ version: Int, _ path: String, _ kind: RecordKind, price: Int, _ paging: Paging,
        _ parameters: [Parameter] = [],
        isArchive: Bool = false
    ) {
        self.version = version
        self.path = path
        self.kind = kind
        priceTokens = price
        self.paging = paging
        self.parameters = parameters
        self.isArchive = isArchive
    }

    /// v2 is strict about `limit`; v1 silently cuts it.
    static let defaultLimit = 100
    static let maximumLimit = 500
    static let maximumIdentifiers = 100
    static let maximumCustomFields = 15

    /// The endpoint of a full path; v1 answers under both of its prefixes.
    static func find(_ path: String) -> Endpoint? {
        for (prefix, version) in [("/api/v2", 2), ("/api/v1", 1), ("/v1", 1)] where path.hasPrefix(prefix + "/") {
            return table.first { $0.version == version && $0.path == path.dropFirst(prefix.count) }
        }
        return nil
    }
}

extension Endpoint.Parameter {
    /// The names in the query that this rule covers.
    var names: [String] {
        switch self {
        case .integer(let name), .flag(let name), .numberFlag(let name), .text(let name), .date(let name),
            .choices(let name, _):
            [name]
        case .updatedSince: ["updated_since"]
        case .updatedUntil: ["updated_until"]
        case .limit: ["limit"]
        case .cursor: ["cursor"]
        case .start: ["start"]
        case .identifiers: ["ids"]
        case .customFields: ["custom_fields"]
        case .sortBy: ["sort_by", "sort_direction"]
        case .sort: ["sort"]
        }
    }
}
