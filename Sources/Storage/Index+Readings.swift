import GRDB
package import Planning

/// What the lists have shown so far.
extension Index {
    static func learn(from entry: PageEntry, day: String, in db: Database) throws {
        guard let (kind, reading) = entry.reading else { return }
        let added = entry.page.versions.count { !$0.replacesHead && $0.operation == .upsert }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO readings(list, kind, day, pages, ends, rows, added, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(list, kind, day) DO UPDATE SET pages = pages + excluded.pages, ends = ends + excluded.ends,
                  rows = rows + excluded.rows, added = added + excluded.added, seconds = seconds + excluded.seconds
                """)
        try statement.execute(arguments: [
            entry.list.name, kind.rawValue, day, reading.pages, reading.ends, reading.rows, added, reading.seconds,
        ])
    }

    package func readings() throws -> Readings {
        try read { db in
            let recent = """
                WHERE day IN (SELECT DISTINCT day FROM readings ORDER BY day DESC LIMIT \(Readings.recentDays))
                """
            return Readings(
                everything: try Self.sums("", in: db), recent: try Self.sums(recent, in: db),
                greatestKeys: try Self.greatestKeys(in: db), secondsPerRequest: try Self.secondsPerRequest(in: db))
        }
    }

    private static func sums(_ condition: String, in db: Database) throws -> [Readings.Place: Reading] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT list, kind, sum(pages) AS pages, sum(ends) AS ends, sum(rows) AS rows, sum(added) AS added,
                      sum(seconds) AS seconds FROM readings \(condition) GROUP BY list, kind
                    """))
        return rows.reduce(into: [:]) { sums, row in
            guard let kind = StepKind(rawValue: row["kind"]) else { return }
            sums[Readings.Place(row["list"], kind)] = Reading(
                pages: row["pages"], ends: row["ends"], rows: row["rows"], added: row["added"], seconds: row["seconds"])
        }
    }

    /// Texts sort behind numbers, so a stream with such keys has none.
    private static func greatestKeys(in db: Database) throws -> [String: Int] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT name, (SELECT max(h.id) FROM heads h WHERE h.stream = s.id) AS id FROM stream_names s"))
        return rows.reduce(into: [:]) { keys, row in
            if case .int64(let key) = (row["id"] as DatabaseValue).storage { keys[row["name"]] = Int(key) }
        }
    }

    private static let pacedRuns = 10

    private static func secondsPerRequest(in db: Database) throws -> Double? {
        try Double.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT sum(CAST(seconds AS REAL)) / sum(requests) FROM (
                      SELECT r.ended_at - r.started_at AS seconds,
                        (SELECT sum(requests) FROM spend WHERE run = r.name) AS requests
                      FROM run_log r WHERE r.ended_at IS NOT NULL AND r.outcome <> 'interrupted'
                      ORDER BY r.id DESC LIMIT \(pacedRuns)) WHERE requests > 0
                    """))
    }
}
