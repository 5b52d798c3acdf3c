import Foundation
import GRDB
import Planning
import Platform
import TestSupport

@testable import Storage

/// A small output folder, filled as runs fill it.
final class RebuildCorpus {
    let output = FreeFolder.path()
    let disk = LocalDisk()
    let clock = ManualClock()
    let deals = Catalogue.stream(named: "deals") ?? .unknown("deals")
    let dealProducts = Catalogue.stream(named: "deal_products") ?? .unknown("deal_products")
    let users = Catalogue.stream(named: "users") ?? .unknown("users")
    var folders: Folders { Folders(output: output, account: "acme") }

    /// As it lies on the disk; the clock goes on from there.
    func copy() throws -> RebuildCorpus {
        let other = RebuildCorpus()
        try FileManager.default.copyItem(atPath: output, toPath: other.output)
        other.clock.set(milliseconds: clock.nowMilliseconds)
        return other
    }

    deinit { try? FileManager.default.removeItem(atPath: output) }

    func vault(_ recovery: Recovery? = nil) throws -> Vault {
        try Vault(account: "acme", output: output, disk: disk, clock: clock, recovery: recovery)
    }

    var recovery: Recovery { Recovery(reader: Self.reader, doubtUntil: now + 3600) }
    var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }

    func rebuild() throws -> RebuildReport {
        try Vault.rebuild(account: "acme", output: output, disk: disk, clock: clock, recovery: recovery)
    }

    func verify(share: Double = 1) throws -> VerifyReport {
        try Verifier(account: "acme", output: output, disk: disk, reader: Self.reader, share: share).verify()
    }

    // MARK: Runs

    /// Three nights: new records, edits and deletions, a run that commits nothing, and a record gone for good.
    func fill() throws {
        try night { store in
            try put(store, deals, 0, (1...100).map { object($0, second: $0) }, covered: 0..<1000)
            try put(store, deals, 1, (101...120).map { object($0, second: $0) }, covered: 0..<1000)
            try put(store, users, 0, (1...5).map { object($0, second: nil) }, covered: 0..<1000)
        }
        try night(outcome: .paused, exitCode: 75) { _ in }
        try night { store in
            let edited = (1...20).map { object($0, second: 2000 + $0, title: "edited", isDeleted: $0 == 7) }
            try put(store, deals, 0, edited, covered: 1000..<3000)
            try put(store, deals, 1, [], covered: 1000..<3000)
            try put(store, users, 0, (2...5).map { object($0, second: nil) }, covered: 0..<3000)
        }
    }

    func night(outcome: Outcome = .complete, exitCode: Int32 = 0, _ body: (RunStore) throws -> Void) throws {
        let vault = try vault()
        defer { vault.close() }
        let store = try vault.beginRun()
        try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: allowance)
        try body(store)
        try store.end(outcome: outcome, exitCode: exitCode)
        clock.advance(milliseconds: 86_400_000)
    }

    /// A run that is killed: nothing is ended.
    func killedNight(publishing: Bool) throws {
        let vault = try vault()
        let store = try vault.beginRun()
        try put(store, deals, 0, (500...520).map { object($0, second: 4000) }, covered: nil)
        if publishing { try store.publish(filesOver: 0) }
        vault.close()
        clock.advance(milliseconds: 86_400_000)
    }

    var allowance: Allowance { Allowance(day: now.utcDay, dailyTokens: 1000, keepFree: .tokens(0)) }

    @discardableResult
    func put(
        _ store: RunStore, _ stream: StreamSpec, _ place: Int, _ objects: [String], covered: Range<Int64>?
    ) throws -> NumberedPage {
        clock.advance(milliseconds: 1500)
        let list = stream.lists[place]
        let page = PreparedPage(try Self.page(objects, of: stream), answeredAtMilliseconds: clock.nowMilliseconds)
        let numbered = try store.pass(page, of: stream, list: list, endsListing: stream.isWholeList)
        let interval = covered.flatMap {
            Interval(since: Instant(seconds: $0.lowerBound), until: Instant(seconds: $0.upperBound))
        }
        var entry = PageEntry(
            stream: stream, list: list, page: numbered, block: try numbered.encoded(level: 6), walkBefore: nil,
            walkAfter: nil, covered: interval)
        entry.reading = (.history, Reading(pages: 1, rows: objects.count))
        try store.commit([entry], allowance: allowance)
        return numbered
    }

    func object(_ id: Int, second: Int?, title: String = "a title", isDeleted: Bool = false) -> String {
        let time = second.map { "\"\(Instant(seconds: Int64($0)))\"" } ?? "null"
        return
            #"{"id":\#(id),"title":"\#(title) \#(id &* 7_919_017)","update_time":\#(time),"is_deleted":\#(isDeleted)}"#
    }

    func child(_ id: Int, of parent: Int) -> String { #"{"id":\#(id),"deal_id":\#(parent),"quantity":1}"# }

    static func page(_ objects: [String], of stream: StreamSpec) throws -> Page {
        var (body, records): ([UInt8], [RecordSlice]) = ([UInt8(ascii: "[")], [])
        for object in objects {
            let bytes = Array(object.utf8)
            var slice = try bytes.withUnsafeBufferPointer { try reader(of: stream)($0) }
            slice.bytes = body.count..<body.count + bytes.count
            records.append(slice)
            body += bytes + [UInt8(ascii: ",")]
        }
        return Page(body: body, records: records, next: nil)
    }

    /// Reads the objects of this corpus, and those of tombstones.
    static func reader(of stream: StreamSpec) -> ObjectReader {
        { object in
            let text = String(decoding: object, as: UTF8.self)
            guard let id = Int64(text.dropFirst(#"{"id":"#.count).prefix { $0.isNumber }) else {
                throw FileDamage("no id")
            }
            let time = text.split(separator: #""update_time":""#).dropFirst().first.flatMap {
                UpdateTime(String($0.prefix { $0 != "\"" }))
            }
            var record = RecordSlice(
                bytes: 0..<object.count, key: .integer(id), updateTime: time,
                isDeleted: text.hasSuffix(#""is_deleted":true}"#))
            let parent = text.split(separator: #""deal_id":"#).dropFirst().first
            record.parent = parent.flatMap { Int64($0.prefix { $0.isNumber }) }.map { .integer($0) }
            return record
        }
    }

    // MARK: Behind the program's back

    /// A row in every table that the nights leave empty, written as the program writes.
    func fillBooks() throws {
        try night { store in
            try put(store, dealProducts, 0, (1...5).map { child($0, of: 20) }, covered: nil)
        }
        let index = try Index(writing: folders.index)
        try index.write { db in
            for sql in Self.rowsOfBooks { try db.execute(sql: sql) }
        }
        try index.database.close()
    }

    private static let rowsOfBooks = [
        "INSERT INTO walks VALUES (1, 'deals', 10, 900, 'descending', 'eyJpZCI6NDB9', NULL, 500, 1795399200)",
        "INSERT INTO walks VALUES (2, 'notes', NULL, NULL, 'ascending', NULL, 300, NULL, 1795399200)",
        "INSERT INTO walk_seams VALUES (2, '[17,\"ab-cd\"]')",
        "INSERT INTO seen VALUES ('users', 5), ('currencies', 'EUR')",
        "INSERT INTO sweeps VALUES ('persons', 1795399200, 1, 'eyJpZCI6NDB9', NULL, 40, 100, 40, 1, 2)",
        "INSERT INTO sweep_missing VALUES ('persons', 17, 0), ('leads', 'ab-cd', 1)",
        "INSERT INTO sweep_absences VALUES ('leads', 1795399250)",
        "INSERT INTO sweep_consents VALUES ('persons', 1795399200)",
        "INSERT INTO moved_records VALUES ('leads', 'ab-ce', 4, 'deals', 12, 1795399250)",
        "INSERT INTO sweeps_done VALUES ('deals', 1795399200, 1795399300, 100, 1, 2)",
        "INSERT INTO field_history VALUES (1, 'ab12', '7', 3, 1795399200, NULL, 'Low', 'enum')",
        "INSERT INTO api_members VALUES ('/api/v2/deals', 'title', 100, 0, 0, 0)",
        "INSERT INTO api_notices VALUES ('/api/v2/deals', 'sunset', '', 'deals', 'soon', 1795399200, 1795399300, 0)",
        "INSERT INTO missed VALUES ('goals', 'a1')",
        "INSERT INTO unfinished VALUES (99, 4023233417)",
        "INSERT INTO merged_runs VALUES (99, 1, 5, 1, 900, 904)",
        "INSERT INTO rewritten VALUES (99, 1, 7, 12, 1795399200)",
        "INSERT INTO readings VALUES ('deals', 0, '2026-11-23', 3, 1, 120, 100, 900)",
        "INSERT INTO child_streams VALUES ('deal_products', 1795399200)",
        "INSERT INTO child_queue VALUES ('deal_products', 20, 140, 1795399200)",
        "INSERT INTO child_walks VALUES ('deal_products', 140, '[[20,140]]', 'eyJpZCI6NDB9', NULL, 1795399200)",
        "INSERT INTO told_counts VALUES (1795399200, 900, 1000)",
        "INSERT INTO reset_sightings VALUES (1795392030, 1795391940, 1)",
        "INSERT INTO mark_access VALUES ('stream:goals', 'token 1')",
        "INSERT INTO marks VALUES ('stream:goals', 4102444800, 'http://127.0.0.1:8080', 'forbidden')",
    ]

    /// Changes what lies in the index as a bad disk would: without any of its triggers.
    @discardableResult
    func behindItsBack<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let database = try DatabaseQueue(path: folders.index)
        defer { try? database.close() }
        return try database.write { db in
            let triggers = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
            let value = try body(db)
            for trigger in triggers { try db.execute(sql: trigger["sql"]) }
            return value
        }
    }

    func learnt() throws -> ResetWatch {
        let index = try Index(reading: folders.index)
        defer { try? index.database.close() }
        return try index.resetWatch()
    }

    var tables: [String] {
        get throws {
            try IndexWitness(folders: folders)
                .rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                .compactMap { String.fromDatabaseValue($0[0]) }
        }
    }

    func mend() throws -> VerifyReport {
        try Vault.mend(account: "acme", output: output, disk: disk, clock: clock, recovery: recovery)
    }

    // MARK: What is there

    /// What is told of rewritten files.
    static let books = """
        (SELECT r.name, s.name AS stream, w.last_number, w.pruned, w.pruned_before FROM rewritten w
          JOIN run_log r ON r.id = w.run JOIN stream_names s ON s.id = w.stream)
        """
    static let views = ["runs", "files", "records", "versions", "coverage", "token_spend", "field_names"]

    /// Everything that a view or table says, in an order of its own.
    func rows(_ tables: [String] = views) throws -> [String: [String]] {
        let index = try IndexWitness(folders: folders)
        return Dictionary(
            uniqueKeysWithValues: try tables.map { table in
                (table, try index.rows("SELECT * FROM \(table)").map { "\($0)" }.sorted())
            })
    }

    func removeIndex() throws {
        for suffix in ["", "-wal", "-shm"] { try disk.remove(folders.index + suffix) }
    }

    var snapshots: [String] { get throws { try folders.snapshots(on: disk) } }

    func bytes(_ path: String) throws -> [UInt8] { try disk.read(path, offset: 0, count: .max) }

    func replace(_ path: String, with bytes: [UInt8]) throws {
        try disk.remove(path)
        try disk.append(bytes, to: path)
    }
}
