import ArgumentParser
import Planning
import Storage

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Re-read everything, believe nothing; list whatever disagrees.",
        discussion: ExitCodeHelp.lines([
            .complete, .alreadyRunning, .wrongArguments, .badData, .notInIndex, .brokenInvariant, .cannotCreateOutput,
            .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: ArgumentHelp("Read the lines of this share of the files only, taken at random.", valueName: "5%"))
    var sample: String?

    @Flag(help: "Put what is damaged aside and mark it as not covered, so that the next runs pull it again.")
    var refetch = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        if refetch && sample != nil {
            throw Stop(
                .wrongArguments, "--refetch reads everything and takes no --sample", hint: "see pipesnap verify --help")
        }
        let progress = ProgressLine()
        defer { progress.clear() }
        let report = try refetch ? mend(job, world, progress) : verify(job, world, progress)
        progress.clear()
        if report.isWell, report.manifests == 0 {
            // Where there is no index either, there was nothing that could be well.
            _ = try AccountFolder(account: job.account, output: job.output.directory, disk: world.disk).pulledIndex()
        }
        let damage = report.isWell || report.refetch != nil ? nil : damage(report)
        try Console.report(common.json ? JSONText.pretty(report) : report.text, of: damage?.code ?? .complete)
        for note in report.notes { Console.log("info", note) }
        if let damage { throw damage }
    }

    private func verify(_ job: Job, _ world: World, _ progress: ProgressLine) throws -> VerifyReport {
        let verifier = Verifier(
            account: job.account, output: job.output.directory, disk: world.disk, reader: World.objectReader,
            share: try share())
        return try verifier.verify { progress.show($0.verifying) }
    }

    private func mend(_ job: Job, _ world: World, _ progress: ProgressLine) throws -> VerifyReport {
        var recovery = world.recovery(for: job, progress)
        recovery.observe = { progress.show($0.verifying) }
        return try Vault.mend(
            account: job.account, output: job.output.directory, disk: world.disk, clock: world.clock,
            recovery: recovery)
    }

    private func damage(_ report: VerifyReport) -> Stop {
        let isIndexAlone = report.disagreements.allSatisfy { $0.path.hasPrefix("index/") }
        let count = report.disagreements.count
        return Stop(
            .badData,
            "\(count.counted("disagreement")) \(count == 1 ? "was" : "were") found in the output of account "
                + report.account,
            hint: isIndexAlone
                ? "the index is made anew by pipesnap rebuild"
                : "restore the files named above from a backup and run pipesnap rebuild, or have them pulled again by "
                    + "pipesnap verify --refetch and the runs after it")
    }

    private func share() throws -> Double {
        guard let sample else { return 1 }
        let number = sample.hasSuffix("%") ? Double(sample.dropLast()) : nil
        guard let number, number > 0, number <= 100 else {
            throw Stop(
                .wrongArguments, "--sample: \(sample) is not a share such as 5%", hint: "see pipesnap verify --help")
        }
        return number / 100
    }
}

extension RebuildProgress {
    private static let barWidth = 20

    fileprivate var verifying: String {
        let share = share ?? Double(files) / Double(max(1, fileCount))
        let full = min(Self.barWidth, Int(share * Double(Self.barWidth)))
        let bar = String(repeating: "#", count: full) + String(repeating: "·", count: Self.barWidth - full)
        return "reading [\(bar)] \(Int(share * 100)) % · file \(files + 1) of \(fileCount) · \(records) versions"
    }
}

extension VerifyReport {
    fileprivate var text: String {
        let lines = disagreements.map { "\($0.path): \($0.what)" } + (refetch?.lines ?? [])
        return isWell && refetch == nil ? summary : lines.joined(separator: "\n")
    }

    private var summary: String {
        "all is well in \(account): \(manifests.counted("manifest")), \(filesRead) of \(files.counted("file")) read, "
            + records.counted("version")
    }
}

extension VerifyReport.Refetch {
    fileprivate var lines: [String] {
        let moved = putAside.sorted { $0.key < $1.key }.map { "\($0.key): put aside as \($0.value)" }
        let lost = missing.map { "\($0): missing, so there was nothing to put aside" }
        let spans = uncovered.map { span in
            guard let since = span.since, let until = span.until else { return "all of \(span.stream)" }
            return "\(span.stream) from \(since) to \(until)"
        }
        let pulled = spans.isEmpty ? "nothing has to be pulled again" : "the next runs pull again: "
        return moved + lost + ["the index was made anew; " + pulled + Set(spans).sorted().joined(separator: ", ")]
    }
}

extension Int {
    /// `1 file`, `2 files`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
