import Extraction
import Foundation
import Planning
import Rehearsals
import Simulator
import Storage
import Synchronization
import TestSupport
import Testing

/// Sweeps against the simulated company. Cannot see how the real lists sort UUIDs, nor what a record that is gone
/// answers there.
@Suite("Key sweeps")
struct SweepTests {
    private static let sweepSeconds: Int64 = 7 * 86_400

    private static func swept(
        _ streams: [String], pages: Int = 8, records: Int = 60, _ change: (inout Job) -> Void = { _ in }
    ) throws -> Rehearsal {
        var size = AccountSize(deals: records)
        (size.persons, size.organizations) = (records, records)
        (size.activities, size.products) = (records, records)
        return try Rehearsal(streams, AccountOptions(size: size)) {
            $0.window.sweepSeconds = sweepSeconds
            $0.cutPages(to: pages)
            change(&$0)
        }
    }

    private func tombstones(_ rehearsal: Rehearsal, _ stream: String) throws -> [String: String] {
        var warehouse = PulledLake(rehearsal.folder.path)
        try warehouse.refresh()
        return warehouse.latest(stream).filter(\.value.isDelete).mapValues { $0.reason ?? "" }
    }

    private func isPromised(_ rehearsal: Rehearsal) throws -> [String] {
        var promises = Promises(rehearsal.folder.path)
        return try promises.broken(rehearsal)
    }

    @Test("--until keeps sweeps out, which would show what changed after it")
    func notBeyondUntil() async throws {
        let rehearsal = try Self.swept(["persons"])
        let until = Instant(milliseconds: Rehearsal.firstNight) - 200 * 86_400
        let report = try await rehearsal.night(RunOptions(until: until))
        #expect(report.code == .complete)
        var warehouse = PulledLake(rehearsal.folder.path)
        try warehouse.refresh()
        let truth = rehearsal.company.withAccount { $0.truth(.persons) }.filter { !$0.isDeleted }
        let earlier = truth.filter { $0.updateMilliseconds.map { $0 < until.seconds * 1000 } ?? false }.map(\.key)
        #expect(earlier.count < truth.count)
        #expect(!earlier.isEmpty && Set(warehouse.latest("persons").keys) == Set(earlier))
    }

    /// A look costs 110 of the company's 1,500 tokens; what 24 looks cost was kept for later, and never there.
    @Test("A budget of the company's that is narrower than ours leaves room for a sweep")
    func narrowCompany() async throws {
        var options = AccountOptions(size: AccountSize(deals: 40))
        options.dailyBudgetTokens = 1500
        let rehearsal = try Rehearsal(["core"], options) { $0.window.sweepSeconds = Self.sweepSeconds }
        for _ in 0..<8 {
            #expect(try await rehearsal.night().code == .complete)
            rehearsal.sleep(hours: 24)
        }
        let sweeps = try rehearsal.status().sweeps
        #expect(!sweeps.isEmpty && sweeps.allSatisfy { $0.lastEndedAt != nil }, "\(sweeps)")
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("What was last changed before window.start stays outside of a sweep; what has no time comes")
    func notBeforeStart() async throws {
        let start = Instant(milliseconds: Rehearsal.firstNight) - 200 * 86_400
        let rehearsal = try Self.swept(["persons"]) { $0.window.start = start }
        #expect(try await rehearsal.night().code == .complete)
        var warehouse = PulledLake(rehearsal.folder.path)
        try warehouse.refresh()
        let truth = rehearsal.company.withAccount { $0.truth(.persons) }.filter { !$0.isDeleted }
        let wanted = truth.filter { $0.updateMilliseconds.map { $0 >= start.seconds * 1000 } ?? true }.map(\.key)
        #expect(wanted.count < truth.count)
        #expect(Set(warehouse.latest("persons").keys) == Set(wanted))
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("Deleted persons, organizations, activities and products get their tombstones, and nothing else does")
    func whatIsGone() async throws {
        let streams = ["persons", "organizations", "activities", "products"]
        let rehearsal = try Self.swept(streams)
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let kinds: [RecordKind] = [.persons, .organizations, .activities, .products]
        let gone = kinds.map { Array(rehearsal.living($0, 12).suffix(2)) }
        rehearsal.change { account in
            for (kind, ids) in zip(kinds, gone) { for id in ids { account.delete(kind, id) } }
        }
        rehearsal.sleep(hours: 8 * 24)
        let report = try await rehearsal.night()
        #expect(report.code == .complete)
        #expect(report.sweeps.map(\.state) == [.done, .done, .done, .done])
        #expect(report.sweeps.allSatisfy { $0.newer == 0 && $0.notice == nil })
        for (kind, ids) in zip(kinds, gone) {
            let found = try tombstones(rehearsal, kind.rawValue)
            let deleted = rehearsal.company.withAccount { $0.truth(kind) }.filter(\.isDeleted).map(\.key)
            #expect(Set(found.keys).isSubset(of: deleted), "\(kind)")
            for id in ids { #expect(found[String(id)] == "absent", "\(kind) \(id)") }
        }
        #expect(try isPromised(rehearsal) == [])
        rehearsal.sleep(hours: 1)
        let (again, asked) = try await rehearsal.watchedNight()
        #expect(again.sweeps.isEmpty && !asked.contains { $0.query.contains("sort_by=id") }, "not due again")
    }

    @Test("A deal that is archived is not gone; one that was purged is")
    func deals() async throws {
        let rehearsal = try Self.swept(["deals"])
        #expect(try await rehearsal.night().code == .complete)
        let ids = rehearsal.living(.deals, 12)
        rehearsal.sleep(hours: 1)
        rehearsal.change { account in
            account.archive(.deals, ids[3])
            account.delete(.deals, ids[5])
        }
        // Deleted deals are shown for thirty days; nobody looked meanwhile.
        rehearsal.sleep(hours: 40 * 24)
        #expect(try await rehearsal.night().code == .complete)
        let found = try tombstones(rehearsal, "deals")
        #expect(found[String(ids[5])] == "absent" && found[String(ids[3])] == nil)
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("A deal that is in neither list when that is walked is asked for in both, and lives on")
    func toAndFro() async throws {
        let rehearsal = try Self.swept(["deals"])
        let deal = rehearsal.living(.deals, 12)[3]
        rehearsal.change { $0.archive(.deals, deal) }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        rehearsal.company.beforeAnswer { _, request, account in
            if request.query.contains("ids=") {
                account.archive(.deals, deal)
            } else if request.path.hasSuffix("archived"), request.query.contains("sort_by=id") {
                account.unarchive(.deals, deal)
            }
        }
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .complete && report.sweeps.map(\.state) == [.done])
        let confirmations = asked.filter { $0.query.contains("ids=") }.map(\.path)
        #expect(confirmations.map { $0.hasSuffix("archived") } == [false, true], "\(asked.map(\.query))")
        #expect(try tombstones(rehearsal, "deals").isEmpty)
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("A sweep that misses more than a tenth buries nothing until it is told to")
    func tooMuch() async throws {
        let rehearsal = try Self.swept(["persons"], pages: 50, records: 200)
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        let ids = rehearsal.living(.persons, 60)
        rehearsal.change { account in for id in ids { account.delete(.persons, id) } }
        for _ in 1...2 {
            let report = try await rehearsal.night()
            #expect(report.code == .complete && report.sweeps.first?.state == .held)
            #expect(report.sweeps.first?.notice?.contains("--accept-deletions") == true)
            #expect(try tombstones(rehearsal, "persons").isEmpty)
            rehearsal.sleep(hours: 1)
        }
        let report = try await rehearsal.night(RunOptions(acceptsDeletions: true))
        #expect(report.code == .complete && report.sweeps.first?.state == .done)
        #expect(try Set(tombstones(rehearsal, "persons").keys) == Set(ids.map(String.init)))
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("A token that lost its rights buries nothing, however small its streams are")
    func lostRights() async throws {
        let streams = ["persons", "organizations", "activities", "products"]
        let rehearsal = try Self.swept(streams, pages: 50, records: 20)
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        rehearsal.change { $0.setVisibleShare(0.2) }
        let report = try await rehearsal.night()
        #expect(report.code == .complete && report.sweeps.map(\.state) == [.held, .held, .held, .held])
        for stream in streams { #expect(try tombstones(rehearsal, stream).isEmpty, "\(stream)") }
        #expect(report.sweeps.allSatisfy { $0.notice?.contains("more than a tenth") == true })
        // A consent is for what is held in this run: of persons alone.
        rehearsal.sleep(hours: 1)
        rehearsal.change { $0.setVisibleShare(1) }
        let settled = try await rehearsal.night(RunOptions(streams: ["persons"], acceptsDeletions: true))
        #expect(settled.sweeps.map(\.state) == [.done], "what is there by its key is no longer missing")
        for stream in streams { #expect(try tombstones(rehearsal, stream).isEmpty, "\(stream)") }
        #expect(try await rehearsal.night().sweeps.count { $0.state == .held } == 3)
    }

    @Test("Interrupted at every page, a sweep ends the same")
    func everyPage() async throws {
        func start() async throws -> Rehearsal {
            let rehearsal = try Self.swept(["persons"])
            try await rehearsal.night()
            rehearsal.sleep(hours: 8 * 24)
            rehearsal.change { account in for id in [3, 9, 17, 33] { account.delete(.persons, id) } }
            return rehearsal
        }
        let whole = try await start()
        let (report, asked) = try await whole.watchedNight()
        #expect(report.sweeps.first?.state == .done)
        let wanted = try tombstones(whole, "persons")
        #expect(wanted.count >= 4)
        for tokens in stride(from: 10, to: asked.reduce(0) { $0 + $1.tokens }, by: 10) {
            let rehearsal = try await start()
            let first = try await rehearsal.night(RunOptions(maxTokens: tokens))
            #expect([.complete, .allowanceUsedUp].contains(first.code))
            rehearsal.sleep(seconds: 61)
            let second = try await rehearsal.night()
            #expect(second.code == .complete && second.sweeps.allSatisfy { $0.state == .done }, "after \(tokens)")
            #expect(try tombstones(rehearsal, "persons") == wanted, "after \(tokens)")
            #expect(try isPromised(rehearsal) == [])
        }
    }

    @Test("Killed at every page, one sweep ends as if nobody had disturbed it")
    func killedAtEveryPage() async throws {
        let result = try await BrokenSweep.result(persons: 400, pageLimit: 20)
        #expect(result.complaints == [])
        #expect(result.shown > 350 && result.buried >= 9, "\(result)")
        // Each page but the last one or two, and each answer that was lost was asked for once more at most.
        #expect(result.kills >= result.shown / 20 - 2 && result.pages <= 2 * result.kills + 2, "\(result)")
        #expect(result.surplusPercent(keysAPage: 20) <= 5, "\(result)")
    }

    @Test("A sweep whose cursor is refused again and again at one place waits for the next run")
    func refusedCursors() async throws {
        let rehearsal = try Self.swept(["persons"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        // Two pages come, the third does not, whenever the list is begun anew.
        let pages = Mutex(0)
        rehearsal.company.beforeAnswer { _, request, account in
            guard request.query.contains("sort_by=id") else { return account.misbehave([]) }
            let number = pages.withLock { count in
                count = request.query.contains("cursor=") ? count + 1 : 1
                return count
            }
            account.misbehave(number < 3 ? [] : [Misbehaviour(.expiredCursor, .probability(1))])
        }
        let (report, asked) = try await rehearsal.watchedNight(RunOptions(maxTokens: 1000))
        #expect(report.code == .complete && report.sweeps.map(\.state) == [.underway], "\(report)")
        let swept = asked.count { $0.query.contains("sort_by=id") }
        // The third page is asked for five times.
        #expect(swept == 3 * 5, "\(swept) pages")
        #expect(report.sweeps.first?.failure?.contains("cursors are refused") == true, "\(report.sweeps)")
        rehearsal.company.beforeAnswer { _, _, account in account.misbehave([]) }
        rehearsal.sleep(hours: 24)
        #expect(try await rehearsal.night().sweeps.map(\.state) == [.done])
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("A record that is newer at the source than in covered time is counted, written and told of")
    func newer() async throws {
        let rehearsal = try Self.swept(["persons"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let id = rehearsal.living(.persons, 12)[7]
        // A list that leaves a row out: the time in which it changed is covered without it.
        rehearsal.change { account in
            account.edit(.persons, id)
            account.setVisibleShare(0)
        }
        rehearsal.sleep(hours: 2)
        let blind = try await rehearsal.night()
        #expect(blind.code == .complete && blind.records == 0)
        rehearsal.change { $0.setVisibleShare(1) }
        rehearsal.sleep(hours: 8 * 24)
        let report = try await rehearsal.night()
        let sweep = try #require(report.sweeps.first)
        #expect(report.code == .complete && report.records == 1)
        #expect(sweep.state == .done && sweep.newer == 1 && sweep.gone == 0)
        #expect(sweep.notice?.contains("found 1 records newer at the source") == true, "\(sweep.notice ?? "")")
        #expect(try isPromised(rehearsal) == [])
    }

    @Test("Notes are asked for one by one: what an offset skipped lives on, what is gone is buried")
    func notes() async throws {
        let rehearsal = try Rehearsal(["notes"], AccountOptions(size: AccountSize(deals: 120))) {
            $0.window.sweepSeconds = Self.sweepSeconds
            $0.cutPages(to: 8)
        }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        let ids = rehearsal.living(.notes, 40)
        rehearsal.change { $0.delete(.notes, ids[20]) }
        let isShifted = Mutex(false)
        rehearsal.company.beforeAnswer { _, request, account in
            // Once a page of the sweep was read, one of its rows goes, and the others move up past the next page.
            guard request.query.contains("sort=id"), request.query.contains("start=8") else { return }
            isShifted.withLock { isDone in
                if !isDone { account.delete(.notes, ids[0]) }
                isDone = true
            }
        }
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .complete && report.sweeps.first?.state == .done)
        let single = asked.filter { $0.template.hasSuffix("/notes/{id}") }
        #expect(
            single.map { "\($0.path.split(separator: "/").last ?? "") \($0.status)" } == [
                "\(ids[8]) 200", "\(ids[20]) 404",
            ])
        #expect(isShifted.withLock { $0 } && single.allSatisfy { $0.tokens <= 2 })
        #expect(try tombstones(rehearsal, "notes") == [String(ids[20]): "absent"])
    }

    @Test("A sweep of many persons costs at most a twentieth over ten tokens for 500 keys")
    func price() async throws {
        let rehearsal = try Self.swept(["persons"], pages: 500, records: 10_000)
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        let (report, asked) = try await rehearsal.watchedNight()
        let pages = asked.filter { $0.query.contains("sort_by=id") }
        let shown = try #require(report.sweeps.first?.shown)
        let tokens = pages.reduce(0) { $0 + $1.tokens }
        #expect(shown == rehearsal.living(.persons, 20_000).count && report.sweeps.first?.state == .done)
        #expect(Double(tokens) <= 1.05 * 10 * (Double(shown) / 500).rounded(.up), "\(tokens) for \(shown)")
    }

    @Test("When what is left does not suffice, the run is complete and the next one goes on")
    func smallAllowance() async throws {
        let rehearsal = try Self.swept(["persons"], records: 100) { $0.budget.dailyTokens = 180 }
        var nights = 0
        while nights < 20 {
            nights += 1
            let report = try await rehearsal.night()
            #expect(report.code == .complete || nights == 1)
            rehearsal.sleep(hours: 24)
            if report.sweeps.first?.state == .done { break }
        }
        #expect((2...10).contains(nights))
        #expect(try isPromised(rehearsal) == [])
    }
}
