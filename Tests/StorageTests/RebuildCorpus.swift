import Foundation
import Planning
import Platform
import TestSupport

@testable import Storage

/// A small output folder, filled as runs fill it.
final class RebuildCorpus {
    let output = NSTemporaryDirectory() + "pipesnap-" + UUID().uuidString
    let disk = LocalDisk()
    let clock = ManualClock()
    let deals = Catalogue.stream(named: "deals") ?? .unknown("deals")
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
        let entry = PageEntry(
            stream: stream, list: list, page: numbered, block: try numbered.encoded(level: 6), walkBefore: nil,
            walkAfter: nil, covered: interval)
        try store.commit([entry], allowance: allowance)
        return numbered
    }

    func object(_ id: Int, second: Int?, title: String = "a title", isDeleted: Bool = false) -> String {
        let time = second.map { "\"\(Instant(seconds: Int64($0)))\"" } ?? "null"
        return
            #"{"id":\#(id),"title":"\#(title) \#(id &* 7_919_017)","update_time":\#(time),"is_deleted":\#(isDeleted)}"#
    }

    private static func page(_ objects: [String], of stream: StreamSpec) throws -> Page {
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
            return RecordSlice(
                bytes: 0..<object.count, key: .integer(id), updateTime: time,
                isDeleted: text.hasSuffix(#""is_deleted":true}"#))
        }
    }

    // MARK: What is there

    static let views = ["runs", "files", "records", "versions", "coverage", "token_spend"]

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
