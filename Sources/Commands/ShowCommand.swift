import ArgumentParser
import Planning
import Storage

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The newest version of one record.",
        discussion: ExitCodeHelp.lines([
            .complete, .wrongArguments, .badData, .notInIndex, .cannotCreateOutput, .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Argument(help: "The stream.")
    var stream: String

    @Argument(help: "The record's key.")
    var id: String

    @Flag(help: "Every version, oldest first.")
    var history = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        let reader = VersionReader(
            index: index, account: job.account, output: job.output.directory, disk: world.disk)
        let lines = try reader.lines(stream: stream, key: RecordKey(id), history: history)
        guard !lines.isEmpty || Catalogue.stream(named: stream) != nil else {
            throw Stop(.notInIndex, "there is no stream \(stream)", hint: "see pipesnap streams")
        }
        guard !lines.isEmpty else {
            throw Stop(
                .notInIndex, "the index has no record \(id) in stream \(stream)",
                hint: "see pipesnap status for what is covered")
        }
        let pruned = history ? try index.prunedBefore()[stream] : nil
        try Console.output(common.json ? document(lines, pruned) : text(lines))
        if let pruned, !common.json, Console.isErrorTerminal {
            Console.log("info", "versions of \(stream) that were superseded before \(pruned) were pruned")
        }
    }

    private func text(_ lines: [[UInt8]]) -> String {
        lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    /// The lines are JSON objects already and stay as they are, to the byte.
    private func document(_ lines: [[UInt8]], _ pruned: Instant?) throws -> String {
        let versions = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",\n  ")
        let (stream, id) = (try JSONText.compact(stream), try JSONText.compact(id))
        let before = pruned.map { "\"pruned_before\": \"\($0)\", " } ?? ""
        return "{\"stream\": \(stream), \"id\": \(id), \(before)\"versions\": [\n  \(versions)\n]}"
    }
}
