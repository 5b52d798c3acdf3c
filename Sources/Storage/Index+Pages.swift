import GRDB
import Planning

extension Index {
    /// The rows of one page's versions. The head that is replaced moves to the history.
    static func insert(_ page: NumberedPage, at place: PlacedBlock, stream: Int64, in db: Database) throws {
        guard let first = page.versions.first, let last = page.versions.last else { return }
        try db.executeCached(
            sql: "INSERT INTO blocks(first_seq, last_seq, file, start, length, answered_ms) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [first.seq, last.seq, place.file, place.start, place.length, page.answeredAtMilliseconds])
        let supersede = try RowStatement(
            """
            INSERT INTO history(stream, id, seq, op, update_time, hash)
            SELECT stream, id, seq, op, update_time, hash FROM heads WHERE stream = ? AND id = ?
            """, in: db)
        let put = try RowStatement(
            "REPLACE INTO heads(stream, id, seq, op, update_time, hash) VALUES (?, ?, ?, ?, ?, ?)", in: db)
        supersede.bind(stream, at: 1)
        put.bind(stream, at: 1)
        for version in page.versions {
            if version.replacesHead {
                supersede.bind(version.key, at: 2)
                try supersede.run()
            }
            put.bind(version.key, at: 2)
            put.bind(version.seq, at: 3)
            put.bind(Int64(version.operation.rawValue), at: 4)
            put.bind(version.updateTime, at: 5)
            put.bind(version.hash, at: 6)
            try put.run()
        }
        if page.definesFields { try rememberFields(page, of: stream, in: db) }
    }

    private static func rememberFields(_ page: NumberedPage, of stream: Int64, in db: Database) throws {
        let answeredAt = Instant(milliseconds: page.answeredAtMilliseconds)
        for version in page.versions {
            try remember(
                FieldVersion(
                    stream: stream, field: version.key, seq: version.seq, answeredAt: answeredAt,
                    names: version.operation == .upsert ? version.names : []), in: db)
        }
    }

    static func remember(_ entry: PageEntry, in db: Database) throws {
        if let walk = entry.walkBefore { try forget(walk, in: db) }
        if let walk = entry.walkAfter { try insert(walk, in: db) }
        if entry.beginsListing { try forgetShown(by: entry.list.name, in: db) }
        try show(entry.seen, by: entry.list.name, in: db)
        if entry.list.timeFilter == .none && entry.walkAfter == nil { try endListing(entry, in: db) }
    }

    func knowsRecords(stream: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS(SELECT 1 FROM heads WHERE op = 0
                          AND stream = (SELECT id FROM stream_names WHERE name = ?))
                        """), arguments: [stream]) ?? false
        }
    }

    static func setCoverage(_ table: String, _ column: String, _ name: String, _ coverage: Coverage, in db: Database)
        throws
    {
        try db.executeCached(sql: "DELETE FROM \(table) WHERE \(column) = ?", arguments: [name])
        for interval in coverage.intervals {
            try db.executeCached(
                sql: "INSERT INTO \(table)(\(column), since, until) VALUES (?, ?, ?)",
                arguments: [name, interval.since.seconds, interval.until.seconds])
        }
    }

    /// A window that is read page by page is one row that grows, not one a page.
    static func addCoverage(_ interval: Interval, of stream: String, to run: Int64, in db: Database) throws {
        let (since, until) = (interval.since.seconds, interval.until.seconds)
        try db.executeCached(
            sql: """
                UPDATE run_coverage SET since = min(since, ?3), until = max(until, ?4)
                WHERE run = ?1 AND stream = ?2 AND (since = ?4 OR until = ?3)
                """, arguments: [run, stream, since, until])
        guard db.changesCount == 0 else { return }
        try db.executeCached(
            sql: "INSERT INTO run_coverage(run, stream, since, until) VALUES (?, ?, ?, ?)",
            arguments: [run, stream, since, until])
    }
}

// MARK: - Walks

extension Index {
    private static func insert(_ walk: Walk, in db: Database) throws {
        let (cursor, start) = PagePosition.columns(of: walk.position)
        try db.executeCached(
            sql: """
                INSERT INTO walks(list, since, until, walk_order, cursor, start, frontier, began_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                walk.list, walk.interval?.since.seconds, walk.interval?.until.seconds, walk.order.rawValue, cursor,
                start, walk.frontier?.seconds, walk.beganAt.seconds,
            ])
        guard !walk.seam.isEmpty else { return }
        try db.executeCached(
            sql: "INSERT INTO walk_seams(walk, keys) VALUES (?, ?)",
            arguments: [db.lastInsertedRowID, jsonArray(walk.seam)])
    }

    private static func forget(_ walk: Walk, in db: Database) throws {
        let isIt = "list = ? AND since IS ? AND until IS ?"
        let name: StatementArguments = [walk.list, walk.interval?.since.seconds, walk.interval?.until.seconds]
        if !walk.seam.isEmpty {
            try db.executeCached(
                sql: "DELETE FROM walk_seams WHERE walk IN (SELECT id FROM walks WHERE \(isIt))", arguments: name)
        }
        try db.executeCached(sql: "DELETE FROM walks WHERE \(isIt)", arguments: name)
    }

    /// All walks under way, newest first.
    func walks() throws -> [Walk] {
        try read { db in
            try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM walks ORDER BY until DESC, id")).compactMap { row in
                var walk = Walk(stored: row)
                walk?.seam = try Row.fetchAll(
                    db.cachedStatement(
                        sql: "SELECT value FROM walk_seams, json_each(keys) WHERE walk = ? ORDER BY key"),
                    arguments: [row["id"]]
                ).map { RecordKey(stored: $0[0]) }
                return walk
            }
        }
    }

    func coverage(table: String, column: String) throws -> [String: Coverage] {
        try read { db in
            var result: [String: Coverage] = [:]
            for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT \(column), since, until FROM \(table)")) {
                let since = Instant(seconds: row[1]), until = Instant(seconds: row[2])
                if let interval = Interval(since: since, until: until) {
                    result[row[0], default: Coverage()].add(interval)
                }
            }
            return result
        }
    }
}

extension Walk {
    fileprivate init?(stored row: Row) {
        guard let order = Walk.Order(rawValue: row["walk_order"]) else { return nil }
        let since: Int64? = row["since"], until: Int64? = row["until"], frontier: Int64? = row["frontier"]
        var interval: Interval?
        if let since, let until {
            interval = Interval(since: Instant(seconds: since), until: Instant(seconds: until))
        }
        self.init(
            list: row["list"], interval: interval, order: order,
            position: PagePosition(stored: row),
            frontier: frontier.map { Instant(seconds: $0) }, beganAt: Instant(seconds: row["began_at"]))
    }
}
