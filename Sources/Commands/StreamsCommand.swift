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
        let head = ["stream", "group", "list", "tokens", "page", "paging", "incremental", "key"]
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

    static func rows(_ stream: StreamSpec) -> [StreamRow] {
        stream.lists.map { list in
            StreamRow(
                stream: stream.name, group: stream.group.rawValue, endpoint: "GET \(list.path)",
                tokensPerPage: list.priceTokens, pageLimit: list.pageLimit > 0 ? list.pageLimit : nil,
                paging: list.paging.rawValue, incremental: list.timeFilter != .none, timeFilter: list.timeFilter.words,
                key: stream.keyMember)
        }
    }

    var cells: [String] {
        [stream, group, endpoint, String(tokensPerPage), pageLimit.map(String.init) ?? "all", paging, timeFilter, key]
    }
}

extension TimeFilter {
    fileprivate var words: String {
        switch self {
        case .sinceAndUntil: "updated_since, updated_until"
        case .since: "updated_since"
        case .none: "no: listed whole"
        }
    }
}
