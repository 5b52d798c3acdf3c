package import Planning
package import Platform

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
        for group in try options.groups(index, folders, at: now) {
            report.merged.append(try merge(group, reader))
            observe(report)
        }
        return report
    }

    /// What `compact` would do. Touches nothing.
    package static func surveyCompacting(
        _ options: CompactOptions, index: Index, folders: Folders, now: Instant
    ) throws -> CompactReport {
        var report = CompactReport(account: folders.account, isDryRun: true, by: options.period)
        report.merged = try options.groups(index, folders, at: now).map { group in
            var target = group.target
            target.records = group.files.reduce(0) { $0 + $1.file.records }
            target.bytes = group.files.reduce(GzipFrame.emptyBytes) { $0 + $1.file.blockBytes }
            return CompactReport.MergedFiles(target, group)
        }
        return report
    }

    private func merge(
        _ group: MergeGroups.Group, _ reader: @escaping (StreamSpec) -> ObjectReader
    ) throws -> CompactReport.MergedFiles {
        let path = group.target.path
        guard try disk.storing({ try disk.size(folders.absolute(path)) }) == nil else {
            throw Stop(.badData, "\(path) is in no manifest", hint: "run pipesnap verify")
        }
        let draft = MergedDraft(folders: folders, disk: disk, reader: reader)
        let file = try draft.make(group, blocks: try index.mergedBlocks(of: group.files.map(\.file)))
        guard let told = Manifest.File(file) else {
            throw Stop(.brokenInvariant, "\(path) was not sealed", hint: "please report this")
        }
        let merge = Merge(merged: told, crc32: file.crc32, replaced: group.files.map(\.file.path), books: group.books)
        let merger = Merger(folders: folders, disk: disk)
        try merger.check(merge)
        try merger.begin(merge)
        try merger.endUnderWay(index)
        return CompactReport.MergedFiles(file, group)
    }
}

extension CompactOptions {
    fileprivate func groups(_ index: Index, _ folders: Folders, at now: Instant) throws -> [MergeGroups.Group] {
        let decide = MergeGroups(period: period, today: now.utcDay, rollAtBytes: rollAtBytes)
        return decide.groups(of: try index.sealedFiles(of: stream), knowing: try index.runBooks(), in: folders)
    }
}

extension CompactReport.MergedFiles {
    fileprivate init(_ file: FileRow, _ group: MergeGroups.Group) {
        self.init(
            path: file.path, stream: file.stream, records: file.records, bytes: file.bytes,
            replaced: group.files.map(\.file.path))
    }
}
