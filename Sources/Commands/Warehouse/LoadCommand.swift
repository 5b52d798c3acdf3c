import ArgumentParser
import Foundation
import Planning
import Storage
import Warehouse

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load what is new into a warehouse, each run once, with the engine's own client.",
        discussion: ExitCodeHelp.lines([
            .complete, .wrongArguments, .badData, .notInIndex, .serverRefuses, .cannotCreateOutput, .cannotWriteOutput,
            .wrongJobFile, .hungUp, .interrupted, .terminated,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(
        help: ArgumentHelp(
            "duckdb:PATH, or postgres:ADDRESS as psql takes it; the password in PGPASSWORD or ~/.pgpass.",
            valueName: "target"))
    var into: String

    @Option(help: ArgumentHelp("The schema of the tables and views.", valueName: "name"))
    var schema = "pipedrive"

    @OptionGroup var common: CommonOptions

    func run() throws {
        let target = try WarehouseTarget(into)
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        let lake = Lake(account: job.account, prefix: "\(job.output.directory)/", schema: schema)
        let text = SchemaText(target.engine, lake, try index.tables(of: index.keptStreams()))
        let client = WarehouseClient(target: target, environment: world.environment)
        // Else the client would go on with what it was told, holding the database, after we have gone.
        FirstSignal.remember()
        let runs = try index.runFiles(after: nil, stream: nil, lake: lake)
        let files = Dictionary(grouping: try index.files(after: nil, stream: nil), by: \.run)
        let there = try runsThere(text, client, account: job.account, isKnown: index.knowsRun)
        let loaded = try load(runs, there, text, client) { try folder.requireWhole(files[$0] ?? []) }
        try report(loaded, pruned: index.prunedRuns())
    }

    /// The runs that are loaded. Throws `Stop` where lines of another origin are: numbers are given within one output
    /// folder, so ours would be taken for lines that are there, and be left out in silence.
    private func runsThere(
        _ text: SchemaText, _ client: WarehouseClient, account: String, isKnown: (String) throws -> Bool
    ) throws -> Set<String> {
        let accounts = try client.run(text.transaction(text.claim) + [text.claimants])
        if let other = accounts.first(where: { $0 != account }) {
            throw Stop(
                .wrongArguments, "the schema \(schema) there holds the records of the account \(other)",
                hint: "give every account a schema of its own: --schema \(account)")
        }
        let there = try client.run([text.loadedRuns])
        if let strange = try there.first(where: { try !isKnown($0) }) {
            throw Stop(
                .badData, "the schema \(schema) there was loaded from another output folder (run \(strange))",
                hint: "numbers of lines begin anew with a new folder: load into another --schema, or drop that one")
        }
        return Set(there)
    }

    /// - Parameter check: looks at the files of a run before the engine does.
    private func load(
        _ runs: [RunFiles], _ there: Set<String>, _ text: SchemaText, _ client: WarehouseClient,
        check: (String) throws -> Void
    ) throws -> LoadReport {
        let progress = ProgressLine()
        defer { progress.clear() }
        progress.show("loading · tables and views")
        try client.run(text.transaction(text.loaded()))
        let missing = runs.filter { !there.contains($0.run) }
        for (number, run) in missing.enumerated() {
            progress.show("loading · run \(run.run), \(number + 1) of \(missing.count)")
            try check(run.run)
            try client.run(text.load(run))
        }
        return LoadReport(loaded: missing.map(\.run), loadedBefore: runs.count - missing.count)
    }

    private func report(_ report: LoadReport, pruned: Set<String>) throws {
        var report = report
        report.pruned = report.loaded.filter(pruned.contains)
        if common.json {
            try Console.output(JSONText.pretty(report))
        } else if Console.isErrorTerminal {
            Console.log("info", "\(report.loaded.count) runs loaded, \(report.loadedBefore) were there before")
            if !report.pruned.isEmpty {
                Console.log("info", "\(report.pruned.count) of the loaded runs had versions that are pruned")
            }
        }
    }
}

private struct LoadReport: Encodable {
    /// The runs that were loaded now, oldest first.
    var loaded: [String]
    var loadedBefore: Int
    /// Those of them that had versions which were pruned before they were loaded.
    var pruned: [String] = []
}
