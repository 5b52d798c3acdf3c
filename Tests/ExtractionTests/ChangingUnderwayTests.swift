import Extraction
import Rehearsals
import Simulator
import TestSupport
import Testing

/// Records that change between any two pages. The changes fall before an answer, never in the middle of one, and
/// the simulated lists are sorted by (update time, id): a server that sorts otherwise is not met here.
@Suite("Changes while pages are read")
struct ChangingUnderwayTests {
    /// `make walks` takes a thousand of each.
    @Test("Walks of every paging style over a company that does not sit still", arguments: RestlessWalk.Style.allCases)
    func restless(style: RestlessWalk.Style) async {
        var sum = RestlessWalk.Result()
        for seed in 1...12 as ClosedRange<UInt64> { sum += await RestlessWalk.result(style, seed: seed) }
        #expect(sum.complaints == [])
        #expect(sum.changes > sum.pages / 10, "\(sum.changes) changes in \(sum.pages) pages")
        print("walks: \(style.rawValue): \(sum)")
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
