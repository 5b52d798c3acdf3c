import GRDB
import Planning

/// What one run has of a merged file's lines. They stand together, and the runs follow one another as they did.
struct RunShare: Codable, Hashable, Sendable {
    var run: String
    var records: Int
    var deletes: Int
    var firstSeq: Int64
    var lastSeq: Int64

    enum CodingKeys: String, CodingKey {
        case run, records, deletes
        case firstSeq = "first_seq"
        case lastSeq = "last_seq"
    }
}

extension Index {
    static func insert(_ shares: [RunShare], of file: Int64, in db: Database) throws {
        for share in shares {
            try db.executeCached(
                sql: """
                    INSERT INTO merged_runs(file, run, records, deletes, first_seq, last_seq) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    file, try runNumber(share.run, in: db), share.records, share.deletes, share.firstSeq, share.lastSeq,
                ])
        }
    }

    /// Nil for a file that has lines of its own run alone.
    static func shares(of file: Int64, in db: Database) throws -> [RunShare]? {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT r.name, m.records, m.deletes, m.first_seq, m.last_seq
                    FROM merged_runs m JOIN run_log r ON r.id = m.run WHERE m.file = ? ORDER BY m.first_seq
                    """), arguments: [file])
        guard !rows.isEmpty else { return nil }
        return rows.map { RunShare(run: $0[0], records: $0[1], deletes: $0[2], firstSeq: $0[3], lastSeq: $0[4]) }
    }

    /// The number of a run by its name. One that is not known is left open, so that whoever opens the index next closes
    /// it as every killed run is closed.
    static func runNumber(_ name: String, in db: Database) throws -> Int64 {
        if let known = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM run_log WHERE name = ?"), arguments: [name])
        {
            return known
        }
        try db.executeCached(
            sql: "INSERT INTO run_log(name, started_at) VALUES (?, ?)",
            arguments: [name, Instant(runName: name)?.seconds ?? 0])
        return db.lastInsertedRowID
    }

    /// Lines of the run stand in a merged file, its own or a later run's.
    func isMerged(_ run: RunRow) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS(SELECT 1 FROM merged_runs WHERE run = ?)"), arguments: [run.id])
                ?? false
        }
    }
}
