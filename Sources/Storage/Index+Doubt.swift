import GRDB
package import Planning

/// When an index was made anew and nothing is left of the old one, nobody knows what runs without a manifest have
/// spent today. Until the server was asked, the ledger is in doubt; from then on the day counts as spent up to
/// what the server told. Both are kept as marks of no address; reservations stay what they were.
extension Index {
    private static let doubtName = "ledger-unknown"
    private static func presumedName(_ day: String) -> String { "presumed:\(day)" }

    static func doubtLedger(until: Instant, in db: Database) throws {
        try db.executeCached(
            sql: "REPLACE INTO marks(name, until, base_url, detail) VALUES (?, ?, '', '')",
            arguments: [doubtName, until.seconds])
    }

    func isLedgerInDoubt(at now: Instant) throws -> Bool {
        try read { db in
            let sql = "SELECT 1 FROM marks WHERE name = ? AND until > ?"
            return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [Self.doubtName, now.seconds]) ?? false
        }
    }

    /// Ends the doubt.
    /// - Parameter presumed: tokens that were spent beyond the reservations we know of.
    func settleLedger(day: String, presumed: Int, allowance: Allowance) throws {
        try write { db in
            try db.executeCached(
                sql: """
                    REPLACE INTO marks(name, until, base_url, detail)
                    SELECT ?, until, '', ? FROM marks WHERE name = ?
                    """,
                arguments: [Self.presumedName(day), String(presumed), Self.doubtName])
            try db.executeCached(sql: "DELETE FROM marks WHERE name = ?", arguments: [Self.doubtName])
            try Self.save(allowance, in: db)
        }
    }

    /// Tokens of the day that count as spent though we know of no reservation.
    package func presumedSpent(day: String) throws -> Int {
        try read { db in
            let sql = "SELECT CAST(detail AS INTEGER) FROM marks WHERE name = ?"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [Self.presumedName(day)]) ?? 0
        }
    }
}

extension RunStore {
    /// What was spent today is not known; see `Index+Doubt.swift`.
    package func isLedgerInDoubt() throws -> Bool { try index.isLedgerInDoubt(at: now) }

    package func settleLedger(presumed: Int, allowance: Allowance) throws {
        try index.settleLedger(day: allowance.day, presumed: presumed, allowance: allowance)
    }
}
