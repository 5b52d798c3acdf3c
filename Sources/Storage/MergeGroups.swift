import Planning

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

    /// - Parameters:
    ///   - files: all sealed ones, by stream and then by number. What is merged stands side by side in that order, so
    ///     that a file never has numbers between those of another.
    ///   - books: what is remembered of earlier rewriting.
    func rewrites(of files: [SealedFile], knowing books: [RunBook] = [], in folders: Folders) -> [Rewrite] {
        var books = RewrittenBooks(books, files: files)
        return sides(of: files).compactMap { group in
            guard group.count > 1, let newest = group.last else { return nil }
            let target = SealedFile(
                stream: newest.file.stream, day: newest.file.day, run: newest.run,
                number: books.nextNumber(of: newest.owner), in: folders)
            return Rewrite(
                files: group, target: target, shares: group.shares, books: books.books(of: Set(group.map(\.owner))))
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
