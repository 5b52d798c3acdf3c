import GRDB
import Planning

/// What an index knows that no manifest tells: the spending of runs that committed nothing, what the server said
/// of the company's budget, and what is not to be asked for.
struct OldLedger {
    private var runs: [Row]
    private var spend: [Row]
    private var company: [Row]
    private var marks: [Row]
    private var learnt: [(table: String, rows: [Row])] = []

    private static let tables: Set<String> = ["run_log", "spend", "company_budget", "marks"]
    /// What may be lost, and is worth keeping; all of it or nothing.
    private static let learntTables = [
        "spend_times(began_at, tokens)", "told_counts(told_at, remaining, token_limit)",
        "reset_sightings(latest, earliest, nearly_full)", "mark_access(name, access)",
    ]

    /// Nil when there is no index or it is damaged: half of a ledger would be taken for all of it.
    init?(of folders: Folders, isThere: Bool) throws {
        guard isThere else { return nil }
        do {
            let index = try Index(reading: folders.index)
            defer { try? index.database.close() }
            let damaged = try index.damagedTables()
            guard Self.tables.isDisjoint(with: damaged) else { return nil }
            (runs, spend, company, marks) = try index.read { db in
                func all(_ table: String) throws -> [Row] { try Row.fetchAll(db, sql: "SELECT * FROM \(table)") }
                return (try all("run_log"), try all("spend"), try all("company_budget"), try all("marks"))
            }
            let isLearntWhole = !Self.learntTables.contains { table in damaged.contains { table.hasPrefix("\($0)(") } }
            if isLearntWhole {
                learnt = try index.read { db in try Self.learntTables.map { try Self.rows(of: $0, db) } }
            }
        } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
            // Not a database, or not one of ours.
            return nil
        }
    }

    /// Writes what is not known already: everything of runs that are not in `run_log` yet.
    func copy(to db: Database, now: Instant) throws {
        let known = Set(try String.fetchAll(db, sql: "SELECT name FROM run_log"))
        let manifested = Set(try String.fetchAll(db, sql: "SELECT name FROM run_log WHERE ended_at IS NOT NULL"))
        for run in runs where !known.contains(run["name"]) {
            let endedAt: Int64? = run["ended_at"], outcome: String? = run["outcome"]
            try db.execute(
                sql: "INSERT INTO run_log(name, started_at, ended_at, outcome, exit_code) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    run["name"], run["started_at"], endedAt ?? now.seconds, outcome ?? Outcome.interrupted.rawValue,
                    run["exit_code"],
                ])
        }
        for row in spend where !manifested.contains(row["run"]) {
            try Self.insert(row, into: "spend(day, run, stream, requests, tokens)", in: db)
        }
        for row in company {
            try Self.insert(
                row, into: "company_budget(day, lowest_remaining, reserved_since, token_limit, exhausted)", in: db)
        }
        for row in marks { try Self.insert(row, into: "marks(name, until, base_url, detail)", in: db) }
        for (table, rows) in learnt {
            for row in rows { try Self.insert(row, into: table, in: db) }
        }
    }

    private static func rows(of table: String, _ db: Database) throws -> (table: String, rows: [Row]) {
        (table, try Row.fetchAll(db, sql: "SELECT * FROM \(table.prefix { $0 != "(" })"))
    }

    /// The row's columns are those of the table, in its order.
    private static func insert(_ row: Row, into table: String, in db: Database) throws {
        let places = row.databaseValues.map { _ in "?" }.joined(separator: ", ")
        try db.execute(
            sql: "INSERT INTO \(table) VALUES (\(places))", arguments: StatementArguments(row.databaseValues))
    }
}
