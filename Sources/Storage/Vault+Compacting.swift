package import Planning
import Platform

/// What `compact` did, or would do.
package struct CompactReport: Encodable, Sendable {
    package var account: String
    package var isDryRun: Bool
    package var by: MergePeriod
    package var merged: [MergedFiles] = []

    /// Paths are relative to the output folder.
    package struct MergedFiles: Encodable, Sendable {
        package var path: String
        package var stream: String
        package var records: Int
        /// Of the new file.
        package var bytes: Int64
        /// In the order of their numbers.
        package var replaced: [String]
    }

    package var replacedCount: Int { merged.reduce(0) { $0 + $1.replaced.count } }
}

/// What of an account's files is merged.
package struct CompactOptions: Sendable {
    package var stream: String?
    package var period: MergePeriod
    package var rollAtBytes: Int64

    package init(stream: String?, period: MergePeriod, rollAtBytes: Int64) {
        (self.stream, self.period, self.rollAtBytes) = (stream, period, rollAtBytes)
    }
}

extension Vault {
    /// Merges the small files of days or months that are over. Throws `Stop`; what was merged before stays so.
    package func compact(
        _ options: CompactOptions, reader: @escaping (StreamSpec) -> ObjectReader,
        observe: (CompactReport) -> Void = { _ in }
    ) throws -> CompactReport {
        var report = CompactReport(account: folders.account, isDryRun: false, by: options.period)
        let draft = ExchangeDraft(folders: folders, disk: disk, index: index, reader: reader)
        for rewrite in try options.rewrites(index, folders, at: now) {
            guard let file = try exchange(rewrite, draft) else { continue }
            report.merged.append(
                CompactReport.MergedFiles(path: file.path, rewrite, records: file.records, bytes: file.bytes))
            observe(report)
        }
        return report
    }

    /// What `compact` would do. Touches nothing.
    package static func surveyCompacting(
        _ options: CompactOptions, index: Index, folders: Folders, now: Instant
    ) throws -> CompactReport {
        var report = CompactReport(account: folders.account, isDryRun: true, by: options.period)
        report.merged = try options.rewrites(index, folders, at: now).compactMap { rewrite in
            rewrite.target.map {
                CompactReport.MergedFiles(
                    path: $0.file.path, rewrite, records: rewrite.shares.reduce(0) { $0 + $1.records },
                    bytes: rewrite.files.reduce(GzipFrame.emptyBytes) { $0 + $1.file.blockBytes })
            }
        }
        return report
    }
}

extension CompactOptions {
    fileprivate func rewrites(_ index: Index, _ folders: Folders, at now: Instant) throws -> [Rewrite] {
        let decide = MergeGroups(period: period, today: now.utcDay, rollAtBytes: rollAtBytes)
        return decide.rewrites(of: try index.sealedFiles(of: stream), knowing: try index.runBooks(), in: folders)
    }
}

extension CompactReport.MergedFiles {
    fileprivate init(path: String, _ rewrite: Rewrite, records: Int, bytes: Int64) {
        self.init(
            path: path, stream: rewrite.files[0].file.stream, records: records, bytes: bytes,
            replaced: rewrite.files.map(\.file.path))
    }
}
