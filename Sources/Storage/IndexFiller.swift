import GRDB
import Planning
import Platform

/// Writes into a new index what manifests and files say.
struct IndexFiller {
    let index: Index
    let folders: Folders
    let disk: any FileSystem
    let reader: (StreamSpec) -> ObjectReader
    private(set) var records = 0
    /// The greatest number met in each stream.
    private var lastSeqs: [String: Int64] = [:]

    init(index: Index, folders: Folders, disk: any FileSystem, reader: @escaping (StreamSpec) -> ObjectReader) {
        self.index = index
        self.folders = folders
        self.disk = disk
        self.reader = reader
    }

    mutating func fill(from survey: Survey, observe: (RebuildProgress) -> Void) throws {
        try index.write { db in
            for manifest in survey.manifests { try Self.insert(manifest, in: db) }
            for run in Set(survey.adopted.map(\.place.run)).sorted() { _ = try Index.runNumber(run, in: db) }
            try Self.insertCoverage(of: survey.manifests, in: db)
        }
        for (place, file) in survey.files.enumerated() {
            observe(RebuildProgress(files: place, fileCount: survey.files.count, records: records))
            do {
                try add(file, id: Int64(place + 1))
            } catch let damage as FileDamage {
                throw UnfitFile(file, damage, in: folders)
            }
        }
    }

    // MARK: Manifests

    private static func insert(_ manifest: Manifest, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO run_log(name, started_at, ended_at, outcome, exit_code) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                manifest.run, Instant(manifest.startedAt)?.seconds, Instant(manifest.endedAt)?.seconds,
                manifest.outcome.rawValue, manifest.exitCode,
            ])
        let run = db.lastInsertedRowID
        for (stream, interval) in manifest.intervals() {
            try db.execute(
                sql: "INSERT INTO run_coverage(run, stream, since, until) VALUES (?, ?, ?, ?)",
                arguments: [run, stream, interval.since.seconds, interval.until.seconds])
        }
        for told in manifest.rewritten ?? [] { try Index.save(RunBook(run: manifest.run, told: told), in: db) }
        for (day, streams) in manifest.tokens.byDay {
            for (stream, spent) in streams {
                try db.execute(
                    sql: "INSERT INTO spend(day, run, stream, requests, tokens) VALUES (?, ?, ?, ?, ?)",
                    arguments: [day, manifest.run, stream, spent.requests, spent.tokens])
            }
        }
    }

    /// What is done of a stream is done of all its lists; what one list had done beyond that is begun again.
    private static func insertCoverage(of manifests: [Manifest], in db: Database) throws {
        var streams: [String: Coverage] = [:]
        for manifest in manifests {
            for (stream, interval) in manifest.intervals() { streams[stream, default: Coverage()].add(interval) }
        }
        for (stream, coverage) in streams {
            try Index.setCoverage("stream_coverage", "stream", stream, coverage, in: db)
            let known = Catalogue.stream(named: stream)
            for list in known?.lists ?? [] {
                let done = known?.coverage(of: list, within: coverage) ?? coverage
                try Index.setCoverage("list_coverage", "list", list.name, done, in: db)
            }
        }
    }

    // MARK: Files

    private mutating func add(_ found: Survey.Found, id: Int64) throws {
        var tally = FileTally(
            after: lastSeqs[found.place.stream] ?? 0, of: found.place.run, isMerged: found.told.isMerged)
        try index.write { db in
            var file = FileRow(
                id: id, run: try Index.runNumber(found.place.run, in: db), stream: found.place.stream,
                number: found.place.number, path: found.path,
                day: found.place.day)
            let rows = VersionRows(stream: try Index.streamNumber(file.stream, in: db), file: id, db: db)
            let spec = Catalogue.stream(named: file.stream) ?? .unknown(file.stream)
            let objects = reader(spec)
            var block: BlockRow?
            let totals = try disk.storing {
                try SnapshotWalk.read(folders.absolute(found.path), on: disk) { bytes in
                    let line = try KeptLine(bytes, saysParent: spec.saysParent, reader: objects)
                    try tally.add(line)
                    try rows.insert(line, definesFields: spec.definesFieldsOf != nil)
                    if let parent = line.parent, !spec.isHistory { try rows.insert(parent, of: line) }
                    block = block?.with(line) ?? BlockRow(line)
                } block: { range in
                    if let block { try rows.insert(block, at: range) }
                    block = nil
                }
            }
            guard block == nil else { throw FileDamage("does not end with one of our blocks") }
            try tally.describe(&file, totals)
            if let told = found.told, let difference = told.difference(from: file) { throw FileDamage(difference) }
            try Index.save(file, in: db)
        }
        lastSeqs[found.place.stream] = tally.lastSeq
        records += tally.records
    }
}

/// The rows of one file.
private struct VersionRows {
    let stream: Int64
    let file: Int64
    let db: Database

    /// The lines of a stream come in the order of their numbers, so each is the newest so far.
    func insert(_ line: KeptLine, definesFields: Bool) throws {
        let key = line.key.databaseValue
        try db.cachedStatement(
            sql: """
                INSERT INTO history(stream, id, seq, op, update_time, hash)
                SELECT stream, id, seq, op, update_time, hash FROM heads WHERE stream = ? AND id = ?
                """
        ).execute(arguments: [stream, key])
        try db.cachedStatement(
            sql: "REPLACE INTO heads(stream, id, seq, op, update_time, hash) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            stream, key, line.seq, line.operation.rawValue, line.updateTime?.databaseValue ?? .null, line.hash,
        ])
        guard definesFields else { return }
        try Index.remember(
            FieldVersion(
                stream: stream, field: line.key, seq: line.seq, answeredAt: line.fetchedAt, names: line.names), in: db)
    }

    func insert(_ parent: RecordKey, of line: KeptLine) throws {
        try db.cachedStatement(sql: "REPLACE INTO child_parents(stream, id, parent) VALUES (?, ?, ?)")
            .execute(arguments: [stream, line.key.databaseValue, parent.databaseValue])
    }

    func insert(_ block: BlockRow, at range: Range<Int64>) throws {
        do {
            try db.cachedStatement(
                sql: """
                    INSERT INTO blocks(first_seq, last_seq, file, start, length, answered_ms) VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                block.firstSeq, block.lastSeq, file, range.lowerBound, range.upperBound - range.lowerBound,
                block.fetchedAt.seconds * 1000,
            ])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw FileDamage("_seq \(block.firstSeq) is that of a line of another file too")
        }
    }
}

/// The lines of one page.
struct BlockRow: Hashable {
    var firstSeq: Int64
    var lastSeq: Int64
    var fetchedAt: Instant

    init(_ line: KeptLine) { (firstSeq, lastSeq, fetchedAt) = (line.seq, line.seq, line.fetchedAt) }

    func with(_ line: KeptLine) -> BlockRow {
        var block = self
        block.lastSeq = line.seq
        return block
    }
}

extension StreamSpec {
    /// A stream that is in the files and no longer, or not yet, in the catalogue.
    static func unknown(_ name: String) -> StreamSpec {
        StreamSpec(
            name: name, group: .core, lists: [], keyMember: "id", updateTimeMember: "update_time",
            timeToLiveSeconds: nil)
    }
}
