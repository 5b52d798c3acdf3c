import ArgumentParser
import Planning

struct StreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams", abstract: "What can be pulled: endpoint, cost per page, paging, incremental or not.",
        discussion: ExitCodeHelp.lines([.complete, .wrongArguments]))

    @Option(help: "text, or markdown: the table of the manual.")
    var format = Format.text

    @OptionGroup var common: CommonOptions

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, markdown
    }

    func run() throws {
        let rows = Catalogue.streams.flatMap(StreamRow.rows)
        if common.json { return try Console.output(JSONText.pretty(rows)) }
        let lines = format == .markdown ? StreamRow.markdown : Table.lines([StreamRow.heads] + rows.map(\.cells))
        try Console.output(lines.joined(separator: "\n"))
    }
}
