import ArgumentParser
import Planning
import Storage

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove versions that were superseded long ago; never the newest of a record.",
        discussion: ExitCodeHelp.lines([
            .complete, .alreadyRunning, .wrongArguments, .badData, .notInIndex, .brokenInvariant, .cannotCreateOutput,
            .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(
        help: ArgumentHelp(
            "How far back every version stays: 90d, 12h. What was superseded before that goes.", valueName: "duration"))
    var keep: String

    @Option(help: "Only versions of this stream.")
    var stream: String?

    @Flag(help: "Say what would go, and touch nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    /// A hundred years; longer spans are slips, and would run over.
    private static let longestSeconds: Int64 = 36_500 * 86_400

    func run() throws {
        let world = World()
        let keepSeconds = try keepSeconds()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        if let stream { try require(stream, index) }
        let options = PruneOptions(
            stream: stream, keepSeconds: keepSeconds, now: world.now, compressionLevel: job.output.compressionLevel)
        let report =
            dryRun
            ? try Vault.surveyPruning(options, index: index, folders: folder.folders)
            : try prune(options, job, world)
        try common.tell(report)
    }

    private func prune(_ options: PruneOptions, _ job: Job, _ world: World) throws -> PruneReport {
        let progress = ProgressLine()
        defer { progress.clear() }
        let vault = try world.vault(for: job, progress)
        defer { vault.close() }
        return try vault.prune(options, reader: World.objectReader) {
            progress.show(
                "pruning \($0.streams.last?.stream ?? "") · \($0.versions.counted("version")) of "
                    + "\($0.files.counted("file")) so far")
        }
    }

    private func require(_ stream: String, _ index: Index) throws {
        try index.require(stream: stream)
        guard Catalogue.stream(named: stream)?.definesFieldsOf == nil else {
            throw Stop(
                .wrongArguments, "--stream: every version of \(stream) stays, since it tells what fields were called",
                hint: "name a stream of records")
        }
    }

    private func keepSeconds() throws -> Int64 {
        guard let seconds = DurationText.seconds(of: keep), seconds <= Self.longestSeconds else {
            throw Stop(
                .wrongArguments, "--keep: \(keep) is not a duration such as 90d, 12h or 30m",
                hint: "see pipesnap prune --help")
        }
        return seconds
    }
}

extension PruneReport: ChangeReport {
    var text: String {
        guard versions > 0 else { return "account \(account) has no version that was superseded before \(before)" }
        let (verb, about) = isDryRun ? ("would go", "about ") : ("went", "")
        let lines = streams.map {
            "\($0.stream): \($0.versions.counted("version")) of \($0.files.counted("file")), "
                + "\(about)\($0.freedBytes) bytes"
        }
        let what = "\(versions.counted("version")) of account \(account), superseded before \(before), \(verb)"
        return ([what] + lines).joined(separator: "\n")
    }
}
