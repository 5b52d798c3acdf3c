import ArgumentParser
import Planning
import Storage
import Warehouse

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "The current state of a stream as NDJSON, one line a record that is there.",
        discussion: ExitCodeHelp.lines([
            .complete, .wrongArguments, .badData, .notInIndex, .cannotCreateOutput, .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: "The stream; all for every stream that was pulled, each into its own file.")
    var stream: String

    @Option(help: ArgumentHelp("As it stood then, 2026-11-23T02:00:00Z.", valueName: "time"))
    var asOf: String?

    @Option(
        help: ArgumentHelp(
            "Write to this file, gzipped when its name ends in .gz; with --stream all to this folder.",
            valueName: "file"))
    var output: String?

    @Flag(help: "Write custom fields under the names that they have as columns, rather than under their keys.")
    var readable = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let moment = try asOfTime()
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        let source = Source(index: index, folders: folder.folders, moment: moment, world: world, isReadable: readable)
        var exported: [Exported] = []
        let targets = try targets(index)
        // All are asked before any is written.
        if let moment { try index.require(moment, in: targets.map(\.stream)) }
        for (stream, path) in targets {
            exported.append(Exported(stream: stream, output: path, records: try await source.write(stream, to: path)))
        }
        if common.json, output != nil { try Console.output(JSONText.pretty(exported)) }
    }

    private func targets(_ index: Index) throws -> [(stream: String, path: String?)] {
        let kept = try index.keptStreams()
        if stream == "all" {
            guard let output else {
                throw Stop(.wrongArguments, "--stream all needs --output FOLDER", hint: "see pipesnap export --help")
            }
            let folder = try ExportTarget.folder(output)
            return try kept.map { ($0, try ExportTarget.file("\(folder)/\($0).ndjson.gz")) }
        }
        guard kept.contains(stream) || Catalogue.stream(named: stream) != nil else {
            throw Stop(.notInIndex, "there is no stream \(stream)", hint: "see pipesnap streams")
        }
        guard kept.contains(stream) else {
            throw Stop(.notInIndex, "no record of \(stream) has been pulled yet", hint: "see pipesnap status")
        }
        return [(stream, try output.map(ExportTarget.file))]
    }

    private func asOfTime() throws -> Instant? {
        guard let asOf else { return nil }
        guard let time = Instant(zoned: asOf) else {
            throw Stop(
                .wrongArguments, "--as-of: \(asOf) is not a time with its zone, such as 2026-11-23T02:00:00Z",
                hint: "see pipesnap export --help")
        }
        return time
    }
}

private struct Exported: Encodable {
    var stream: String
    var output: String?
    var records: Int
}

/// What is exported from.
private struct Source {
    var index: Index
    var folders: Folders
    var moment: Instant?
    var world: World
    var isReadable: Bool

    /// - Parameter path: nil for stdout.
    /// - Returns: the number of lines.
    func write(_ stream: String, to path: String?) async throws -> Int {
        let reader = try StateReader(
            index: index, folders: folders, disk: world.disk, stream: stream, at: moment, rewrite: try renamer(stream))
        guard let path else {
            try await reader.read { part in
                guard try StandardOutput.write(part.lines) else { throw Ended(code: .complete) }
            }
            return reader.recordCount
        }
        let file = try ExportFile(path: path, disk: world.disk)
        do {
            try await reader.read(deflating: file.level) { try file.add($0) }
            try file.publish()
        } catch {
            file.abandon()
            throw error
        }
        return reader.recordCount
    }

    private func renamer(_ stream: String) throws -> ObjectRewriter? {
        guard isReadable, let table = try index.tables(of: [stream]).first else { return nil }
        let renamer = FieldRenamer(table)
        return { renamer.rename($0, into: &$1) }
    }
}
