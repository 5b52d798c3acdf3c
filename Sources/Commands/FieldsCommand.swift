import ArgumentParser
import Planning
import Storage

struct FieldsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields",
        abstract: "What every field and option is called, was called before, and since when.",
        discussion: ExitCodeHelp.lines([
            .complete, .wrongArguments, .badData, .notInIndex, .cannotCreateOutput, .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: "Only the fields of this stream, deals, or of its definitions, deal_fields.")
    var stream: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let chosen = try stream.map(definitions)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        let fields = try chosen?.flatMap { try index.fields(of: $0) } ?? index.fields()
        guard !fields.isEmpty else {
            throw Stop(
                .notInIndex, "no definitions of fields have been pulled yet",
                hint: "name \(chosen?.first ?? "the group metadata") among the job's streams and run it")
        }
        try Console.output(common.json ? JSONText.pretty(fields) : text(fields))
    }

    private func definitions(of stream: String) throws -> [String] {
        if Catalogue.stream(named: stream)?.definesFieldsOf != nil { return [stream] }
        let definitions = Catalogue.definitions(of: stream)
        guard definitions.isEmpty else { return definitions }
        throw Stop(
            .notInIndex, "there are no definitions of the fields of \(stream)",
            hint: "there are some for \(Catalogue.definitions.map(\.entity).sorted().joined(separator: ", "))")
    }

    private func text(_ fields: [FieldHistory]) -> String {
        let head = ["stream", "field", "option", "type", "name", "since", "until", "earlier names"]
        return Table.lines([head] + fields.flatMap(\.rows)).joined(separator: "\n")
    }
}

extension FieldHistory {
    /// The field, then its options.
    fileprivate var rows: [[String]] {
        [row(option: "", names, now: name, earlierNames)]
            + options.map {
                row(option: $0.id, $0.labels, now: $0.label, Self.earlier($0.labels, now: $0.label))
            }
    }

    private func row(option: String, _ periods: [Period], now name: String, _ earlier: [String]) -> [String] {
        [
            stream, key, option, option.isEmpty ? type : "", name, periods.last?.since ?? "", periods.last?.until ?? "",
            earlier.joined(separator: ", "),
        ]
    }
}
