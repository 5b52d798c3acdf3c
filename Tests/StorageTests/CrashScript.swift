import Foundation
import Planning
import Platform
import Testing

@testable import Storage

/// A night that goes on wherever the index says it stands: two lists, page by page, in groups; a file that
/// rolls, deletions, a version that is met twice, a tombstone. Interrupted anywhere and begun again it has to
/// come to what it comes to undisturbed.
enum CrashScript {
    static let rollAtBytes: Int64 = 260

    struct List {
        var stream: StreamSpec
        var pages: [[Shown]]
        var interval: Interval?
        var endsListing = false
        var spec: ListSpec { stream.lists[0] }
    }

    static let deals = List(
        stream: Streams.persons,
        pages: [
            [Shown(1, "2026-11-22T14:00:00Z", "a"), Shown(2, "2026-11-22T13:00:00Z", "b")],
            [Shown(2, "2026-11-22T13:00:00Z", "b"), Shown(3, "2026-11-22T12:00:00.500Z", "c", isDeleted: true)],
            [Shown(4, "2026-11-22T11:00:00Z", "d"), Shown(1, "2026-11-22T15:00:00Z", "a2")], [],
            [Shown(5, "2026-11-22T10:00:00Z", "e")],
        ], interval: span("2026-11-01T00:00:00Z", "2026-11-23T01:58:00Z"))

    /// Pipeline 3 is gone since the evening before, 2 was edited, 6 is new.
    static let pipelines = List(
        stream: Streams.pipelines, pages: [[Shown(1), Shown(2, nil, "new")], [Shown(4), Shown(5)], [Shown(6)]],
        interval: span("2026-11-01T00:00:00Z", "2026-11-23T02:00:00Z"), endsListing: true)

    /// The night before.
    static func evening() throws -> TestAccount {
        let account = try TestAccount()
        account.clock.advance(milliseconds: -3_600_000)
        let vault = try account.vault()
        let store = try vault.beginRun()
        try store.put(
            [Shown(1), Shown(2), Shown(3), Shown(4), Shown(5)], of: Streams.pipelines,
            PageNews(answered: -3_600_000, endsListing: true))
        try store.endComplete()
        vault.close()
        account.clock.advance(milliseconds: 3_600_000)
        return account
    }

    /// - Parameter opened: gets the vault before anything is done with it.
    static func night(_ account: TestAccount, _ disk: any FileSystem, opened: (Vault) -> Void = { _ in }) throws {
        let vault = try account.vault(disk)
        opened(vault)
        let store = try vault.beginRun()
        while true {
            let asked = try [deals, pipelines].compactMap { list in try walk(list, store).map { (list, $0) } }
            if asked.isEmpty { break }
            let reservations = asked.map { Reservation(stream: $0.0.stream.name, tokens: $0.0.spec.priceTokens) }
            try store.reserve(reservations, allowance: Tokens.allowance())
            account.clock.advance(milliseconds: 1000)
            let answered = account.clock.nowMilliseconds - TestAccount.started
            let entries = try asked.map { try entry($0.0, $0.1, store, answered) }
            try store.commit(entries, allowance: Tokens.allowance())
            try store.publish(filesOver: rollAtBytes)
        }
        try store.endComplete()
        vault.close()
    }

    /// Where the list goes on; nil when it is done.
    private static func walk(_ list: List, _ store: RunStore) throws -> Walk? {
        if let interval = list.interval, store.coverage()[list.spec.name]?.covers(interval) ?? false { return nil }
        let fresh = Walk(
            list: list.spec.name, interval: list.endsListing ? nil : list.interval, order: .descending,
            beganAt: Instant(milliseconds: TestAccount.started))
        return try store.walks().first { $0.list == list.spec.name } ?? fresh
    }

    private static func entry(_ list: List, _ walk: Walk, _ store: RunStore, _ answered: Int64) throws -> PageEntry {
        var (number, after) = (0, walk)
        if case .start(let start) = walk.position { number = start }
        let isLast = number == list.pages.count - 1
        after.position = .start(number + 1)
        let news = PageNews(
            answered: answered, walkBefore: walk.position == nil ? nil : walk, walkAfter: isLast ? nil : after,
            covered: isLast ? list.interval : nil, endsListing: isLast && list.endsListing)
        return try store.entry(list.pages[number], of: list.stream, news)
    }

    /// All that must not depend on where it was interrupted.
    static func outcome(_ account: TestAccount) throws -> [String] {
        try account.lines().map(Line.timeless)
            + account.rows("SELECT stream, id, op, seq, update_time FROM versions ORDER BY seq")
            + account.rows("SELECT stream, id, op, seq, update_time FROM records ORDER BY seq")
            + account.rows("SELECT * FROM coverage") + account.rows("SELECT * FROM list_coverage ORDER BY list")
            + account.rows("SELECT list FROM walks UNION ALL SELECT list FROM seen")
    }

    /// What is true of every output folder after a run that ended.
    static func check(_ account: TestAccount, _ label: String) throws {
        #expect(account.paths(below: "staging").isEmpty, "\(label)")
        let files = try account.rows(
            "SELECT path, run, sha256, bytes, first_seq, last_seq, records FROM files ORDER BY path")
        #expect(files.map { String($0.prefix { $0 != "|" }) } == account.snapshots, "\(label)")
        var said: [String] = []
        for path in account.paths(below: "manifests") {
            let run = String(path.dropLast(5).suffix(16))
            for file in try account.manifest(run).files {
                said.append(
                    "\(file.path)|\(run)|\(file.sha256)|\(file.bytes)|\(file.firstSeq)|\(file.lastSeq)|\(file.records)")
                let lines = try account.lines(of: file.path)
                #expect(
                    !lines.isEmpty && lines.allSatisfy { $0.contains("\"_run\":\"\(run)\"") }, "\(label) \(file.path)")
                #expect(Int64(try account.bytes(file.path).count) == file.bytes, "\(label)")
            }
        }
        #expect(said.sorted() == files, "\(label)")
        #expect(try account.rows("SELECT run FROM runs WHERE ended_at IS NULL").isEmpty, "\(label)")
        let uncounted = "SELECT path FROM files WHERE records != (SELECT count(*) FROM versions WHERE file = path)"
        #expect(try account.rows(uncounted).isEmpty, "\(label)")
    }
}
