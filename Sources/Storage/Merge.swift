import Planning
import Platform

/// Files that become one, decided and not ended. Their lines stay as they are; what changes is where they lie. It is
/// written once the new file is whole and durable, and before anything else is touched: whoever opens the account for
/// writing carries it out first.
struct Merge: Codable, Hashable {
    var merged: Manifest.File
    var crc32: UInt32
    /// In the order of their numbers; their paths are relative to the output folder.
    var replaced: [String]
    /// What the runs of the old files and of the new one tell afterwards.
    var books: [RunBook]

    /// The runs whose manifests tell of the files.
    var runs: [String] { (merged.runs?.map(\.run) ?? []) + books.map(\.run) }
}

/// The span of time whose files are merged with one another.
package enum MergePeriod: String, CaseIterable, Sendable, Encodable {
    case day, month

    /// - Parameter day: UTC, `2026-11-23`.
    func span(of day: String) -> Substring { day.prefix(self == .day ? 10 : 7) }
}

/// Decides which files are merged.
struct MergeGroups {
    var period: MergePeriod
    /// UTC; no file of its day or month is touched.
    var today: String
    /// Compressed size that no merged file goes over.
    var rollAtBytes: Int64

    /// What becomes one, and as what.
    struct Group: Hashable {
        var files: [SealedFile]
        /// What is known of the new file before it is written.
        var target: FileRow
        /// To which it will belong.
        var run: String
        var books: [RunBook]
    }

    /// - Parameter files: all sealed ones, by stream and then by number. What is merged stands side by side in that
    ///   order, so that a file never has numbers between those of another.
    func groups(of files: [SealedFile], knowing books: [RunBook] = [], in folders: Folders) -> [Group] {
        var books = RewrittenBooks(books, files: files)
        return sides(of: files).compactMap { group in
            guard group.count > 1, let newest = group.last else { return nil }
            var target = FileRow(
                id: 0, run: 0, stream: newest.file.stream, number: books.nextNumber(of: newest.owner), path: "",
                day: newest.file.day)
            target.path = folders.snapshot(
                stream: target.stream, day: target.day, run: newest.run, number: target.number)
            let owners = Set(group.map(\.owner))
            return Group(files: group, target: target, run: newest.run, books: books.books(of: owners))
        }
    }

    private func sides(of files: [SealedFile]) -> [[SealedFile]] {
        var groups: [[SealedFile]] = []
        for sealed in files {
            if let last = groups.last, let newest = last.last, goesWith(sealed, newest, last) {
                groups[groups.count - 1].append(sealed)
            } else {
                groups.append([sealed])
            }
        }
        return groups
    }

    private func goesWith(_ next: SealedFile, _ newest: SealedFile, _ group: [SealedFile]) -> Bool {
        let span = period.span(of: next.file.day)
        return next.file.stream == newest.file.stream && span == period.span(of: newest.file.day)
            && span < period.span(of: today)
            // A run that began while the clock stood back has an older name; a file's runs go by their names.
            && next.shares.allSatisfy { newest.run <= $0.run }
            && group.reduce(next.file.bytes) { $0 + $1.file.bytes } <= rollAtBytes
    }
}

/// A sealed file with the run that it belongs to.
struct SealedFile: Hashable {
    var file: FileRow
    var run: String

    var owner: RewrittenBooks.Owner { RewrittenBooks.Owner(run: run, stream: file.stream) }

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
