import GRDB

/// One sum a table, kept by triggers in the transaction that changes the rows: so a byte of the ledger, of a cursor or
/// of a mark that the disk turned is known by its table's sum, though nothing else tells of it.
///
/// A table's sum is that of its rows' hashes, modulo 2^64: in any order, and made new from the rows that change alone.
/// The versions have none, nor have the parents of children. They are many, and the snapshot files vouch for each.
enum TableSums {
    static let unsummed: Set<String> = ["heads", "history", "child_parents", "table_sums"]
    /// A row a page that was ever pulled: asked of by `verify` alone, or an idle night would read all of them. A run
    /// takes nothing from the rows of earlier runs.
    static let growing: Set<String> = ["blocks"]
    /// Under this name stands the sum of the tables, views and triggers themselves.
    private static let schema = "sqlite_schema"
    private static let functionName = "sum_with_row"

    /// What a connection that writes must know, or its first statement is refused.
    static func prepare(_ db: Database) throws {
        db.add(
            function: DatabaseFunction(functionName, argumentCount: nil, pure: true) { values in
                let sum = Int64.fromDatabaseValue(values[0]) ?? 0, sign = Int64.fromDatabaseValue(values[1]) ?? 0
                var hash = RowHash()
                values.dropFirst(2).forEach { hash.add($0) }
                return sum &+ sign &* hash.value
            })
        // Else a row that REPLACE removes would go without its trigger.
        try db.execute(sql: "PRAGMA recursive_triggers = ON")
    }

    /// Begins to keep the sums of all tables that have none yet; their rows are taken as they lie.
    static func keep(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS table_sums(name TEXT PRIMARY KEY, sum INTEGER NOT NULL) WITHOUT ROWID
                """)
        for table in try tables(in: db) {
            for (event, change) in try changes(of: table, in: db) {
                try db.execute(sql: "DROP TRIGGER IF EXISTS \(table)_\(event)")
                try db.execute(
                    sql: """
                        CREATE TRIGGER \(table)_\(event) AFTER \(event) ON \(table)
                        BEGIN UPDATE table_sums SET sum = \(change) WHERE name = '\(table)'; END
                        """)
            }
            try db.execute(
                sql: "INSERT OR IGNORE INTO table_sums(name, sum) VALUES (?, ?)",
                arguments: [table, try sum(of: table, in: db)])
        }
        try db.execute(
            sql: "REPLACE INTO table_sums(name, sum) VALUES (?, ?)", arguments: [schema, try schemaSum(in: db)])
    }

    /// Tables whose rows are not those that were written, in order of their names.
    /// - Parameters:
    ///   - unasked: tables left out.
    ///   - withSchema: also asks for the tables, views and triggers themselves.
    static func damagedTables(in db: Database, but unasked: Set<String> = [], withSchema: Bool = false) throws
        -> [String]
    {
        var told: [DatabaseValue: DatabaseValue] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT name, sum FROM table_sums") { told[row["name"]] = row["sum"] }
        func isDamaged(_ name: String, _ sum: Int64) -> Bool { told[name.databaseValue] != sum.databaseValue }
        let asked = try tables(in: db).filter { !unasked.contains($0) }
        var damaged = try asked.filter { isDamaged($0, try sum(of: $0, in: db)) }
        if withSchema, isDamaged(schema, try schemaSum(in: db)) { damaged.append(schema) }
        return damaged
    }

    // MARK: Sums

    private static func tables(in db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).filter { !unsummed.contains($0) }
    }

    private static func sum(of table: String, in db: Database) throws -> Int64 {
        try sum(of: "SELECT * FROM \(quoted(table))", db)
    }

    /// Where a table's pages lie is SQLite's business, and so are the indexes it makes for keys.
    private static func schemaSum(in db: Database) throws -> Int64 {
        try sum(of: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'index'", db)
    }

    private static func sum(of query: String, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: query)
        let columns = Int32(statement.columnCount)
        let rows = try Row.fetchCursor(statement)
        var sum: Int64 = 0
        while try rows.next() != nil {
            var hash = RowHash()
            for column in 0..<columns { hash.add(column: column, of: statement.sqliteStatement) }
            sum &+= hash.value
        }
        return sum
    }

    /// What makes a new sum out of the old one, for each thing that can happen to a row.
    private static func changes(of table: String, in db: Database) throws -> [(event: String, change: String)] {
        let columns = try db.columns(in: table).map(\.name)
        func with(_ sum: String, _ sign: Int, _ row: String) -> String {
            "\(functionName)(\(sum), \(sign), \(columns.map { "\(row).\(quoted($0))" }.joined(separator: ", ")))"
        }
        return [
            ("INSERT", with("sum", 1, "new")), ("DELETE", with("sum", -1, "old")),
            ("UPDATE", with(with("sum", -1, "old"), 1, "new")),
        ]
    }

    private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
