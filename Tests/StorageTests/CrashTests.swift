import GRDB
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// The same night, interrupted at every effect on the disk in every way. What happens inside SQLite is SQLite's
/// own promise and not tried here; a kill between two effects is, on either side of each transaction, and between two
/// transactions.
@Suite struct CrashTests {
    private let evening: TestAccount
    private let undisturbed: [String]
    private let effects: Int
    private let tokens: String

    init() throws {
        evening = try CrashScript.evening()
        let account = try TestAccount(copying: evening)
        let disk = FailingDisk(LocalDisk())
        try CrashScript.night(account, disk)
        effects = disk.effects
        undisturbed = try CrashScript.outcome(account)
        tokens = try Self.spent(account)
        try CrashScript.check(account, "undisturbed")
    }

    private static func spent(_ account: TestAccount) throws -> String {
        try account.rows("SELECT sum(tokens) FROM token_spend").first ?? ""
    }

    /// - Returns: whether the mishap was met.
    private static func interrupt(_ account: TestAccount, _ disk: any FileSystem, _ label: String) -> Bool {
        do {
            try CrashScript.night(account, disk)
            return false
        } catch let stop as Stop {
            #expect([.cannotWriteOutput, .cannotCreateOutput].contains(stop.code), "\(label): \(stop)")
        } catch {
            #expect(error is FailingDisk.Death, "\(label): \(error)")
        }
        return true
    }

    @Test(arguments: FailingDisk.Mishap.allCases)
    func atEveryEffect(mishap: FailingDisk.Mishap) throws {
        #expect(effects > 40, "the script does something: \(effects)")
        // Both refusals are treated alike, so each is tried at every other effect.
        let isRefusal = [.noSpace, .inputOutputError].contains(mishap)
        for effect in stride(from: mishap == .noSpace ? 1 : 0, to: effects, by: isRefusal ? 2 : 1) {
            let label = "\(mishap) at \(effect)"
            let account = try TestAccount(copying: evening)
            let isMet = Self.interrupt(account, FailingDisk(LocalDisk(), mishap, at: effect), label)
            #expect(isMet, "\(label)")
            account.clock.advance(milliseconds: 60_000)
            try CrashScript.night(account, LocalDisk())
            #expect(try CrashScript.outcome(account) == undisturbed, "\(label)")
            try CrashScript.check(account, label)
            // What was reserved stays reserved: a page asked for again is paid for again, and never less.
            #expect(Int(try Self.spent(account)) ?? 0 >= Int(tokens) ?? .max, "\(label)")
        }
    }

    /// What one transaction says, no other one may have to make true.
    @Test func betweenTransactions() throws {
        var isOver = false
        for last in 0..<200 where !isOver {
            let label = "killed behind transaction \(last)"
            let account = try TestAccount(copying: evening)
            let death = DeathAtCommit(last)
            do {
                try CrashScript.night(account, LocalDisk()) { $0.index.database.add(transactionObserver: death) }
                isOver = true
                #expect(last > 10, "the script does something: \(last)")
            } catch {
                #expect(error is DeathAtCommit.Death, "\(label): \(error)")
            }
            account.clock.advance(milliseconds: 60_000)
            try CrashScript.night(account, LocalDisk())
            #expect(try CrashScript.outcome(account) == undisturbed, "\(label)")
            try CrashScript.check(account, label)
        }
        #expect(isOver)
    }

    /// Whatever pages say of lists, children, sweeps and the queues of parents is said at once.
    @Test func whatPagesSayIsOneTransaction() throws {
        let account = try TestAccount(copying: evening)
        let vault = try account.vault()
        let store = try vault.beginRun()
        let child = try #require(Catalogue.stream(named: "deal_products"))
        try store.beginChildren([child])
        var walk = Walk(
            list: Streams.deals.lists[0].name, interval: CrashScript.deals.interval, order: .descending,
            beganAt: Instant(milliseconds: TestAccount.started))
        let news = PageNews(walkAfter: walk, covered: CrashScript.deals.interval)
        let deals = try store.entry([Shown(1, "2026-11-22T14:00:00Z")], of: Streams.deals, news)
        (walk.list, walk.interval) = (child.lists[0].name, nil)
        walk.parents = [ParentMark(key: .integer(1), seq: 1)]
        var products = try store.entry([Shown(11)], of: child)
        products.children = ChildPage(walk: walk, shown: [.integer(11)], isFirst: true, done: [])
        var persons = try store.entry([Shown(21, "2026-11-22T14:00:00Z")], of: Streams.persons)
        let sweep = Sweep(stream: Streams.persons.name, beganAt: walk.beganAt, known: 1)
        let slice = KeySlice(after: nil, through: .integer(21))
        persons.sweep = SweepPage(
            sweep: sweep, endsAt: 1, news: .slice(slice, list: 0, shown: [.integer(21)], isFirst: true))
        let death = DeathAtCommit(1)
        vault.index.database.add(transactionObserver: death)
        try store.commit([deals, products, persons], allowance: Tokens.allowance())
        // The one that was allowed was needed, and told all of it.
        #expect(throws: DeathAtCommit.Death.self) { try store.reserve([], allowance: Tokens.allowance()) }
        for table in ["walks", "child_queue", "child_walks", "sweeps", "list_coverage"] {
            #expect(try !account.rows("SELECT * FROM \(table)").isEmpty, "\(table)")
        }
    }

    /// The run after a crash crashes as well, twice.
    @Test func crashAfterCrash() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let account = try TestAccount(copying: evening)
            var label = "seed \(seed)"
            for _ in 0..<3 {
                let mishap = FailingDisk.Mishap.allCases.randomElement(using: &random) ?? .dieBefore
                let effect = Int.random(in: 0..<effects, using: &random)
                label += ", \(mishap) at \(effect)"
                _ = Self.interrupt(account, FailingDisk(LocalDisk(), mishap, at: effect), label)
                account.clock.advance(milliseconds: 700)
            }
            try CrashScript.night(account, LocalDisk())
            #expect(try CrashScript.outcome(account) == undisturbed, "\(label)")
            try CrashScript.check(account, label)
        }
    }

    /// The power fails: what was not synced is gone, of bytes and of names. Also in an account that is new.
    @Test(arguments: [true, false])
    func powerCutAtEveryEffect(isNew: Bool) throws {
        let made = isNew ? try TestAccount() : evening
        if isNew { try CrashScript.night(made, LocalDisk()) }
        let expected = isNew ? try CrashScript.outcome(made) : undisturbed
        for effect in 0..<effects {
            let label = "\(isNew ? "new account, " : "")power cut at \(effect)"
            let account = isNew ? try TestAccount() : try TestAccount(copying: evening)
            try Self.cutPower(account, .dieBefore, at: effect, label)
            // Once more while it is being mended.
            if effect.isMultiple(of: 3) { try Self.cutPower(account, .dieAfter, at: effect / 3, label) }
            try CrashScript.night(account, LocalDisk())
            #expect(try CrashScript.outcome(account) == expected, "\(label)")
            try CrashScript.check(account, label)
        }
    }

    /// The power fails, and the disk had kept a part of what was not flushed: any part, in no order.
    @Test func powerCutThatLosesSome() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for effect in stride(from: 1, to: effects, by: 2) {
            let label = "power cut at \(effect), some is kept, seed \(seed)"
            let account = try TestAccount(copying: evening)
            try Self.cutPower(account, .dieTorn, at: effect, label, .some(seed: random.next()))
            try CrashScript.night(account, LocalDisk())
            #expect(try CrashScript.outcome(account) == undisturbed, "\(label)")
            try CrashScript.check(account, label)
        }
    }

    /// A run was killed, the next one ended well, and then the power failed: nothing of it may be gone.
    @Test func whatEndedWellIsDurable() throws {
        for effect in stride(from: 0, to: effects, by: 2) {
            let label = "killed at \(effect), power cut after the next run"
            let account = try TestAccount(copying: evening)
            let disk = ForgetfulDisk(LocalDisk())
            _ = Self.interrupt(account, FailingDisk(disk, .dieAfter, at: effect), label)
            account.clock.advance(milliseconds: 60_000)
            try CrashScript.night(account, disk)
            try disk.losePower()
            #expect(try CrashScript.outcome(account) == undisturbed, "\(label)")
            try CrashScript.check(account, label)
        }
    }

    private static func cutPower(
        _ account: TestAccount, _ mishap: FailingDisk.Mishap, at effect: Int, _ label: String,
        _ loss: ForgetfulDisk.Loss = .everything
    ) throws {
        let disk = ForgetfulDisk(LocalDisk())
        _ = interrupt(account, FailingDisk(disk, mishap, at: effect), label)
        account.clock.advance(milliseconds: 60_000)
        let hasReserved = (try? spent(account)) != nil
        let before = hasReserved ? try spent(account) : ""
        try disk.losePower(loss)
        if hasReserved { #expect(try spent(account) == before, "\(label)") }
    }
}

/// The process dies behind so many transactions: the next one is not committed any more.
private final class DeathAtCommit: TransactionObserver {
    struct Death: Error {}

    private var left: Int

    init(_ last: Int) { left = last }

    func databaseWillCommit() throws {
        left -= 1
        if left < 0 { throw Death() }
    }

    func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}
