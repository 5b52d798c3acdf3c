import Extraction
import Planning
import Simulator
import Synchronization
import TestSupport
import Testing

/// Records that change between any two pages. The changes fall before an answer, never in the middle of one, and
/// the simulated lists are sorted by (update time, id): a server that sorts otherwise is not met here.
@Suite("Changes while pages are read")
struct ChangingUnderwayTests {
    @Test("Fifty walks over a company that does not sit still", arguments: 1...50 as ClosedRange<UInt64>)
    func restless(seed: UInt64) async throws {
        let options = AccountOptions(seed: seed, size: AccountSize(deals: 100))
        let rehearsal = try Rehearsal(["deals", "persons", "products"], options) { $0.cutPages(to: 15) }
        let random = Mutex(SeededRandom(seed: seed))
        rehearsal.company.beforeAnswer { _, _, account in
            random.withLock { RandomChange.happen(to: &account, &$0) }
        }
        var promises = Promises(rehearsal.folder.path)
        for night in 1...2 {
            let report = try await rehearsal.night()
            #expect(report.code == .complete, "seed \(seed), night \(night): \(report.sentence ?? "")")
            #expect(try promises.broken(rehearsal) == [], "seed \(seed), night \(night)")
            rehearsal.sleep(hours: 3)
        }
    }

    @Test("A bulk edit of 1,300 between the first two pages")
    func bulkEdit() async throws {
        let options = AccountOptions(size: AccountSize(deals: 1500))
        let rehearsal = try Rehearsal(["deals"], options)
        rehearsal.company.beforeAnswer { number, _, account in
            if number == 2 { account.bulkEdit(.deals, count: 1300) }
        }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 24)
        #expect(try await rehearsal.night().records == 1300)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }
}

/// Something that a user does while we look.
enum RandomChange {
    static func happen(to account: inout SimulatedAccount, _ random: inout SeededRandom) {
        let kind = [RecordKind.deals, .deals, .persons, .products].randomElement(using: &random) ?? .deals
        let last = count(kind, account)
        let (one, other) = (Int.random(in: 1...last, using: &random), Int.random(in: 1...last, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0: account.bulkEdit(kind, count: 1300)
        case 1, 2: account.create(kind)
        case 3: account.delete(kind, one)
        case 4, 5: account.archive(.deals, Int.random(in: 1...count(.deals, account), using: &random))
        case 6: account.unarchive(.deals, Int.random(in: 1...count(.deals, account), using: &random))
        case 7: if one != other { account.merge(kind, one, into: other) }
        default: account.edit(kind, one, other)
        }
    }

    /// Ids run from 1 without gaps.
    private static func count(_ kind: RecordKind, _ account: SimulatedAccount) -> Int {
        var last = 1
        while account.row(kind, last + 1) != nil { last += 1 }
        return last
    }
}
