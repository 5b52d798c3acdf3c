import GRDB
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Opening, refusing, and the books that outlive a run. A second process is played by a second vault, which the
/// kernel's lock treats alike.
@Suite struct VaultTests {
    @Test func oneAtATime() throws {
        let account = try TestAccount()
        let look = AccountFolder(account: "acme", output: account.output, disk: LocalDisk())
        #expect(try look.index() == nil)
        let vault = try account.vault()
        let stop = #expect(throws: Stop.self) { try account.vault() }
        #expect(stop?.code == .alreadyRunning)
        _ = try Vault(account: "other", output: account.output, disk: LocalDisk(), clock: account.clock)
        vault.close()
        try account.vault().close()
        #expect(try look.index() != nil)
    }

    @Test func aNewerIndexIsLeftAlone() throws {
        let account = try TestAccount()
        let vault = try account.vault()
        try vault.index.write { try $0.execute(sql: "PRAGMA user_version = \(IndexSchema.version + 1)") }
        vault.close()
        #expect(throws: Stop.self) { try account.index() }
        let stop = #expect(throws: Stop.self) { try account.vault() }
        #expect(stop?.code == .cannotCreateOutput && stop?.reason.contains("newer pipesnap") == true)
    }

    @Test func anOlderIndexIsCompleted() throws {
        let account = try TestAccount()
        let vault = try account.vault()
        try vault.index.write { db in
            try db.execute(sql: "DROP VIEW records")
            try db.execute(sql: "DROP TABLE marks")
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        vault.close()
        let index = try account.index()
        #expect(try index.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == IndexSchema.version)
        #expect(try index.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM records, marks") } == 0)
    }

    @Test func aDamagedIndexIsSaid() throws {
        let account = try TestAccount()
        try LocalDisk().createDirectory(account.folders.indexFolder)
        try LocalDisk().append(
            Array("this is no database, and long enough to be seen as none".utf8), to: account.folders.index)
        let stop = #expect(throws: Stop.self) { try account.vault() }
        #expect(stop?.code == .badData)
    }

    @Test func aFolderThatCannotBeMade() throws {
        let account = try TestAccount()
        try LocalDisk().append([], to: account.output)
        let stop = #expect(throws: Stop.self) { try account.vault() }
        #expect(stop?.code == .cannotCreateOutput)
    }

    @Test func runsOfOneSecond() throws {
        let account = try TestAccount()
        let vault = try account.vault()
        #expect(try vault.beginRun().name == "20261123T020000Z")
        #expect(try vault.beginRun().name == "20261123T020001Z")
        // A manifest of a run that the index does not know.
        try LocalDisk().append([1], to: account.folders.manifest(run: "20261123T020002Z"))
        #expect(try vault.beginRun().name == "20261123T020003Z")
        #expect(try account.rows("SELECT DISTINCT started_at FROM runs") == ["2026-11-23T02:00:00Z"])
    }

    /// Seen by another connection before `reserve` returns, and by the next process after a kill.
    @Test func reservationsAreDurable() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let company = Allowance.Company(lowestRemaining: 4000, reservedSince: 30, limit: 5000, isExhausted: true)
        let two = [Reservation(stream: "deals", tokens: 10), Reservation(stream: "persons", tokens: 20)]
        try store.reserve(two, allowance: Tokens.allowance(spent: 30, company: company))
        #expect(try account.index().spent(day: "2026-11-23") == 30)
        let now = Instant(milliseconds: account.clock.nowMilliseconds)
        #expect(try account.index().ledger(of: "2026-11-23", at: now).company == company)
        _ = consume store
        let vault = try account.vault()
        #expect(try vault.index.ledger(of: "2026-11-23", at: now).spent == 30)
        #expect(try vault.index.ledger(of: "2026-11-23", at: now).company == company)
        #expect(try vault.index.ledger(of: "2026-11-24", at: now) == DayLedger())
        // Our clock shows the day before: it may have been set back.
        let before = try vault.index.ledger(of: "2026-11-22", at: now)
        #expect(before.spent == 0 && before.spentElsewhere == 30 && before.company == company)
        try vault.frontDesk.reserve(2, allowance: Tokens.allowance())
        #expect(try vault.beginRun().ledger(BudgetCalendar(zone: nil, resetsAtSeconds: 0), byServer: now).spent == 32)
        #expect(try account.index().spentByStream(day: "2026-11-23") == ["account": 2, "deals": 10, "persons": 20])
        #expect(
            try account.rows("SELECT run, requests, tokens FROM token_spend WHERE stream = 'account'") == ["null|1|2"])
    }

    @Test func aReservationSurvivesAFullDisk() throws {
        let account = try TestAccount()
        let plain = FailingDisk(LocalDisk())
        try account.vault(plain).close()
        let store = try account.vault(FailingDisk(LocalDisk(), .noSpace, at: plain.effects)).beginRun()
        try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: Tokens.allowance())
        var stop: Stop?
        for effect in 0..<3 where stop == nil {
            do { try store.put([Shown(Int64(effect))]) } catch let error as Stop { stop = error }
        }
        #expect(stop?.code == .cannotWriteOutput)
        #expect(try account.index().spent(day: "2026-11-23") == 10)
    }

    @Test func marksEndByThemselves() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let now = Instant(milliseconds: TestAccount.started)
        let mark = Mark(until: now + 900, baseURL: "https://a", detail: "403 page")
        try store.setMark("gateway", mark)
        #expect(try store.marks(baseURL: "https://a") == ["gateway": mark])
        #expect(try store.marks(baseURL: "https://b").isEmpty, "another address is another matter")
        account.clock.advance(milliseconds: 900_000)
        #expect(try store.marks(baseURL: "https://a").isEmpty)
    }

    @Test func whatOneTokenWasToldIsNotTheNextOnes() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let until = Instant(milliseconds: TestAccount.started) + 900
        var mark = Mark(until: until, baseURL: "https://a", access: "token 1", detail: "403")
        try store.setMark("unavailable:deals", mark)
        for (access, told) in [("token 1", mark), (nil, mark), ("token 2", nil)] as [(String?, Mark?)] {
            #expect(try store.marks(baseURL: "https://a", access: access)["unavailable:deals"] == told)
        }
        mark.access = nil
        try store.setMark("unavailable:deals", mark)
        #expect(try store.marks(baseURL: "https://a", access: "token 2")["unavailable:deals"] == mark)
    }

    @Test func walksOutliveTheRun() throws {
        let account = try TestAccount()
        var walk = Walk(
            list: "deals", interval: span("2026-11-01T00:00:00Z", "2026-11-23T00:00:00Z"), order: .descending,
            position: .cursor("c1"), frontier: Instant("2026-11-20T00:00:00Z"), beganAt: Instant(seconds: 1_795_399_200)
        )
        let store = try account.vault().beginRun()
        try store.put([Shown(1)], PageNews(walkAfter: walk))
        var next = walk
        next.position = .start(300)
        next.order = .ascending
        try store.put([Shown(2)], PageNews(walkBefore: walk, walkAfter: next))
        // Restarted: the interval is another one now.
        var restarted = next
        restarted.interval = span("2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z")
        restarted.position = nil
        restarted.frontier = nil
        walk.list = "persons"
        try store.put([Shown(3)], PageNews(walkBefore: next, walkAfter: restarted))
        try store.put([], of: Streams.persons, PageNews(walkAfter: walk))
        _ = consume store
        let walks = try account.vault().beginRun().walks()
        #expect(Set(walks) == [restarted, walk] && walks.count == 2)
    }

    /// Without it a power cut could forget a reservation, or a page whose file is already published.
    @Test func everyCommitIsFlushed() throws {
        let account = try TestAccount()
        try account.vault().close()
        let index = try Index(writing: account.folders.index)
        #expect(try index.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try index.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }
}
