import ArgumentParser
import Planning
import Storage

struct CompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Merge the many small files of days or months that are over into few.",
        discussion: ExitCodeHelp.lines([
            .complete, .alreadyRunning, .wrongArguments, .badData, .notInIndex, .brokenInvariant, .cannotCreateOutput,
            .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: "Only files of this stream.")
    var stream: String?

    @Option(help: "Which files are merged with one another: those of one day or of one month (UTC).")
    var by = MergePeriod.month

    @Flag(help: "Say what would be done, and touch nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        if let stream { try index.require(stream: stream) }
        let options = CompactOptions(stream: stream, period: by, rollAtBytes: job.output.rollAtBytes)
        let report =
            dryRun
            ? try Vault.surveyCompacting(options, index: index, folders: folder.folders, now: world.now)
            : try compact(options, job, world)
        try common.tell(report)
    }

    private func compact(_ options: CompactOptions, _ job: Job, _ world: World) throws -> CompactReport {
        let progress = ProgressLine()
        defer { progress.clear() }
        let vault = try world.vault(for: job, progress)
        defer { vault.close() }
        return try vault.compact(options, reader: World.objectReader) {
            progress.show("merging files · \($0.replacedCount.counted("file")) so far")
        }
    }
}

extension MergePeriod: ExpressibleByArgument {}

extension Index {
    /// Throws for a name that is no stream, of the catalogue or of the account.
    func require(stream: String) throws {
        guard try Catalogue.stream(named: stream) != nil || keptStreams().contains(stream) else {
            throw Stop(.notInIndex, "there is no stream \(stream)", hint: "see pipesnap streams")
        }
    }
}

extension CompactReport: ChangeReport {
    var text: String {
        guard !merged.isEmpty else { return "account \(account) has no files to merge" }
        let verb = isDryRun ? "would become" : "became"
        let lines = merged.map { "\($0.path): from \($0.replaced.count.counted("file"))" }
        return "\(replacedCount.counted("file")) of account \(account) \(verb) \(merged.count)\n"
            + lines.joined(separator: "\n")
    }
}
