import Planning
import TestSupport
import Testing

@testable import Storage

/// Which versions are written, by the contract's own words. Two different versions with one hash would look the
/// same here as they do in the index.
@Suite struct AdmissionTests {
    private static func titles(_ account: TestAccount) throws -> [String] {
        try account.lines().map { line in
            let title = line.firstMatch(of: /"title":"([^"]*)"/).map { String($0.1) } ?? "-"
            return (line.contains(#""_op":"delete""#) ? "delete " : "") + title
        }
    }

    /// Pages of one run, each committed before the next; what is written of them.
    private static func written(_ pages: [(answered: Int64, [Shown])]) throws -> [String] {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        for page in pages { try store.put(page.1, PageNews(answered: page.answered)) }
        try store.endComplete()
        return try titles(account)
    }

    private static let (early, late) = ("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z")

    @Test func noVersionTwice() throws {
        let shown = Shown(1, Self.early, "a")
        #expect(try Self.written([(1, [shown, shown]), (2, [shown])]) == ["a"])
    }

    @Test func theOlderIsDropped() throws {
        #expect(try Self.written([(1, [Shown(1, Self.late, "b")]), (2, [Shown(1, Self.early, "a")])]) == ["b"])
        #expect(try Self.written([(2, [Shown(1, Self.early, "a")]), (1, [Shown(1, Self.late, "b")])]) == ["a", "b"])
    }

    /// Within one second the update time says nothing: the later answer is the newer version.
    @Test func oneSecondIsDecidedByTheAnswer() throws {
        #expect(try Self.written([(1, [Shown(1, Self.early, "a")]), (2, [Shown(1, Self.early, "b")])]) == ["a", "b"])
        #expect(try Self.written([(2, [Shown(1, Self.early, "b")]), (1, [Shown(1, Self.early, "a")])]) == ["b"])
        let fraction = "2026-11-22T10:00:00.000Z"
        #expect(try Self.written([(2, [Shown(1, Self.early, "b")]), (1, [Shown(1, fraction, "a")])]) == ["b"])
    }

    @Test func withoutATimeTheAnswerDecides() throws {
        #expect(try Self.written([(1, [Shown(1, nil, "a")]), (2, [Shown(1, nil, "b")])]) == ["a", "b"])
        #expect(try Self.written([(2, [Shown(1, nil, "b")]), (1, [Shown(1, nil, "a")])]) == ["b"])
        #expect(try Self.written([(2, [Shown(1, Self.late, "b")]), (1, [Shown(1, nil, "a")])]) == ["b"])
    }

    @Test func backAndForth() throws {
        let pages: [(Int64, [Shown])] = [
            (1, [Shown(1, Self.early, "a")]), (2, [Shown(1, Self.early, "b")]), (3, [Shown(1, Self.early, "a")]),
            (4, [Shown(1, Self.late, "a", isDeleted: true)]), (5, [Shown(1, Self.late, "a")]),
        ]
        #expect(try Self.written(pages) == ["a", "b", "a", "delete a", "a"])
    }

    /// An answer of an earlier run is older than any answer now, whatever the clock said then.
    @Test func overRuns() throws {
        let account = try TestAccount()
        for (answered, title) in [(9000, "a"), (5000, "b"), (5000, "b")] as [(Int64, String)] {
            let vault = try account.vault()
            let store = try vault.beginRun()
            try store.put([Shown(1, Self.early, title)], PageNews(answered: answered))
            try store.endComplete()
            vault.close()
            account.clock.advance(milliseconds: 60_000)
        }
        #expect(try Self.titles(account) == ["a", "b"])
        #expect(
            try account.rows("SELECT outcome, records FROM runs ORDER BY run") == [
                "complete|1", "complete|1", "complete|0",
            ])
    }

    @Test func goneAndBack() throws {
        let account = try TestAccount()
        for shown in [
            [Shown(1, Self.early, "a"), Shown(2)], [Shown(2)], [Shown(2)], [Shown(1, Self.early, "a"), Shown(2)],
        ] {
            let vault = try account.vault()
            let store = try vault.beginRun()
            try store.put(shown, of: Streams.pipelines, PageNews(endsListing: true))
            try store.endComplete()
            vault.close()
            account.clock.advance(milliseconds: 60_000)
        }
        #expect(try Self.titles(account) == ["a", "x", "delete -", "a"])
        #expect(try account.rows("SELECT id, op, seq FROM records ORDER BY seq") == ["2|upsert|2", "1|upsert|4"])
        #expect(try account.rows("SELECT count(*) FROM versions") == ["4"])
    }

    /// A record that somebody misses may be known as deleted by now: committed, on its way, or with this very page.
    @Test func whatStandsAsDeletedIsNotBuried() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1, Self.early, "a", isDeleted: true), Shown(2, Self.early), Shown(3, Self.early)])
        let onItsWay = try store.entry([Shown(2, Self.late, isDeleted: true)], PageNews(answered: 8000))
        let last = PreparedPage([Shown(3, Self.late, isDeleted: true)], answered: 9000)
        let missed = (1...4).map { RecordKey.integer($0) }
        let page = try store.pass(last, of: Streams.deals, burying: missed)
        #expect(page.versions.map(\.key) == [.integer(3)] && page.versions.map(\.reason) == [.status])
        #expect(onItsWay.page.versions.map(\.key) == [.integer(2)])
        // Nor what a later answer has shown.
        try store.put([Shown(5, Self.early)], PageNews(answered: 9500))
        let overtaken = PreparedPage([], answered: 9400)
        #expect(try store.pass(overtaken, of: Streams.deals, burying: [.integer(5)]).isEmpty)
        let rest = PreparedPage([], answered: 9600)
        #expect(try store.pass(rest, of: Streams.deals, burying: [.integer(5)]).versions.map(\.reason) == [.absent])
        #expect(try store.pass(rest, of: Streams.deals, burying: [.integer(5)]).isEmpty)
    }

    /// A listing over several pages and two runs: only what none of its pages showed is gone.
    @Test func aListingInSeveralPages() throws {
        let account = try TestAccount()
        let first = try account.vault()
        let before = try first.beginRun()
        try before.put([Shown(1), Shown(2), Shown(3), Shown(4)], of: Streams.pipelines, PageNews(endsListing: true))
        let walk = Walk(
            list: "pipelines", interval: nil, order: .unordered, position: .cursor("p"),
            beganAt: Instant(milliseconds: TestAccount.started))
        try before.put([Shown(3)], of: Streams.pipelines, PageNews(walkAfter: walk))
        try before.endComplete()
        first.close()
        let store = try account.vault().beginRun()
        #expect(try store.walks() == [walk])
        try store.put([Shown(4), Shown(5)], of: Streams.pipelines, PageNews(walkBefore: walk, endsListing: true))
        try store.endComplete()
        #expect(try store.walks().isEmpty)
        let gone = try account.rows("SELECT id FROM records WHERE op = 'delete' ORDER BY id")
        #expect(gone == ["1", "2"])
        #expect(try account.rows("SELECT count(*) FROM seen") == ["0"])
    }

    /// Random versions in random order, some pages committed at once and some later, over three runs.
    @Test(arguments: 0..<12)
    func agreesWithAPlainModel(round: Int) throws {
        let seed = SeededRandom.seed(round)
        var random = SeededRandom(seed: seed)
        let account = try TestAccount()
        var (heads, expected, answered) = ([Int64: (shown: Shown, answered: Int64)](), [String](), Int64(0))
        for _ in 0..<3 {
            let vault = try account.vault()
            let store = try vault.beginRun()
            var waiting: [PageEntry] = []
            for _ in 0..<8 {
                answered += Int64.random(in: -3...6, using: &random)
                var page: [Shown] = []
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    let shown = Self.randomRecord(&random)
                    page.append(shown)
                    guard case .integer(let id) = shown.key else { continue }
                    guard Self.isNew(shown, answered, heads[id]) else { continue }
                    heads[id] = (shown, answered)
                    expected.append("\(shown.isDeleted ? "delete" : "upsert") \(shown.text)")
                }
                waiting.append(try store.entry(page, PageNews(answered: answered)))
                guard Bool.random(using: &random) else { continue }
                try store.commit(waiting, allowance: Tokens.allowance())
                waiting = []
            }
            try store.commit(waiting, allowance: Tokens.allowance())
            try store.endComplete()
            vault.close()
            account.clock.advance(milliseconds: 5000)
            answered += 100
        }
        let written = try account.lines().map { line in
            let op = line.contains(#""_op":"delete""#) ? "delete" : "upsert"
            return op + " {" + (line.firstMatch(of: /"id":.*/).map { String($0.0) } ?? "")
        }
        #expect(written == expected, "seed \(seed)")
        #expect(try account.lines().map(Line.seq) == (0..<expected.count).map { $0 + 1 }, "seed \(seed)")
    }

    private static func randomRecord(_ random: inout SeededRandom) -> Shown {
        let time: String? =
            Int.random(in: 0..<5, using: &random) == 0
            ? nil : "2026-11-22T10:00:0\(Int.random(in: 0...3, using: &random))Z"
        let title = ["a", "b", "c"].randomElement(using: &random) ?? "a"
        return Shown(
            Int64.random(in: 1...5, using: &random), time, title, isDeleted: Int.random(in: 0..<4, using: &random) == 0)
    }

    private static func isNew(_ shown: Shown, _ answered: Int64, _ head: (shown: Shown, answered: Int64)?) -> Bool {
        guard let head else { return true }
        if head.shown.text == shown.text && head.shown.isDeleted == shown.isDeleted { return false }
        if let old = head.shown.time, let new = shown.time, old != new { return new > old }
        return answered >= head.answered
    }
}
