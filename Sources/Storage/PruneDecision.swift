import Planning

/// Decides what becomes of the files of one stream when versions go.
struct PruneDecision {
    let horizon: Instant
    /// All of the stream, in the order of their numbers.
    let files: [SealedFile]
    /// What goes of each file, run by run as in `SealedFile.shares`.
    private var gone: [[Gone]]
    private(set) var count = 0

    struct Gone: Hashable {
        var records = 0
        var deletes = 0
    }

    init(horizon: Instant, files: [SealedFile]) {
        (self.horizon, self.files) = (horizon, files)
        gone = files.map { $0.shares.map { _ in Gone() } }
    }

    /// Files lie side by side, so a number that lies before the end of one and after the one before it is in it.
    mutating func add(_ seq: Int64, _ operation: RecordOperation) {
        var range = 0..<files.count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if files[middle].file.lastSeq ?? 0 < seq {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let file = range.lowerBound
        guard file < files.count, let share = files[file].shares.firstIndex(where: { $0.lastSeq >= seq }) else {
            return
        }
        gone[file][share].records += 1
        if operation == .delete { gone[file][share].deletes += 1 }
        count += 1
    }

    /// In the order of their numbers: what is left after some of them are again the newest versions of each record.
    /// - Parameter day: that of a run.
    func rewrites(knowing known: [RunBook], days: [String: String], in folders: Folders) -> [Rewrite] {
        var books = RewrittenBooks(known, files: files)
        return zip(files, gone).compactMap { file, gone in
            rewrite(file, gone, &books, days, folders)
        }
    }

    private func rewrite(
        _ sealed: SealedFile, _ gone: [Gone], _ books: inout RewrittenBooks, _ days: [String: String],
        _ folders: Folders
    ) -> Rewrite? {
        let count = gone.reduce(0) { $0 + $1.records }
        guard count > 0 else { return nil }
        let stream = sealed.file.stream
        var shares: [RunShare] = []
        var owners = [sealed.owner]
        for (var share, gone) in zip(sealed.shares, gone) {
            let owner = RewrittenBooks.Owner(run: share.run, stream: stream)
            if gone.records > 0 {
                books.prune(gone.records, of: owner, before: horizon)
                owners.append(owner)
            }
            share.records -= gone.records
            share.deletes -= gone.deletes
            if share.records > 0 { shares.append(share) }
        }
        var rewrite = Rewrite(files: [sealed], target: nil, shares: shares, books: [])
        // The newest run that has lines left; it is the old one's own but for a merged file that lost the end.
        if let newest = shares.last?.run {
            let owner = RewrittenBooks.Owner(run: newest, stream: stream)
            owners.append(owner)
            rewrite.target = SealedFile(
                stream: stream, day: newest == sealed.run ? sealed.file.day : days[newest] ?? sealed.file.day,
                run: newest, number: books.nextNumber(of: owner), in: folders)
        }
        rewrite.books = books.books(of: Set(owners))
        rewrite.pruning = Pruning(stream: stream, horizonSeconds: horizon.seconds, count: count)
        return rewrite
    }
}

extension RewrittenBooks {
    fileprivate mutating func prune(_ count: Int, of owner: Owner, before horizon: Instant) {
        var book = self[owner]
        book.pruned += count
        let known = book.prunedBefore.flatMap { Instant($0) } ?? horizon
        book.prunedBefore = max(known, horizon).description
        self[owner] = book
    }
}
