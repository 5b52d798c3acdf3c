import GRDB
import Planning

/// Records that are missing from their lists because they became ones of another stream.
extension Index {
    /// Of missing records only: nearly all of the others that are named were never known here.
    static func remember(
        _ move: SweepPage.Move, to successor: String, _ sweep: Sweep, at now: Instant, in db: Database
    ) throws {
        try db.executeCached(
            sql: """
                REPLACE INTO moved_records(stream, id, seq, to_stream, to_id, found_at)
                SELECT m.stream, m.id, h.seq, ?, ?, ? FROM sweep_missing m
                  JOIN heads h ON h.stream = (SELECT id FROM stream_names WHERE name = m.stream) AND h.id = m.id
                WHERE m.stream = ? AND m.id = ?
                """,
            arguments: [
                successor, move.successor.databaseValue, max(now, sweep.beganAt).seconds, sweep.stream,
                move.key.databaseValue,
            ])
    }

    /// What is shown again has not moved, or has come back.
    static func forgetMoved(_ shown: [RecordKey], of stream: String, in db: Database) throws {
        try db.executeCached(
            sql: "DELETE FROM moved_records WHERE stream = ? AND id IN (SELECT value FROM json_each(?))",
            arguments: [stream, jsonArray(shown)])
    }

    static func addMoves(to book: inout SweepBook, _ stream: String, in db: Database) throws {
        let absentAt = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT last_at FROM sweep_absences WHERE stream = ?"), arguments: [stream])
        book.absentAt = absentAt.map { Instant(seconds: $0) }
        let since = book.begun?.beganAt ?? book.last?.beganAt
        book.moved =
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM moved_records WHERE stream = ? AND found_at >= ?"),
                arguments: [stream, since?.seconds ?? 0]) ?? 0
        // What was there then was shown, buried or known to have moved. Before the first sweep it is not known when a
        // record was seen last, but none was seen before the first page.
        book.seenSince = try book.last?.beganAt ?? firstSeen(stream, in: db)
    }

    private static func firstSeen(_ stream: String, in db: Database) throws -> Instant? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(b.answered_ms) FROM blocks b JOIN file_log f ON f.id = b.file
                    WHERE f.stream = (SELECT id FROM stream_names WHERE name = ?)
                    """), arguments: [stream]
        ).map { Instant(milliseconds: $0) }
    }

    /// What the sweep of the stream still misses.
    func missing(stream: String) throws -> [RecordKey] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM sweep_missing WHERE stream = ? ORDER BY id"),
                arguments: [stream]
            )
            .map { RecordKey(stored: $0[0]) }
        }
    }
}
