import ArgumentParser
import Planning
import Storage

struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Make the index anew from the snapshots and manifests.",
        discussion: ExitCodeHelp.lines([
            .complete, .alreadyRunning, .wrongArguments, .badData, .brokenInvariant, .cannotCreateOutput, .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Flag(help: "Say what would be done, and touch nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let report = dryRun ? try survey(job, world) : try rebuild(job, world)
        try common.tell(report)
    }

    private func survey(_ job: Job, _ world: World) throws -> RebuildReport {
        try Vault.surveyRebuild(
            account: job.account, output: job.output.directory, disk: world.disk, now: world.now)
    }

    private func rebuild(_ job: Job, _ world: World) throws -> RebuildReport {
        let progress = ProgressLine()
        defer { progress.clear() }
        return try Vault.rebuild(
            account: job.account, output: job.output.directory, disk: world.disk, clock: world.clock,
            recovery: world.recovery(for: job, progress))
    }
}

extension RebuildReport: ChangeReport {
    var text: String {
        let verb = isDryRun ? "would be" : "was"
        var text = "the index of \(account) \(verb) made from \(manifests.counted("manifest")) and "
        text += "\(files.counted("file")) with \(records.counted("version"))"
        if !adopted.isEmpty { text += "; taken in though no manifest names them: \(adopted.joined(separator: ", "))" }
        if !leftOut.isEmpty { text += "; left out: \(leftOut.joined(separator: ", "))" }
        return text + "; " + ledger(verb)
    }

    private func ledger(_ verb: String) -> String {
        let asking = ", so the next run first asks the server what was spent today (2 tokens)"
        guard isLedgerKept else { return "the old ledger cannot be read" + asking }
        return "the ledger \(verb) taken from the old index"
            + (isIndexOlder ? ", which does not know all runs" + asking : "")
    }
}
