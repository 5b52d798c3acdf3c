import ArgumentParser
import Foundation
import Planning
import Storage
import Warehouse

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Statements for a warehouse: typed tables with readable names over the snapshots.",
        discussion: """
            Without --loaded or --load: views over the snapshot files where they lie. Every statement can be run again.

            """
                + ExitCodeHelp.lines([
                    .complete, .wrongArguments, .badData, .notInIndex, .cannotCreateOutput, .wrongJobFile,
                ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: "The engine: \(Engine.allCases.map(\.rawValue).joined(separator: ", ")).")
    var dialect: Engine

    @Option(help: "Only this stream; all that were pulled by default.")
    var stream: String?

    @Option(help: ArgumentHelp("The schema, database or data set of the tables and views.", valueName: "name"))
    var schema = "pipedrive"

    @Option(
        help: ArgumentHelp(
            "Where the snapshots lie, such as s3://bucket/pipedrive/; the job's output folder by default.",
            valueName: "address"))
    var prefix: String?

    @Flag(help: "Tables to load into, and views over them, rather than views over the files.")
    var loaded = false

    @Flag(help: "The statements that load every run into those tables, one transaction a run.")
    var load = false

    @Option(help: ArgumentHelp("With --load: only runs after this one.", valueName: "run"))
    var since: String?

    @Flag(help: "The columns of one stream's view as a JSON schema file of BigQuery.")
    var schemaFile = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        let tables = try index.tables(of: streams(index))
        let lake = Lake(account: job.account, prefix: prefix ?? "\(job.output.directory)/", schema: schema)
        if schemaFile { return try Console.output(JSONText.pretty(tables.flatMap(\.bigQueryFields))) }
        if common.json { return try Console.output(JSONText.pretty(tables.map(TableDocument.init))) }
        let text = SchemaText(dialect, lake, tables)
        for statement in try statements(text, index, lake) { try Console.output(SchemaText.terminated(statement)) }
    }

    private func streams(_ index: Index) throws -> [String] {
        let kept = try index.keptStreams()
        guard let stream else { return kept }
        try index.require(stream: stream)
        guard kept.contains(stream) else {
            throw Stop(.notInIndex, "no record of \(stream) has been pulled yet", hint: "see pipesnap status")
        }
        return [stream]
    }

    private func statements(_ text: SchemaText, _ index: Index, _ lake: Lake) throws -> [String] {
        if load {
            return try index.runFiles(after: since, stream: stream, lake: lake).flatMap(text.load)
        }
        return loaded ? text.loaded() : text.outside() ?? text.loaded()
    }

    func validate() throws {
        if since != nil, !load { throw ValidationError("--since goes with --load") }
        if schemaFile, dialect != .bigquery || stream == nil || loaded || load || common.json {
            throw ValidationError("--schema-file goes with --dialect bigquery and --stream alone")
        }
        if schema.isEmpty { throw ValidationError("--schema needs a name") }
    }
}

extension Engine: ExpressibleByArgument {}

extension Index {
    /// The published files of each run, oldest first.
    func runFiles(after run: String?, stream: String?, lake: Lake) throws -> [RunFiles] {
        if let run, try !knowsRun(run) {
            throw Stop(.notInIndex, "there is no run \(run)", hint: "name a run of the view runs, 20261123T020000Z")
        }
        return Dictionary(grouping: try files(after: run, stream: stream), by: \.run).sorted { $0.key < $1.key }.map {
            let paths = Dictionary(grouping: $0.value, by: \.stream).mapValues { $0.map { lake.prefix + $0.path } }
            return RunFiles(run: $0.key, paths: paths, isWhole: stream == nil)
        }
    }
}

/// A table, for programs that want to know what the views show.
private struct TableDocument: Encodable {
    var stream: String
    var key: String
    var columns: [ColumnDocument]

    struct ColumnDocument: Encodable {
        var name: String
        var path: [String]
        var kind: String
        var options: [String: String]?
    }

    init(_ table: StreamTable) {
        stream = table.name
        key = table.keyMember
        columns = table.columns.map {
            ColumnDocument(name: $0.name, path: $0.path, kind: $0.kind.word, options: $0.kind.options)
        }
    }
}

extension Column.Kind {
    fileprivate var options: [String: String]? {
        switch self {
        case .label(let options), .labels(let options):
            Dictionary(options.map { (String($0.id), $0.label) }) { $1 }
        default: nil
        }
    }
}
