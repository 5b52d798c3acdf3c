import GRDB
package import Planning

/// What a page of a sweep makes true, besides the versions in it.
package struct SweepPage: Sendable {
    /// The sweep after this page.
    package var sweep: Sweep
    /// From this part on the sweep ends as soon as nothing is missing any more.
    package var endsAt: Int
    package var news: News

    package enum News: Sendable {
        /// A slice of the keys as the list of this number shows it. The first page of all forgets an older
        /// sweep. Without a slice the keys are remembered, for the page that vouches for all.
        case slice(KeySlice?, list: Int, shown: [RecordKey], isFirst: Bool)
        /// These were asked for by their keys. Those not shown are to be asked of the next list; after the last one
        /// there is nobody left to ask, and the page holds their tombstones.
        case confirmation(asked: [RecordKey], shown: [RecordKey], nextList: Int?)
        /// These became records of another stream. After the last page what is still missing is gone, and the page
        /// holds its tombstones.
        case moves([Move], to: String, isLast: Bool)
    }

    /// A record, and what it became.
    package struct Move: Sendable {
        package var key: RecordKey
        package var successor: RecordKey

        package init(key: RecordKey, successor: RecordKey) { (self.key, self.successor) = (key, successor) }
    }

    package init(sweep: Sweep, endsAt: Int, news: News) {
        self.sweep = sweep
        self.endsAt = endsAt
        self.news = news
    }
}

// MARK: - What a page changes

extension Index {
    /// - Parameter now: when the sweep ends, if it does.
    static func remember(_ page: SweepPage, at now: Instant, in db: Database) throws {
        let stream = page.sweep.stream
        switch page.news {
        case .slice(let slice, let list, let shown, let isFirst):
            if isFirst {
                try db.executeCached(sql: "DELETE FROM sweep_missing WHERE stream = ?", arguments: [stream])
                try db.executeCached(sql: "DELETE FROM sweep_consents WHERE stream = ?", arguments: [stream])
                try forgetShown(by: shownName(stream), in: db)
            }
            try forgetMoved(shown, of: stream, in: db)
            if list == 0, let slice {
                try insertMissing(in: slice, of: stream, but: shown, in: db)
                try forgetShown(by: shownName(stream), in: db)
            } else if list == 0 {
                try show(shown, by: shownName(stream), in: db)
            } else {
                try forgetMissing(shown, of: stream, in: db)
            }
        case .confirmation(let asked, let shown, let nextList):
            try forgetMissing(nextList == nil ? asked : shown, of: stream, in: db)
            if let nextList {
                try db.executeCached(
                    sql: """
                        UPDATE sweep_missing SET list = ?
                        WHERE stream = ? AND id IN (SELECT value FROM json_each(?))
                        """, arguments: [nextList, stream, jsonArray(asked)])
                try db.executeCached(
                    sql: "REPLACE INTO sweep_absences(stream, last_at) VALUES (?, ?)",
                    arguments: [stream, max(now, page.sweep.beganAt).seconds])
            }
        case .moves(let moves, let successor, let isLast):
            for move in moves { try remember(move, to: successor, page.sweep, at: now, in: db) }
            try forgetMissing(moves.map(\.key), of: stream, in: db)
            if isLast { try db.executeCached(sql: "DELETE FROM sweep_missing WHERE stream = ?", arguments: [stream]) }
        }
        try save(page.sweep, in: db)
        try endIfSettled(page, at: now, in: db)
    }

    private static func shownName(_ stream: String) -> String { "\(stream) (sweep)" }

    private static func insertMissing(in slice: KeySlice, of stream: String, but shown: [RecordKey], in db: Database)
        throws
    {
        // Beyond both ends lies nothing: numbers sort before texts, and texts before blobs.
        try db.executeCached(
            sql: """
                INSERT OR IGNORE INTO sweep_missing(stream, id, list)
                SELECT ?, id, 0 FROM heads
                WHERE stream = (SELECT id FROM stream_names WHERE name = ?) AND op = 0
                  AND id > coalesce(?, -9223372036854775808) AND id <= coalesce(?, x'')
                  AND id NOT IN (SELECT value FROM json_each(?))
                  AND id NOT IN (SELECT id FROM seen WHERE list = ?)
                  AND seq NOT IN (SELECT seq FROM moved_records WHERE stream = ?)
                """,
            arguments: [
                stream, stream, slice.after?.databaseValue ?? .null, slice.through?.databaseValue ?? .null,
                jsonArray(shown), shownName(stream), stream,
            ])
    }

    private static func forgetMissing(_ keys: [RecordKey], of stream: String, in db: Database) throws {
        try db.executeCached(
            sql: "DELETE FROM sweep_missing WHERE stream = ? AND id IN (SELECT value FROM json_each(?))",
            arguments: [stream, jsonArray(keys)])
    }

    private static func save(_ sweep: Sweep, in db: Database) throws {
        let (cursor, start) = PagePosition.columns(of: sweep.position)
        try db.executeCached(
            sql: """
                REPLACE INTO sweeps(stream, began_at, list, cursor, start, last_key, known, shown, gone, newer)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                sweep.stream, sweep.beganAt.seconds, sweep.part, cursor, start, sweep.lastKey?.databaseValue ?? .null,
                sweep.known, sweep.shown, sweep.gone, sweep.newer,
            ])
    }

    /// A sweep has ended when all lists were walked and nothing is missing any more.
    private static func endIfSettled(_ page: SweepPage, at now: Instant, in db: Database) throws {
        let sweep = page.sweep
        guard sweep.part >= page.endsAt else { return }
        let isMissing = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS(SELECT 1 FROM sweep_missing WHERE stream = ?)"),
            arguments: [sweep.stream])
        guard isMissing == false else { return }
        try db.executeCached(sql: "DELETE FROM sweeps WHERE stream = ?", arguments: [sweep.stream])
        try db.executeCached(
            sql: """
                REPLACE INTO sweeps_done(stream, began_at, ended_at, shown, gone, newer) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                sweep.stream, sweep.beganAt.seconds, now.seconds, sweep.shown, sweep.gone, sweep.newer,
            ])
    }
}

/// Keys as SQLite's JSON functions read them.
func jsonArray(_ keys: [RecordKey]) -> String { "[\(keys.map(jsonText).joined(separator: ","))]" }

// MARK: - What is remembered

extension Index {
    /// What is known of the sweeps of every stream.
    /// - Parameter stream: the one of which something is wanted; nil for all.
    package func sweepBooks(of stream: String? = nil) throws -> [String: SweepBook] {
        try read { db in
            var books: [String: SweepBook] = [:]
            let one = "WHERE ?1 IS NULL OR stream = ?1"
            for row in try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM sweeps_done \(one)"), arguments: [stream])
            {
                books[row["stream"], default: SweepBook()].last = FinishedSweep(
                    beganAt: Instant(seconds: row["began_at"]), endedAt: Instant(seconds: row["ended_at"]),
                    shown: row["shown"], gone: row["gone"], newer: row["newer"])
            }
            for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM sweeps \(one)"), arguments: [stream]) {
                let sweep = Sweep(stored: row)
                books[sweep.stream, default: SweepBook()].begun = sweep
                try Self.addMissing(to: &books[sweep.stream, default: SweepBook()], sweep.stream, in: db)
            }
            for stream in books.keys where Catalogue.successor(of: stream) != nil {
                try Self.addMoves(to: &books[stream, default: SweepBook()], stream, in: db)
            }
            return books
        }
    }

    private static func addMissing(to book: inout SweepBook, _ stream: String, in db: Database) throws {
        book.isAccepted =
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT began_at FROM sweep_consents WHERE stream = ?"), arguments: [stream])
            == book.begun?.beganAt.seconds
        book.missing =
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM sweep_missing WHERE stream = ?"), arguments: [stream])
            ?? 0
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, list FROM sweep_missing
                    WHERE stream = ?1 AND list = (SELECT min(list) FROM sweep_missing WHERE stream = ?1)
                    ORDER BY id LIMIT ?2
                    """), arguments: [stream, Selection.mostKeys])
        book.unconfirmed = rows.map { RecordKey(stored: $0[0]) }
        book.unconfirmedPart = rows.first?[1] ?? 0
    }

    /// What this sweep misses was really deleted.
    func accept(_ sweep: Sweep) throws {
        try write { db in
            try db.executeCached(
                sql: "REPLACE INTO sweep_consents(stream, began_at) VALUES (?, ?)",
                arguments: [sweep.stream, sweep.beganAt.seconds])
        }
    }

    /// Records of the stream that stand as present and have not become others.
    package func presentCount(stream: String) throws -> Int {
        try read { db in
            try Int.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM heads
                        WHERE op = 0 AND stream = (SELECT id FROM stream_names WHERE name = ?1)
                          AND seq NOT IN (SELECT seq FROM moved_records WHERE stream = ?1)
                        """), arguments: [stream]) ?? 0
        }
    }
}

extension Sweep {
    fileprivate init(stored row: Row) {
        self.init(stream: row["stream"], beganAt: Instant(seconds: row["began_at"]), known: row["known"])
        part = row["list"]
        position = PagePosition(stored: row)
        let key: DatabaseValue = row["last_key"]
        lastKey = key.isNull ? nil : RecordKey(stored: key)
        shown = row["shown"]
        gone = row["gone"]
        newer = row["newer"]
    }
}

extension RunStore {
    package func sweepBooks() throws -> [String: SweepBook] { try index.sweepBooks() }

    package func sweepBook(of stream: String) throws -> SweepBook? { try index.sweepBooks(of: stream)[stream] }

    /// What this sweep misses was really deleted: remembered as long as the sweep is.
    package func accept(_ sweep: Sweep) throws { try index.accept(sweep) }

    package func presentCount(stream: String) throws -> Int { try index.presentCount(stream: stream) }

    package func missing(of stream: StreamSpec) throws -> [RecordKey] { try index.missing(stream: stream.name) }
}
