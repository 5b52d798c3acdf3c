import ArgumentParser
import Foundation
import Planning
import Storage

struct FilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "The snapshot files that a loader has not seen yet.",
        discussion: ExitCodeHelp.lines([
            .complete, .wrongArguments, .badData, .notInIndex, .cannotCreateOutput, .wrongJobFile,
        ]))

    @Argument(help: "The job file.")
    var job: String

    @Option(help: ArgumentHelp("Only files of runs after this one.", valueName: "run"))
    var since: String?

    @Option(help: "Only files of this stream.")
    var stream: String?

    @Option(
        help: "How the list looks: paths (one a line), tsv (path, stream, run, records, bytes, sha256) or redshift.")
    var format = Format.paths

    @Option(
        help: ArgumentHelp(
            "Put this in front of every path, such as s3://bucket/pipedrive/; paths are relative to the output folder.",
            valueName: "text"))
    var prefix = ""

    @OptionGroup var common: CommonOptions

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case paths, tsv, redshift
    }

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let index = try folder.pulledIndex()
        if let since, try !index.knowsRun(since) {
            throw Stop(.notInIndex, "there is no run \(since)", hint: "name a run of the view runs, 20261123T020000Z")
        }
        if let stream { try index.require(stream: stream) }
        let files = try index.files(after: since, stream: stream).map { file in
            var file = file
            file.path = prefix + file.path
            return file
        }
        if common.json {
            return try Console.output(
                JSONText.pretty(FileList(files: files, since: since, prunedBefore: index.prunedBefore())))
        }
        switch format {
        case .paths: try print(files.map(\.path))
        case .tsv: try print(files.map(\.tabbed))
        case .redshift: try Console.output(JSONText.pretty(RedshiftManifest(files)))
        }
    }

    /// Nothing new is no line at all.
    private func print(_ lines: [String]) throws {
        if !lines.isEmpty { try Console.output(lines.joined(separator: "\n")) }
    }
}

private struct FileList: Encodable {
    var files: [PublishedFile]
    /// The run to name in `--since` the next time, once these files are loaded.
    var lastRun: String?
    /// By stream: versions that were superseded before that moment are in no file any more.
    var prunedBefore: [String: String]

    init(files: [PublishedFile], since: String?, prunedBefore: [String: Instant]) {
        self.prunedBefore = prunedBefore.mapValues(\.description)
        self.files = files
        lastRun = files.map(\.run).max() ?? since
    }
}

/// What Redshift's COPY takes with the option MANIFEST.
private struct RedshiftManifest: Encodable {
    var entries: [Entry]

    struct Entry: Encodable {
        var url: String
        var mandatory = true
        var meta: Meta
    }

    struct Meta: Encodable {
        var contentLength: Int64
    }

    init(_ files: [PublishedFile]) {
        entries = files.map { Entry(url: $0.path, meta: Meta(contentLength: $0.bytes)) }
    }
}

extension PublishedFile {
    fileprivate var tabbed: String { "\(path)\t\(stream)\t\(run)\t\(records)\t\(bytes)\t\(sha256)" }
}
