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
                return sum &+ sign &* hash(of: values.dropFirst(2))
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
        var sum: Int64 = 0
        let rows = try Row.fetchCursor(db, sql: query)
        while let row = try rows.next() { sum &+= hash(of: row.databaseValues) }
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

    // MARK: Hashes

    /// FNV-1a with 64 bits: each step is one to one, so a single byte that differs always shows. Its last steps alone
    /// would be as good as an addition, and the same change of several rows could cancel out in their sum; so all bits
    /// are mixed once more, also one to one.
    private static func hash(of values: some Sequence<DatabaseValue>) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        func add(_ kind: Character, _ bytes: some Collection<UInt8>) {
            add(kind.asciiValue ?? 0)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { $0.forEach(add) }
            bytes.forEach(add)
        }
        for value in values {
            switch value.storage {
            case .null: add("n", [])
            case .int64(let number): withUnsafeBytes(of: number.littleEndian) { add("i", $0) }
            case .double(let number): withUnsafeBytes(of: number.bitPattern.littleEndian) { add("d", $0) }
            case .string(let text): add("t", text.utf8)
            case .blob(let bytes): add("b", bytes)
            }
        }
        return Int64(bitPattern: mixed(hash))
    }

    /// The last steps of MurmurHash3.
    private static func mixed(_ hash: UInt64) -> UInt64 {
        var hash = hash
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }
}
