import Foundation
import GRDB
import Testing

@testable import Storage

/// A row's hash is made in two ways: of the values that a trigger passes, and of the columns where they lie.
@Suite struct RowHashTests {
    private let values: [any DatabaseValueConvertible] = [
        Int64.min, Int64(-1), Int64(0), Int64.max, 0.1, -0.0, 1e300, Double.infinity, "", "a", "é", "e\u{301}", "日本",
        "👩‍🔬", String(repeating: "long ", count: 1000), Data(), Data([0]), Data([0, 255, 0]),
    ]

    private func made() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase(TableSums.prepare)
        let database = try DatabaseQueue(configuration: configuration)
        try database.write { db in
            try db.execute(sql: "CREATE TABLE things(id INTEGER PRIMARY KEY, a, b)")
            try TableSums.keep(in: db)
        }
        return database
    }

    private func sum(_ db: Database) throws -> Int64? {
        #expect(try TableSums.damagedTables(in: db, withSchema: true) == [])
        return try Int64.fetchOne(db, sql: "SELECT sum FROM table_sums WHERE name = 'things'")
    }

    @Test func bothWaysAgreeOnEveryValue() throws {
        try made().write { db in
            var sums: Set<Int64?> = [try sum(db)]
            for (place, value) in (values + [DatabaseValue.null]).enumerated() {
                let other = values[(place + 7) % values.count]
                try db.execute(sql: "INSERT INTO things VALUES (?, ?, ?)", arguments: [place, value, other])
                sums.insert(try sum(db))
                try db.execute(sql: "UPDATE things SET b = a, a = b WHERE id = ?", arguments: [place])
                sums.insert(try sum(db))
            }
            // A zero byte gets into a text by SQL alone.
            try db.execute(sql: "INSERT INTO things VALUES (-1, 'a' || char(0) || 'b', char(0))")
            _ = try sum(db)
            try db.execute(sql: "DELETE FROM things WHERE id = -1")
            // Each state has a sum of its own.
            #expect(sums.count == 1 + 2 * (values.count + 1))
            for place in 0...values.count {
                try db.execute(sql: "DELETE FROM things WHERE id = ?", arguments: [place])
                _ = try sum(db)
            }
            #expect(try sum(db) == 0)
        }
    }

    @Test func whatTheDiskTurnedIsFound() throws {
        try made().write { db in
            try db.execute(sql: "INSERT INTO things VALUES (1, 'text', 0.5)")
            try db.execute(sql: "DROP TRIGGER things_UPDATE")
            for value in values {
                try db.inSavepoint {
                    try db.execute(sql: "UPDATE things SET a = ?", arguments: [value])
                    #expect(try TableSums.damagedTables(in: db) == ["things"])
                    return .rollback
                }
            }
        }
    }
}
