import ArgumentParser
import Extraction
import Planning
import Platform
import Storage

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Continue whatever is unfinished, then pull what changed.",
        discussion: ExitCodeHelp.lines(Planning.ExitCode.allCases.filter { $0 != .notInIndex }))

    @Argument(help: "The job file.")
    var job: String

    @Flag(help: "Let key sweeps bury more than a tenth of a stream: the records were really deleted.")
    var acceptDeletions = false

    @OptionGroup var narrowing: NarrowingOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let world = World()
        let job = try world.job(job)
        var options = try narrowing.options(for: job)
        options.acceptsDeletions = acceptDeletions
        // From here on a signal is a request to end, also while a killed run is being sealed.
        let signals = SignalWatch.signals()
        let report = try await world.withNetwork(for: job) { transport in
            let client = try world.client(for: job, transport)
            let progress = ProgressLine()
            let vault = try world.vault(for: job, progress)
            defer { vault.close() }
            let extractor = try Extractor(
                job: job, options: options, client: client, transport: transport, clock: world.clock,
                store: try vault.beginRun(), logger: world.logger, observe: progress.observer)
            ProcessMemory.letGoOfStart()
            let report = await extractor.run(signals: signals)
            progress.clear()
            return report
        }
        try say(report)
    }

    private func say(_ report: RunReport) throws {
        if common.json {
            try Console.report(JSONText.pretty(report), of: report.code)
        } else if Console.isErrorTerminal {
            Console.log("info", report.summary)
        }
        for notice in report.sweeps.compactMap(\.notice) { Console.log("warning", notice) }
        if let warning = report.budgetReset?.warning { Console.log("warning", warning) }
        if let sentence = report.sentence { Console.sentence(sentence) }
        if report.code != .complete { throw Ended(code: report.code) }
    }
}

extension RunReport {
    /// One line for a person who is looking on.
    fileprivate var summary: String {
        let complete = streams.count { $0.state == .complete }
        return "run \(run): \(outcome.rawValue); \(complete) of \(streams.count) streams complete; \(records) versions "
            + "(\(deletes) tombstones) in \(requests) requests for \(tokens) tokens"
            + (expected.map { " (expected: \($0.text))" } ?? "")
            + "; \(tokensLeft) tokens left today"
    }
}
