import ArgumentParser
import Planning
import Storage

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Re-read everything, believe nothing; list whatever disagrees.",
        discussion: ExitCodeHelp.lines([
            .complete, .alreadyRunning, .wrongArguments, .badData, .cannotCreateOutput, .cannotWriteOutput,
            .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: ArgumentHelp("Read the lines of this share of the files only, taken at random.", valueName: "5%"))
    var sample: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let verifier = Verifier(
            account: job.account, output: job.output.directory, disk: world.disk, reader: World.objectReader,
            share: try share())
        let progress = ProgressLine()
        let report = try verifier.verify { progress.show($0.verifying) }
        progress.clear()
        if common.json {
            Console.output(try JSONText.pretty(report))
        } else {
            let lines = report.disagreements.map { "\($0.path): \($0.what)" }
            Console.output(report.isWell ? report.summary : lines.joined(separator: "\n"))
        }
        for note in report.notes { Console.log("info", note) }
        guard report.isWell else { throw damage(report) }
    }

    private func damage(_ report: VerifyReport) -> Stop {
        let isIndexAlone = report.disagreements.allSatisfy { $0.path.hasPrefix("index/") }
        return Stop(
            .badData,
            "\(report.disagreements.count) disagreements were found in the output of account \(report.account)",
            hint: isIndexAlone
                ? "the index is made anew by pipesnap rebuild"
                : "restore the files named above from a backup, then run pipesnap rebuild")
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
    fileprivate var verifying: String { "verifying · file \(files + 1) of \(fileCount) · \(records) versions" }
}

extension VerifyReport {
    fileprivate var summary: String {
        "all is well in \(account): \(manifests) manifests, \(filesRead) of \(files) files read, \(records) versions"
    }
}
