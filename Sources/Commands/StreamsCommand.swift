import ArgumentParser
import Planning

struct StreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams", abstract: "What can be pulled: endpoint, cost per page, paging, incremental or not.",
        discussion: ExitCodeHelp.lines([.complete, .wrongArguments]))

    @OptionGroup var common: CommonOptions

    func run() throws {
        let rows = Catalogue.streams.flatMap(StreamRow.rows)
        guard !common.json else { return Console.output(try JSONText.pretty(rows)) }
        let head = ["stream", "group", "list", "tokens", "page", "paging", "incremental", "key", "kept", "needs"]
        Console.output(Table.lines([head] + rows.map(\.cells)).joined(separator: "\n"))
    }
}

/// One list of the catalogue, for people and for programs.
private struct StreamRow: Encodable {
    var stream: String
    var group: String
    var endpoint: String
    var tokensPerPage: Int
    var pageLimit: Int?
    var paging: String
    var incremental: Bool
    var timeFilter: String
    var key: String
    /// For lists that are read as a whole: how old the copy may be.
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
                key: stream.keyMember, timeToLiveSeconds: list.timeToLiveSeconds, feature: stream.needs?.feature,
                scope: stream.needs?.scope)
        }
    }

    private var kept: String {
        timeToLiveSeconds.map { $0 % 86_400 == 0 ? "\($0 / 86_400) d" : "\($0 / 3600) h" } ?? ""
    }

    private var needs: String {
        [feature, scope.map { "scope \($0)" }].compactMap { $0 }.joined(separator: "; ")
    }

    var cells: [String] {
        [
            stream, group, endpoint, String(tokensPerPage), pageLimit.map(String.init) ?? "all", paging, timeFilter,
            key, kept, needs,
        ]
    }
}

extension TimeFilter {
    fileprivate var words: String {
        switch self {
        case .sinceAndUntil: "updated_since, updated_until"
        case .since: "updated_since"
        case .newestFirst: "newest first"
        case .none: "no: listed whole"
        }
    }
}
