import GRDB
import Planning

/// What the index says, asked without trust: a damaged one may hold anything anywhere, so values are compared as
/// they lie and never taken for a type unseen.
struct IndexWitness {
    let index: Index
    /// Not as they were written; what they say against a manifest is nothing.
    private(set) var damagedTables: Set<String> = []
    private(set) var openRuns: [Int64: String] = [:]
    /// Where files of open runs will be or are published.
    private(set) var unfinishedPaths: Set<String> = []
    private(set) var publishedByOpenRuns: [Verifier.Told] = []

    /// Throws `Stop` for what is no database, or no whole one.
    init(folders: Folders) throws {
        index = try Index(reading: folders.index)
        let faults = try rows("PRAGMA integrity_check(3)").compactMap { String.fromDatabaseValue($0[0]) }
        guard faults == ["ok"] else {
            throw Stop(.badData, faults.joined(separator: "; "), hint: "run pipesnap rebuild")
        }
        damagedTables = Set(try index.read { try TableSums.damagedTables(in: $0, withSchema: true) })
        for row in try rows("SELECT id, name FROM run_log WHERE ended_at IS NULL") {
            guard let id = Int64.fromDatabaseValue(row[0]), let name = String.fromDatabaseValue(row[1]) else {
                continue
            }
            openRuns[id] = name
            for path in try rows("SELECT path FROM file_log WHERE run = ?", [row[0]]) {
                if let path = String.fromDatabaseValue(path[0]) { unfinishedPaths.insert(path) }
            }
            publishedByOpenRuns += try files("f.run = ?", row[0]).map { Verifier.Told(run: name, told: $0) }
        }
    }

    /// All rows of a small answer.
    func rows(_ sql: String, _ arguments: [DatabaseValue] = []) throws -> [[DatabaseValue]] {
        try index.read { db in
            let statement = try db.cachedStatement(sql: sql)
            return try Row.fetchAll(statement, arguments: StatementArguments(arguments)).map {
                Array($0.databaseValues)
            }
        }
    }

    /// Sealed files as the index describes them; what cannot be one is left out.
    func files(_ condition: String, _ argument: DatabaseValue) throws -> [Manifest.File] {
        let sql = """
            SELECT f.path, s.name, f.records, f.deletes, f.bytes, f.uncompressed_bytes, f.sha256, f.first_seq,
              f.last_seq, f.min_update_time, f.max_update_time
            FROM file_log f JOIN stream_names s ON s.id = f.stream WHERE f.sha256 IS NOT NULL AND \(condition)
            """
        return try rows(sql, [argument]).compactMap { row in
            guard let path = String.fromDatabaseValue(row[0]), let stream = String.fromDatabaseValue(row[1]),
                let records = Int.fromDatabaseValue(row[2]), let deletes = Int.fromDatabaseValue(row[3]),
                let bytes = Int64.fromDatabaseValue(row[4]), let whole = Int64.fromDatabaseValue(row[5]),
                let sha256 = String.fromDatabaseValue(row[6]), let first = Int64.fromDatabaseValue(row[7]),
                let last = Int64.fromDatabaseValue(row[8])
            else { return nil }
            return Manifest.File(
                path: path, stream: stream, records: records, deletes: deletes, bytes: bytes, uncompressedBytes: whole,
                sha256: sha256, firstSeq: first, lastSeq: last,
                minUpdateTime: UpdateTime(stored: row[9])?.description,
                maxUpdateTime: UpdateTime(stored: row[10])?.description,
                runs: try shares(of: path).flatMap(RunShare.all))
        }
    }

    /// What the runs have of a merged file, as `RunShare.values` puts it; nil for any other file.
    func shares(of path: String) throws -> [[DatabaseValue]]? {
        let found = try rows(
            """
            SELECT r.name, m.records, m.deletes, m.first_seq, m.last_seq FROM merged_runs m
            JOIN run_log r ON r.id = m.run
            WHERE m.file = (SELECT id FROM file_log WHERE path = ?) ORDER BY m.first_seq
            """, [path.databaseValue])
        return found.isEmpty ? nil : found
    }

    /// Row by row, for an answer that may be long.
    func each(_ sql: String, _ body: ([DatabaseValue]) -> Void) throws {
        try index.read { db in
            let cursor = try Row.fetchCursor(db, sql: sql)
            while let row = try cursor.next() { body(Array(row.databaseValues)) }
        }
    }

    /// The names of the streams by their numbers.
    func streamNames() throws -> [DatabaseValue: String] {
        let names = try rows("SELECT id, name FROM stream_names").map {
            ($0[0], String.fromDatabaseValue($0[1]) ?? "?")
        }
        return Dictionary(names) { first, _ in first }
    }
}

extension [RunShare] {
    var values: [[DatabaseValue]] {
        map { share in
            let numbers = [Int64(share.records), Int64(share.deletes), share.firstSeq, share.lastSeq]
            return [share.run.databaseValue] + numbers.map(\.databaseValue)
        }
    }
}

extension RunShare {
    /// Nil where anything is not what it should be.
    fileprivate static func all(_ rows: [[DatabaseValue]]) -> [RunShare]? {
        let shares = rows.compactMap { row -> RunShare? in
            guard let run = String.fromDatabaseValue(row[0]), let records = Int.fromDatabaseValue(row[1]),
                let deletes = Int.fromDatabaseValue(row[2]), let first = Int64.fromDatabaseValue(row[3]),
                let last = Int64.fromDatabaseValue(row[4])
            else { return nil }
            return RunShare(run: run, records: records, deletes: deletes, firstSeq: first, lastSeq: last)
        }
        return shares.count == rows.count ? shares : nil
    }
}
