import GRDB
package import Planning
import Platform

/// What `prune` did, or would do.
package struct PruneReport: Encodable, Sendable {
    package var account: String
    package var isDryRun: Bool
    /// The moment from which on everything can still be told as it was.
    package var before: String
    /// Streams of which anything goes, in order of their names.
    package var streams: [PrunedStream] = []

    package struct PrunedStream: Encodable, Sendable {
        package var stream: String
        /// Versions that went, or would go.
        package var versions: Int
        /// Files that lose lines.
        package var files: Int
        /// By how much they become smaller, compressed; where nothing was done, as many as the lines are of the files.
        package var freedBytes: Int64
    }

    package var versions: Int { streams.reduce(0) { $0 + $1.versions } }
    package var files: Int { streams.reduce(0) { $0 + $1.files } }
    package var freedBytes: Int64 { streams.reduce(0) { $0 + $1.freedBytes } }
}

/// What of an account's versions goes.
package struct PruneOptions: Sendable {
    /// Nil for all.
    package var stream: String?
    /// Versions that were superseded before that go.
    package var horizon: Instant
    package var compressionLevel: Int

    /// - Parameter keepSeconds: how far back everything stays. It is reckoned from the beginning of the day, UTC, so
    ///   that pruning twice a day is pruning once.
    package init(stream: String?, keepSeconds: Int64, now: Instant, compressionLevel: Int) {
        (self.stream, self.compressionLevel) = (stream, compressionLevel)
        let seconds = max(0, now.seconds - keepSeconds)
        horizon = Instant(seconds: seconds - seconds % 86_400)
    }

    /// Of the definitions of fields everything stays: names are told by what they were.
    fileprivate func streams(_ index: Index) throws -> [String] {
        try index.keptStreams().filter { name in
            (stream ?? name) == name && Catalogue.stream(named: name)?.definesFieldsOf == nil
        }
    }
}

extension Vault {
    /// Takes out of the files, and out of the index, the versions that nobody needs from the horizon on. Throws `Stop`;
    /// what went before stays gone, and the next call goes on.
    package func prune(
        _ options: PruneOptions, reader: @escaping (StreamSpec) -> ObjectReader,
        observe: (PruneReport) -> Void = { _ in }
    ) throws -> PruneReport {
        var report = PruneReport(account: folders.account, isDryRun: false, before: options.horizon.description)
        // When a version was there is read from the rows of the pages, which a run does not ask of.
        try index.requireSound(but: [])
        let draft = ExchangeDraft(
            folders: folders, disk: disk, index: index, reader: reader, level: options.compressionLevel)
        for stream in try options.streams(index) {
            let table = SupersededTable(
                pruning: Pruning(stream: stream, horizonSeconds: options.horizon.seconds, count: 0))
            var decision = PruneDecision(horizon: options.horizon, files: try index.sealedFiles(of: stream))
            try index.write { db in try table.fill(in: db) { decision.add($0.seq, $0.operation) } }
            if decision.count > 0 {
                let place = report.streams.count
                report.streams.append(PruneReport.PrunedStream(stream: stream, versions: 0, files: 0, freedBytes: 0))
                for rewrite in try decision.rewrites(index, folders) {
                    let added = try exchange(rewrite, draft)
                    report.streams[place].add(rewrite, bytes: added?.bytes ?? 0)
                    observe(report)
                }
            }
            try index.write { try table.drop(in: $0) }
        }
        return report
    }

    /// What `prune` would do. Touches nothing.
    package static func surveyPruning(_ options: PruneOptions, index: Index, folders: Folders) throws -> PruneReport {
        var report = PruneReport(account: folders.account, isDryRun: true, before: options.horizon.description)
        for stream in try options.streams(index) {
            var decision = PruneDecision(horizon: options.horizon, files: try index.sealedFiles(of: stream))
            try index.read { db in
                try Index.forEachSuperseded(of: stream, before: options.horizon, in: db) {
                    decision.add($0.seq, $0.operation)
                }
            }
            guard decision.count > 0 else { continue }
            var pruned = PruneReport.PrunedStream(stream: stream, versions: 0, files: 0, freedBytes: 0)
            for rewrite in try decision.rewrites(index, folders) {
                let file = rewrite.files[0].file
                let left = file.records - (rewrite.pruning?.count ?? 0)
                pruned.add(rewrite, bytes: file.bytes * Int64(left) / Int64(max(1, file.records)))
            }
            report.streams.append(pruned)
        }
        return report
    }
}

extension PruneDecision {
    fileprivate func rewrites(_ index: Index, _ folders: Folders) throws -> [Rewrite] {
        rewrites(knowing: try index.runBooks(), days: try index.runDays(), in: folders)
    }
}

extension PruneReport.PrunedStream {
    fileprivate mutating func add(_ rewrite: Rewrite, bytes: Int64) {
        versions += rewrite.pruning?.count ?? 0
        files += 1
        freedBytes += rewrite.files.reduce(-bytes) { $0 + $1.file.bytes }
    }
}
