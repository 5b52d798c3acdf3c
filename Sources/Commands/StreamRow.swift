import Planning

/// One list of the catalogue, for people and for programs.
struct StreamRow: Encodable {
    var stream: String
    var group: String
    var endpoint: String
    var tokensPerPage: Int
    var pageLimit: Int?
    var paging: String
    var incremental: Bool
    var timeFilter: String
    /// The stream under whose records those of this one hang.
    var parent: String?
    var key: String
    /// For lists that are read as a whole, and for children that change without their parents: how old the copy may
    /// be.
    var timeToLiveSeconds: Int64?
    /// A plan, an add-on or a right beyond an ordinary user's.
    var feature: String?
    /// What an app's token must be allowed.
    var scope: String?

    static func rows(_ stream: StreamSpec) -> [StreamRow] {
        stream.lists.map { list in
            StreamRow(
                stream: stream.name, group: stream.group.rawValue, endpoint: "GET \(list.path)",
                tokensPerPage: list.priceTokens, pageLimit: list.pageLimit > 0 ? list.pageLimit : nil,
                paging: list.paging.rawValue, incremental: list.timeFilter != .none, timeFilter: list.timeFilter.words,
                parent: stream.parent?.stream, key: stream.keyWords,
                timeToLiveSeconds: list.timeToLiveSeconds ?? stream.parent?.renewalSeconds,
                feature: stream.needs?.feature, scope: stream.needs?.scope)
        }
    }

    static let heads = [
        "stream", "group", "list", "tokens", "page", "paging", "incremental", "parent", "key", "kept", "needs",
    ]

    private var kept: String {
        timeToLiveSeconds.map { $0 % 86_400 == 0 ? "\($0 / 86_400) d" : "\($0 / 3600) h" } ?? ""
    }

    private var needs: String {
        [feature, scope.map { "scope \($0)" }].compactMap { $0 }.joined(separator: "; ")
    }

    var cells: [String] {
        [
            stream, group, endpoint, String(tokensPerPage), pageLimit.map(String.init) ?? "all", paging, timeFilter,
            parent ?? "", key, kept, needs,
        ]
    }
}

extension StreamRow {
    /// The table of the manual: one row a stream, whose lists stand together where they differ.
    static var markdown: [String] {
        let body = Catalogue.streams.map { stream -> [String] in
            let lists = StreamRow.rows(stream).map(\.cells)
            return heads.indices.map { column in
                let cells = lists.map { $0[column] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
                return cells.joined(separator: ", ")
            }
        }
        let rule = heads.map { ["tokens", "page"].contains($0) ? "--:" : "---" }
        return ([heads, rule] + body).map { "| \($0.joined(separator: " | ")) |" }
    }
}

extension TimeFilter {
    fileprivate var words: String {
        switch self {
        case .sinceAndUntil: "updated_since, updated_until"
        case .since: "updated_since"
        case .newestFirst: "newest first"
        case .parents: "for the parents that changed"
        case .none: "no: listed whole"
        }
    }
}
