package import Planning

/// One run's side of the vault: it lets pages through the turnstile, commits them, and publishes its files.
/// Used by one task at a time.
package final class RunStore {
    package let name: String
    /// Which of the account's runs it is, as far as the index remembers.
    package let number: Int
    private let vault: Vault
    private let run: RunRow
    private var turnstile: Turnstile
    private var files: SnapshotFiles { SnapshotFiles(folders: vault.folders, disk: vault.disk) }
    /// The unfinished file of each stream that has one.
    private var unfinished: [String: FileRow] = [:]
    private var nextFileID: Int64
    private var fileCount: [String: Int] = [:]
    private var listCoverage: [String: Coverage]
    /// The child streams for which parents are queued.
    private var children: [StreamSpec] = []

    init(vault: Vault, run: RunRow) throws {
        self.vault = vault
        self.run = run
        name = run.name
        number = Int(run.id)
        turnstile = Turnstile(run: run.name, nextSeq: try vault.index.nextSeq())
        nextFileID = try vault.index.nextFileID()
        listCoverage = try vault.index.coverage(table: "list_coverage", column: "list")
    }

    var index: Index { vault.index }
    var now: Instant { vault.now }

    // MARK: What is remembered

    /// What is done of each list, by `ListSpec.name`.
    package func coverage() -> [String: Coverage] { listCoverage }

    /// The walks that were begun and not ended.
    package func walks() throws -> [Walk] { try vault.index.walks() }

    /// - Parameter access: who would ask now; what others were answered is left out. Nil for all.
    package func marks(baseURL: String, access: String? = nil) throws -> [String: Mark] {
        try vault.index.marks(at: vault.now, baseURL: baseURL, access: access)
    }

    package func setMark(_ name: String, _ mark: Mark) throws { try vault.index.setMark(name, mark) }

    package func readings() throws -> Readings { try vault.index.readings() }

    /// - Parameters:
    ///   - serverNow: a moment by the server's clock, as far as that is known.
    ///   - ours: the same by this machine's; nil for the present one.
    package func ledger(_ calendar: BudgetCalendar, byServer serverNow: Instant, ours: Instant? = nil) throws
        -> DayLedger
    {
        try vault.index.ledger(calendar, at: ours ?? vault.now, byServer: serverNow)
    }

    /// When a day ends that was called used up, by this machine's clock; nil where there is none.
    package func exhaustedUntil() throws -> Instant? { try vault.index.exhausted(at: vault.now) }

    package func exhaustDay(until: Instant, allowance: Allowance) throws {
        try vault.index.exhaustDay(until: until, allowance: allowance)
    }

    /// Books the reservations; when this returns they are on the disk and the requests may leave.
    /// - Parameter serverNow: nil where the server's clock is not known yet.
    package func reserve(_ reservations: [Reservation], allowance: Allowance, at serverNow: Instant? = nil) throws {
        try vault.index.reserve(reservations, run: run.name, allowance: allowance, at: serverNow ?? now)
    }

    // MARK: Pages

    /// Lets a page through the turnstile. Pages are to be committed in the order in which they pass.
    /// - Parameter endsListing: the page is the last of a list that is read as a whole, and all earlier ones are
    ///   committed: what the listing has not shown gets a tombstone.
    package func pass(_ page: PreparedPage, of stream: StreamSpec, list: ListSpec, endsListing: Bool) throws
        -> NumberedPage
    {
        let numbered = try turnstile.pass(page, of: stream, index: vault.index)
        guard endsListing else { return numbered }
        let shown = page.page.records.map(\.key)
        let gone = try vault.index.gone(from: stream, alsoSeen: shown)
        return gone.isEmpty ? numbered : try turnstile.bury(gone, after: numbered, of: stream, index: vault.index)
    }

    /// Lets a page through that was read to compare all keys, and that shows a list however old its records are.
    /// - Parameter start: how far back the stream's history goes: a record that is not known and was changed before
    ///   is not wanted.
    package func pass(swept page: PreparedPage, of stream: StreamSpec, historyFrom start: Instant) throws
        -> NumberedPage
    {
        try turnstile.pass(page, of: stream, newcomersSince: start, index: vault.index)
    }

    /// Lets an answer through that was to show certain records or children: what of `gone` stands as present gets a
    /// tombstone.
    package func pass(_ page: PreparedPage, of stream: StreamSpec, burying gone: [RecordKey]) throws -> NumberedPage {
        let numbered = try turnstile.pass(page, of: stream, index: vault.index)
        return gone.isEmpty ? numbered : try turnstile.bury(gone, after: numbered, of: stream, index: vault.index)
    }

    /// Whether any record of the stream stands as present.
    package func knowsRecords(of stream: StreamSpec) throws -> Bool {
        try vault.index.knowsRecords(stream: stream.name)
    }

    /// Appends the blocks, flushes them, and commits everything the pages say in one transaction. After an
    /// error nothing more may be done with this store, `end` included: whether the transaction reached the disk
    /// is then known only to the next process that opens the index.
    package func commit(_ entries: [PageEntry], allowance: Allowance) throws {
        let before = unfinished
        let placed = try vault.disk.storing { try entries.map { try append($0) } }
        let grown = unfinished.values.filter { before[$0.stream] != $0 }
        try vault.disk.storing {
            for file in grown { try vault.disk.sync(files.unfinishedPath(of: file, run: name)) }
            if grown.contains(where: { before[$0.stream] == nil }) {
                try vault.disk.syncDirectory(vault.folders.staging)
            }
        }
        var coverage = covering(entries)
        try vault.index.write { db in
            for file in grown { try Index.save(file, in: db) }
            for (entry, place) in zip(entries, placed) {
                if let place {
                    let stream = try Index.streamNumber(entry.stream.name, in: db)
                    try Index.insert(entry.page, at: place, stream: stream, in: db)
                    try Index.queueParents(entry.page, for: children, in: db)
                    if entry.stream.parent != nil, !entry.stream.isHistory {
                        try Index.rememberParents(entry.page, stream: stream, in: db)
                    }
                }
                try Index.remember(entry, in: db)
                try Index.learn(from: entry, day: allowance.day, in: db)
                if let sweep = entry.sweep { try Index.remember(sweep, at: now, in: db) }
                if let page = entry.children { try Index.remember(page, of: entry.stream, in: db) }
            }
            for child in children where try Index.isQueueEmpty(of: child, in: db) { coverage.addCovered(child) }
            try coverage.save(in: db, run: run.id)
            try Index.save(allowance, in: db)
        }
        listCoverage = coverage.lists
        for entry in entries { turnstile.committed(entry.page) }
    }

    private func append(_ entry: PageEntry) throws -> PlacedBlock? {
        guard let block = entry.block else { return nil }
        let file = unfinished[entry.stream.name] ?? newFile(for: entry.stream.name)
        let start = try files.append(block, to: file, run: name)
        let header = file.bytes == 0 ? GzipFrame.header.count : 0
        unfinished[file.stream] = file.appending(block, of: entry.page, headerBytes: header)
        return PlacedBlock(file: file.id, start: start, length: block.bytes.count)
    }

    private func newFile(for stream: String) -> FileRow {
        fileCount[stream, default: 0] += 1
        let (number, day) = (fileCount[stream, default: 1], run.startedAt.utcDay)
        let path = vault.folders.snapshot(stream: stream, day: day, run: name, number: number)
        defer { nextFileID += 1 }
        return FileRow(id: nextFileID, run: run.id, stream: stream, number: number, path: path, day: day)
    }

    private func covering(_ entries: [PageEntry]) -> CoverageChange {
        var change = CoverageChange(lists: listCoverage)
        for entry in entries {
            if let interval = entry.covered { change.add(interval, to: entry.list, of: entry.stream) }
        }
        return change
    }

    /// Begins the child streams that are new here or have reached their age. From now on the parents that change are
    /// queued for them, and for those that other jobs have begun.
    package func beginChildren(_ streams: [StreamSpec]) throws {
        try index.beginChildren(streams, at: now)
        children = try index.begunChildren()
    }

    // MARK: Files

    /// Seals and publishes every file that has reached the size; all of them when it is 0.
    package func publish(filesOver bytes: Int64) throws {
        for file in unfinished.values.sorted(by: { $0.id < $1.id }) where file.bytes >= bytes {
            try vault.seal(file, run: name)
            unfinished[file.stream] = nil
        }
    }

    /// Publishes what is left and closes the run's books.
    package func end(outcome: Outcome, exitCode: Int32) throws {
        try publish(filesOver: 0)
        try vault.close(run, outcome: outcome, exitCode: exitCode)
    }
}
