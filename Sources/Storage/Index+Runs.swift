import GRDB
import Planning

/// How a run ended, as the manifest and the view `runs` name it.
package enum Outcome: String, Hashable, Sendable, Codable {
    case complete, paused, failed, interrupted
}

/// A run as the index knows it.
struct RunRow: Hashable, Sendable {
    var id: Int64
    var name: String
    var startedAt: Instant
}

extension Index {
    /// Begins a run under the name of this second or, if that is taken, of the next free one.
    func beginRun(at now: Instant, isTaken: (String) throws -> Bool) throws -> RunRow {
        var second = now
        while try exists(run: second.compact) || isTaken(second.compact) { second = second + 1 }
        let name = second.compact
        return try write { db in
            try db.executeCached(
                sql: "INSERT INTO run_log(name, started_at) VALUES (?, ?)", arguments: [name, now.seconds])
            return RunRow(id: db.lastInsertedRowID, name: name, startedAt: now)
        }
    }

    func endRun(_ run: RunRow, at now: Instant, outcome: Outcome, exitCode: Int32?) throws {
        try write { db in
            try db.executeCached(
                sql: "UPDATE run_log SET ended_at = ?, outcome = ?, exit_code = ? WHERE id = ?",
                arguments: [now.seconds, outcome.rawValue, exitCode, run.id])
        }
    }

    /// Runs that were killed: begun and never ended.
    func openRuns() throws -> [RunRow] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT id, name, started_at FROM run_log WHERE ended_at IS NULL ORDER BY id"))
            return rows.map { RunRow(id: $0[0], name: $0[1], startedAt: Instant(seconds: $0[2])) }
        }
    }

    /// The day on which each run began, as folders are named: UTC.
    func runDays() throws -> [String: String] {
        try read { db in
            try Row.fetchAll(db.cachedStatement(sql: "SELECT name, started_at FROM run_log")).reduce(into: [:]) {
                days, row in
                days[row[0]] = Instant(seconds: row[1]).utcDay
            }
        }
    }

    func runNames() throws -> Set<String> {
        try read { Set(try String.fetchAll($0.cachedStatement(sql: "SELECT name FROM run_log"))) }
    }

    /// Nil before the first run.
    func newestRunDay() throws -> String? {
        try read { try Int64.fetchOne($0.cachedStatement(sql: "SELECT max(started_at) FROM run_log")) }.map {
            Instant(seconds: $0).utcDay
        }
    }

    func tokensSpent(by run: RunRow) throws -> Int {
        try read { db in
            let sql = "SELECT coalesce(sum(tokens), 0) FROM spend WHERE run = ?"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [run.name]) ?? 0
        }
    }

    private func exists(run: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM run_log WHERE name = ?"), arguments: [run])
                ?? false
        }
    }
}
