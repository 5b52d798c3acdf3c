import Planning

/// Sealed files in whose place one is to come, or none.
struct Rewrite: Hashable {
    /// Side by side in their stream, in the order of their numbers.
    var files: [SealedFile]
    /// What is known of the new file before it is written; nil when no line is left.
    var target: SealedFile?
    /// What each run will have of it, by count; the numbers are those of before.
    var shares: [RunShare]
    var books: [RunBook]
    /// Nil when every line stays.
    var pruning: Pruning?
}

/// Which lines go: those that nobody needs from the horizon on.
struct Pruning: Codable, Hashable {
    var stream: String
    var horizonSeconds: Int64
    /// How many.
    var count: Int

    var horizon: Instant { Instant(seconds: horizonSeconds) }
}

/// Files in whose place another one comes, or none, decided and not ended. It is written once the new file is whole and
/// durable, and before anything else is touched: whoever opens the account for writing carries it out first.
struct Exchange: Codable, Hashable {
    /// Nil when no line is left.
    var added: Added?
    /// In the order of their numbers; their paths are relative to the output folder.
    var replaced: [String]
    /// What the runs of the old files and of the new one tell afterwards.
    var books: [RunBook]
    var pruning: Pruning?

    struct Added: Codable, Hashable {
        var file: Manifest.File
        var crc32: UInt32
        var pages: [FilePage]
    }

    /// The runs whose manifests tell of the files.
    var runs: Set<String> { Set((added?.file.runs?.map(\.run) ?? []) + books.map(\.run)) }
}

/// Where a page of lines lies in its file.
struct FilePage: Codable, Hashable {
    var firstSeq: Int64
    var lastSeq: Int64
    var place: Range<Int64>
}

/// A sealed file with the run that it belongs to.
struct SealedFile: Hashable {
    var file: FileRow
    var run: String

    var owner: RewrittenBooks.Owner { RewrittenBooks.Owner(run: run, stream: file.stream) }

    /// Not written yet.
    init(stream: String, day: String, run: String, number: Int, in folders: Folders) {
        let path = folders.snapshot(stream: stream, day: day, run: run, number: number)
        self.init(file: FileRow(id: 0, run: 0, stream: stream, number: number, path: path, day: day), run: run)
    }

    init(file: FileRow, run: String) { (self.file, self.run) = (file, run) }

    var shares: [RunShare] {
        file.runs ?? [
            RunShare(
                run: run, records: file.records, deletes: file.deletes, firstSeq: file.firstSeq ?? 0,
                lastSeq: file.lastSeq ?? 0)
        ]
    }
}

extension [SealedFile] {
    /// What each run has of all of them.
    var shares: [RunShare] {
        flatMap(\.shares).reduce(into: []) { shares, next in
            guard let last = shares.last, last.run == next.run else { return shares.append(next) }
            shares[shares.count - 1].records += next.records
            shares[shares.count - 1].deletes += next.deletes
            shares[shares.count - 1].lastSeq = next.lastSeq
        }
    }
}
