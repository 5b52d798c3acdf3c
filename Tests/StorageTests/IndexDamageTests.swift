import Foundation
import GRDB
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Damage of the index, table by table and byte by byte; `verify` finds all of it, and a run refuses to build upon it.
@Suite struct IndexDamageTests {
    let corpus = RebuildCorpus()
    private static let seed = SeededRandom.seed()
    private var random = SeededRandom(seed: Self.seed)

    init() throws {
        try corpus.fill()
        try corpus.fillBooks()
    }

    // MARK: Tables

    /// Every value of every row, each byte of it turned in turn, and every row gone: the sum of its table tells.
    @Test mutating func everyTurnedByteOfARowChangesTheSumOfItsTable() throws {
        var tried: [String: Int] = [:]
        let tables = try corpus.tables
        try corpus.behindItsBack { db in
            for table in tables where !TableSums.unsummed.contains(table) {
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
                for row in rows {
                    for change in changes(of: row) {
                        try db.inSavepoint {
                            guard try change.isMade(to: row, of: table, in: db) else { return .rollback }
                            tried[table, default: 0] += 1
                            let damaged = try TableSums.damagedTables(in: db)
                            #expect(damaged == [table], "\(change) in \(row), seed \(Self.seed)")
                            return .rollback
                        }
                    }
                }
            }
        }
        let empty = tables.filter { tried[$0] == nil && !TableSums.unsummed.contains($0) }
        #expect(empty == [], "no row to turn a byte of")
    }

    /// By way of the program: `verify` names it, `run` refuses it, and `rebuild` heals it.
    @Test func everyTableIsAskedOf() throws {
        let sound = try corpus.bytes(corpus.folders.index)
        for table in try corpus.tables {
            try corpus.behindItsBack { db in
                let column = try #require(try db.columns(in: table).last?.name)
                let sql = "UPDATE \(table) SET \(column) = coalesce(\(column), 0) || '7'"
                try db.execute(sql: sql)
            }
            #expect(try !corpus.verify().isWell, "\(table)")
            if !["heads", "history", "child_parents"].contains(table), !TableSums.growing.contains(table) {
                #expect { try corpus.vault() } throws: { ($0 as? Stop)?.code == .badData }
            }
            _ = try corpus.rebuild()
            #expect(try corpus.verify().disagreements == [], "\(table)")
            try corpus.vault().close()
            try corpus.removeIndex()
            try corpus.replace(corpus.folders.index, with: sound)
        }
    }

    /// A ledger that was turned may tell of fewer tokens than were spent: it counts as lost, and today is in doubt.
    @Test(arguments: [
        "UPDATE spend SET tokens = 0", "DELETE FROM spend", "UPDATE run_log SET name = name || 'x'",
        "UPDATE company_budget SET token_limit = 5", "UPDATE marks SET until = 0",
        "UPDATE table_sums SET sum = sum + 1",
    ])
    func aTurnedLedgerIsNotTakenOver(sql: String) throws {
        try corpus.behindItsBack { try $0.execute(sql: sql) }
        #expect(try !corpus.rebuild().isLedgerKept)
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect(try vault.beginRun().isLedgerInDoubt())
    }

    @Test func whatIsNoLedgerLeavesItBe() throws {
        try corpus.behindItsBack { try $0.execute(sql: "UPDATE walks SET cursor = 'turned'") }
        #expect(try corpus.rebuild().isLedgerKept)
    }

    /// When the reset is comes back with the ledger, but not where any of what it was learnt from was turned.
    @Test(arguments: [
        "UPDATE walks SET cursor = 'turned'", "UPDATE told_counts SET remaining = 1", "DELETE FROM reset_sightings",
        "UPDATE spend_times SET tokens = 0",
    ])
    func whatWasLearntIsKeptWhole(sql: String) throws {
        let before = try corpus.learnt()
        try corpus.behindItsBack { try $0.execute(sql: sql) }
        #expect(try corpus.rebuild().isLedgerKept)
        let after = try corpus.learnt()
        #expect(before.counts.count == 1 && before.sightings.count == 1)
        #expect(after == (sql.contains("walks") ? before : ResetWatch()))
    }

    /// A table that was turned says nothing against a manifest, so nothing has to be pulled again.
    @Test(arguments: [
        "UPDATE spend SET tokens = tokens + 1", "UPDATE run_log SET exit_code = 3", "UPDATE run_coverage SET until = 9",
    ])
    func aTurnedTableIsNoWitness(sql: String) throws {
        try corpus.behindItsBack { try $0.execute(sql: sql) }
        let report = try corpus.mend()
        #expect(report.disagreements.contains { $0.what.contains("is not as it was written") })
        #expect(report.refetch?.putAside == [:])
        #expect(report.refetch?.uncovered == [])
        #expect(try corpus.verify().disagreements == [])
    }

    private mutating func changes(of row: Row) -> [Turned] {
        var changes = [Turned(column: nil, value: .null)]
        for (column, value) in row {
            changes += Turned.values(near: value, &random).map { Turned(column: column, value: $0) }
        }
        return changes
    }

    // MARK: Bytes

    /// A flip that is not found has changed nothing that can be read.
    @Test mutating func everyFlippedByteOfTheIndexIsFound() throws {
        let index = corpus.folders.index
        try flip(40, of: index, in: corpus)
        let bytes = try corpus.bytes(index)
        for length in [1, 99, 100, 4096, bytes.count / 2, bytes.count - 4096, bytes.count - 1] {
            try corpus.replace(index, with: Array(bytes[..<length]))
            #expect(try !isTakenForWell(corpus), "cut at \(length)")
        }
    }

    /// SQLite would read such a database and never write upon it again.
    @Test(arguments: [0, 3, 255] as [UInt8]) func aFormatThatNobodyWritesIsFound(byte: UInt8) throws {
        var bytes = try corpus.bytes(corpus.folders.index)
        bytes[18] = byte
        try corpus.replace(corpus.folders.index, with: bytes)
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
        #expect { try corpus.vault() } throws: { ($0 as? Stop)?.code == .badData }
        _ = try corpus.rebuild()
        #expect(try corpus.verify().disagreements == [])
    }

    /// What the log holds beyond the database is believed up to the first frame that SQLite refuses.
    @Test mutating func everyFlippedByteOfTheLogIsFound() throws {
        let vault = try corpus.vault()
        defer { vault.close() }
        let store = try vault.beginRun()
        try corpus.put(store, corpus.deals, 0, (200...220).map { corpus.object($0, second: 4000 + $0) }, covered: nil)
        try store.end(outcome: .complete, exitCode: 0)
        let killed = try corpus.copy()
        try killed.disk.remove(killed.folders.index + "-shm")
        let log = killed.folders.index + "-wal"
        #expect(try killed.verify().disagreements == [])
        let bytes = try killed.bytes(log)
        let tables = try RebuildCorpus.views + killed.tables
        let whole = try killed.rows(tables)
        // Without its last transaction the index is that of a run that was killed between its manifest and its row.
        // Its shared memory would tell (`LogWitness`); here that is gone too.
        try killed.replace(log, with: Array(bytes[..<(bytes.count - 1)]))
        try killed.disk.remove(killed.folders.index + "-shm")
        #expect(try isTakenForWell(killed))
        let unended = try killed.rows(tables)
        #expect(tables.filter { unended[$0] != whole[$0] } == ["runs", "run_log", "table_sums"])
        try killed.replace(log, with: bytes)
        try flip(40, of: log, in: killed, or: unended)
        for length in [0, 31, bytes.count / 2] {
            try killed.replace(log, with: Array(bytes[..<length]))
            #expect(try !isTakenForWell(killed), "cut at \(length)")
        }
        try killed.disk.remove(log)
        #expect(try !isTakenForWell(killed))
    }

    /// - Parameter killed: the rows that a kill could have left as well.
    private mutating func flip(
        _ count: Int, of path: String, in corpus: RebuildCorpus, or killed: [String: [String]]? = nil
    ) throws {
        let tables = try RebuildCorpus.views + corpus.tables
        let (bytes, before) = (try corpus.bytes(path), try corpus.rows(tables))
        let others = try ["", "-wal"].map { corpus.folders.index + $0 }.filter { try corpus.disk.size($0) != nil }
        let kept = try others.map { ($0, try corpus.bytes($0)) }
        var found = 0
        for _ in 0..<count {
            for (path, bytes) in kept { try corpus.replace(path, with: bytes) }
            try corpus.disk.remove(corpus.folders.index + "-shm")
            var damaged = bytes
            let place = Int.random(in: bytes.indices, using: &random)
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            try corpus.replace(path, with: damaged)
            guard try isTakenForWell(corpus) else {
                found += 1
                continue
            }
            let after = try corpus.rows(tables)
            guard after != killed else { continue }
            let changed = tables.filter { after[$0] != before[$0] }
            #expect(changed == [], "byte \(place) of \(path), seed \(Self.seed)")
        }
        for (path, bytes) in kept { try corpus.replace(path, with: bytes) }
        // Most of a small index is room for more.
        #expect(found > 0, "\(found) of \(count)")
    }

    /// A refusal to read it at all is no such thing.
    private func isTakenForWell(_ corpus: RebuildCorpus) throws -> Bool {
        do {
            return try corpus.verify().isWell
        } catch let stop as Stop {
            #expect([.cannotCreateOutput, .cannotWriteOutput].contains(stop.code), "\(stop)")
            return false
        }
    }
}

/// One value of a row, turned; or, without a column, the row gone.
private struct Turned: CustomStringConvertible {
    var column: String?
    var value: DatabaseValue

    var description: String { column.map { "\($0) = \(value)" } ?? "no row" }

    /// Numbers with one bit of each byte turned, texts with one bit of each letter.
    static func values(near value: DatabaseValue, _ random: inout SeededRandom) -> [DatabaseValue] {
        switch value.storage {
        case .null: return [0.databaseValue, "".databaseValue]
        case .int64(let number):
            return (0..<8).map { (number ^ (1 << Int64(8 * $0 + Int.random(in: 0..<8, using: &random)))).databaseValue }
        case .string(let text):
            let bytes = Array(text.utf8)
            return bytes.indices.map { place in
                var turned = bytes
                // Within ASCII, where every text stays one.
                turned[place] ^= 1 << UInt8.random(in: 0..<7, using: &random)
                return String(decoding: turned, as: UTF8.self).databaseValue
            }
        case .double, .blob: return ["another kind".databaseValue]
        }
    }

    /// False where the table itself refuses.
    func isMade(to row: Row, of table: String, in db: Database) throws -> Bool {
        let condition = row.columnNames.map { "\"\($0)\" IS ?" }.joined(separator: " AND ")
        let values = row.databaseValues
        do {
            if let column {
                try db.execute(
                    sql: "UPDATE \(table) SET \(column) = ? WHERE \(condition)",
                    arguments: StatementArguments([value] + values))
            } else {
                try db.execute(sql: "DELETE FROM \(table) WHERE \(condition)", arguments: StatementArguments(values))
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        return db.changesCount == 1
    }
}
