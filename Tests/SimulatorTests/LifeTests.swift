import Foundation
import Simulator
import Testing

@Suite("Records change as the clock moves")
struct LifeTests {
    private static let day: Int64 = 86_400_000

    private func busy(_ seed: UInt64) -> SimulatedAccount {
        var life = LifeRates.office(deals: 200)
        life.edits = 300
        life.merges = 6
        life.deletes = 12
        life.archives = 12
        life.unarchives = 6
        life.bulkEdits = 3
        return SimulatedAccount(options: AccountOptions(seed: seed, life: life))
    }

    private func everything(_ account: SimulatedAccount) -> [TrueRecord] {
        RecordKind.living.flatMap { account.truth($0) }
    }

    @Test("A night at once and a night by the second are the same night", arguments: [1, 2, 3] as [UInt64])
    func slicing(seed: UInt64) {
        var whole = busy(seed)
        var sliced = busy(seed)
        whole.advance(to: Asker.start + LifeTests.day)
        var now = Asker.start
        var step = Int64(seed)
        while now < Asker.start + LifeTests.day {
            // Uneven steps of up to twenty minutes, the same for the same seed.
            step = (step * 1_103_515_245 + 12_345) % 1_200_000
            now = min(now + step + 1, Asker.start + LifeTests.day)
            sliced.advance(to: now)
        }
        #expect(everything(whole) == everything(sliced), "seed \(seed)")
        #expect(everything(whole) != everything(busy(seed)))
    }

    @Test("The same seed and requests give the same bytes, another seed others")
    func purity() {
        func answers(_ seed: UInt64) -> [[UInt8]] {
            var asker = Asker(busy(seed).options)
            return (0..<5).map { _ in
                asker.now += 7_200_000
                return asker.ask("/api/v2/deals?limit=20&sort_by=update_time&sort_direction=desc").body
            }
        }
        #expect(answers(7) == answers(7))
        #expect(answers(7) != answers(8))
    }

    @Test("A month has every kind of change, and no record from the future")
    func variety() {
        var account = busy(4)
        let before = everything(account)
        account.advance(to: Asker.start + 30 * LifeTests.day)
        let after = everything(account)
        #expect(after.count > before.count)
        #expect(after.filter(\.isDeleted).count > before.filter(\.isDeleted).count)
        #expect(zip(before, account.truth(.deals)).contains { $0.isArchived != $1.isArchived })
        let updates = account.truth(.deals).compactMap(\.updateMilliseconds)
        #expect(updates.allSatisfy { $0 <= Asker.start + 30 * LifeTests.day })
        let recent = account.truth(.activities).compactMap(\.updateMilliseconds).filter { $0 > Asker.start }
        let largest = Dictionary(grouping: recent, by: { $0 }).values.map(\.count).max() ?? 0
        #expect(largest > 50)
    }

    @Test("A bulk edit by hand puts over a thousand records into one second")
    func bulkEdit() throws {
        var asker = Asker(AccountOptions(size: AccountSize(deals: 1500)))
        let ids = asker.account.bulkEdit(.deals, count: 1100)
        #expect(ids.count == 1100)
        let live = try asker.walk("/api/v2/deals?updated_since=2026-09-30T00:00:00Z&sort_by=update_time&limit=500")
        let archived = try asker.walk("/api/v2/deals/archived?updated_since=2026-09-30T00:00:00Z&limit=500")
        let seen = (live + archived).flatMap { $0 }
        #expect(Set(seen.map(\.id)) == Set(ids.map { String($0) }))
        #expect(Set(seen.map(\.update)) == ["2026-09-30T00:00:00Z"])
    }

    @Test("A slow replica shows an edit later, under its own time")
    func replicationLag() throws {
        var options = busy(5).options
        options.replicationLagSeconds = 300
        var late = SimulatedAccount(options: options)
        var prompt = busy(5)
        late.advance(to: Asker.start + LifeTests.day)
        prompt.advance(to: Asker.start + LifeTests.day - 300_000)
        #expect(everything(late) == everything(prompt))
    }

    @Test("A converted lead is gone, and its deal names it")
    func converting() throws {
        var asker = Asker()
        let lead = try #require(asker.account.truth(.leads).first { !$0.isDeleted && !$0.isArchived })
        let deal = asker.account.convertLead(lead.id)
        #expect(asker.ask("/v1/leads/\(lead.key)").status == 404)
        let row = try asker.ask("/api/v2/deals/\(deal)?include_fields=source_lead_id").object()["data"]
        #expect((row as? [String: Any])?["source_lead_id"] as? String == lead.key)
        let other = try asker.ask("/api/v2/deals/1?include_fields=source_lead_id").object()["data"]
        #expect((other as? [String: Any])?["source_lead_id"] is NSNull)
    }

    @Test(
        "A company's half year has conversions, new fields and bulk edits of notes and leads",
        arguments: [1, 2] as [UInt64])
    func company(seed: UInt64) throws {
        var life = LifeRates.company(deals: 400)
        life.listBulkEdits = 1
        var account = SimulatedAccount(options: AccountOptions(seed: seed, size: AccountSize(deals: 400), life: life))
        var sliced = account
        let fields = Set(account.truth(.dealFields).filter { !$0.isDeleted }.map(\.json))
        for day in 1...180 { sliced.advance(to: Asker.start + Int64(day) * LifeTests.day) }
        account.advance(to: Asker.start + 180 * LifeTests.day)
        let kinds = RecordKind.allCases.filter { $0.parent == nil }
        for kind in kinds { #expect(account.truth(kind) == sliced.truth(kind), "\(kind) seed \(seed)") }
        let converted = account.truth(.deals).filter { account.row(.deals, $0.id)?.sourceLead ?? 0 > 0 }
        #expect(!converted.isEmpty && converted.allSatisfy { $0.id > 400 })
        #expect(fields != Set(account.truth(.dealFields).filter { !$0.isDeleted }.map(\.json)))
        let times = account.truth(.notes).compactMap(\.updateMilliseconds).filter { $0 > Asker.start }
        #expect((Dictionary(grouping: times) { $0 }.values.map(\.count).max() ?? 0) > 20)
        for kind in kinds {
            for record in account.truth(kind) {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(record.json.utf8)) }
            }
        }
    }

    @Test("A frozen account changes nothing but its clock")
    func frozen() {
        var account = SimulatedAccount()
        let before = everything(account)
        account.advance(to: Asker.start + 365 * LifeTests.day)
        #expect(everything(account) == before)
    }

    @Test("Created records have the next id and are listed at once")
    func creating() throws {
        var asker = Asker()
        let id = asker.account.create(.persons)
        let seen = try asker.ask("/api/v2/persons?updated_since=2026-09-30T00:00:00Z").seen()
        #expect(seen.map(\.id) == [String(id)])
    }
}
