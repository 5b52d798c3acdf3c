import GRDB
package import Planning

/// A finished or running run, as `status` shows it.
package struct RunSummary: Hashable, Sendable, Encodable {
    package var run: String
    package var startedAt: String
    package var endedAt: String?
    package var outcome: String?
    package var exitCode: Int?
    package var tokens: Int
    package var records: Int
}

/// What of a run's findings a reader needs, without touching anything.
extension Index {
    /// What is done of each stream.
    package func streamCoverage() throws -> [String: Coverage] {
        try coverage(table: "stream_coverage", column: "stream")
    }

    /// What is done of each list.
    package func listCoverage() throws -> [String: Coverage] {
        try coverage(table: "list_coverage", column: "list")
    }

    package func begunWalks() throws -> [Walk] { try walks() }

    /// Versions in files, by stream.
    package func versionCounts() throws -> [String: Int] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT s.name, sum(f.records) FROM file_log f JOIN stream_names s ON s.id = f.stream
                        GROUP BY s.name
                        """))
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
        }
    }

    /// The last run, and the last one that was complete.
    package func lastRuns() throws -> (last: RunSummary?, complete: RunSummary?) {
        try read { db in
            func fetch(_ condition: String) throws -> RunSummary? {
                let sql = "SELECT * FROM runs WHERE run = (SELECT max(name) FROM run_log WHERE \(condition))"
                return try Row.fetchOne(db.cachedStatement(sql: sql)).map(RunSummary.init(stored:))
            }
            return (try fetch("1"), try fetch("outcome = 'complete'"))
        }
    }

    /// When each stream was last brought forward: the end of the last run that finished an interval of it, or its
    /// beginning while it is under way.
    package func lastSuccesses() throws -> [String: Instant] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.stream, coalesce(r.ended_at, r.started_at)
                        FROM (SELECT stream, max(run) AS run FROM run_coverage GROUP BY stream) c
                          JOIN run_log r ON r.id = c.run
                        """))
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, Instant(seconds: $0[1])) })
        }
    }

    /// Tokens reserved in a budget day, by stream.
    func spentByStream(day: String) throws -> [String: Int] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT stream, sum(tokens) FROM spend WHERE day = ? GROUP BY stream"),
                arguments: [day])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
        }
    }
}

extension RunSummary {
    fileprivate init(stored row: Row) {
        self.init(
            run: row["run"], startedAt: row["started_at"], endedAt: row["ended_at"], outcome: row["outcome"],
            exitCode: row["exit_code"], tokens: row["tokens_spent"], records: row["records"])
    }
}
