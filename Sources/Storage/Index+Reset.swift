import GRDB
package import Planning

/// What was learnt of the reset, and what was reserved when.
extension Index {
    /// All time zones are whole quarters of an hour apart, and so are most times of day that somebody chooses.
    private static let slotSeconds: Int64 = 900
    /// Far longer than what is asked for, lest a clock that is ahead for a while take it away.
    private static let keptSeconds: Int64 = 40 * 86_400

    static func remember(_ tokens: Int, spentAt now: Instant, in db: Database) throws {
        try db.executeCached(
            sql: """
                INSERT INTO spend_times(began_at, tokens) VALUES (?, ?)
                ON CONFLICT(began_at) DO UPDATE SET tokens = tokens + excluded.tokens
                """, arguments: [slot(of: now), tokens])
        try db.executeCached(
            sql: "DELETE FROM spend_times WHERE began_at < ?", arguments: [now.seconds - keptSeconds])
    }

    /// Tokens reserved since then, or somewhat earlier. What a clock has booked that was days ahead is none of it.
    func spent(since: Instant, until: Instant) throws -> Int {
        try read { db in
            let sql = "SELECT coalesce(sum(tokens), 0) FROM spend_times WHERE began_at BETWEEN ? AND ?"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [Self.slot(of: since), until.seconds]) ?? 0
        }
    }

    private static func slot(of moment: Instant) -> Int64 { moment.seconds - moment.seconds % slotSeconds }

    package func resetWatch() throws -> ResetWatch {
        try read { db in
            let counts = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM told_counts ORDER BY told_at")).map {
                row in
                ResetWatch.Count(
                    at: Instant(seconds: row["told_at"]), remaining: row["remaining"], limit: row["token_limit"])
            }
            let sightings = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM reset_sightings ORDER BY latest"))
                .map { row in
                    ResetWatch.Sighting(
                        earliest: Instant(seconds: row["earliest"]), latest: Instant(seconds: row["latest"]),
                        isNearlyFull: row["nearly_full"])
                }
            return ResetWatch(counts: counts, sightings: sightings)
        }
    }

    func save(_ watch: ResetWatch) throws {
        try write { db in
            try db.executeCached(sql: "DELETE FROM told_counts")
            try db.executeCached(sql: "DELETE FROM reset_sightings")
            for count in watch.counts {
                try db.executeCached(
                    sql: "INSERT INTO told_counts(told_at, remaining, token_limit) VALUES (?, ?, ?)",
                    arguments: [count.at.seconds, count.remaining, count.limit])
            }
            for sighting in watch.sightings {
                try db.executeCached(
                    sql: "REPLACE INTO reset_sightings(latest, earliest, nearly_full) VALUES (?, ?, ?)",
                    arguments: [sighting.latest.seconds, sighting.earliest.seconds, sighting.isNearlyFull])
            }
        }
    }
}

extension RunStore {
    package func resetWatch() throws -> ResetWatch { try index.resetWatch() }
    package func save(_ watch: ResetWatch) throws { try index.save(watch) }
}

extension FrontDesk {
    package func resetWatch() throws -> ResetWatch { try index.resetWatch() }
    package func save(_ watch: ResetWatch) throws { try index.save(watch) }
}
