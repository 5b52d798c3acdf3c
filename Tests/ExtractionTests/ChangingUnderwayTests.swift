import Extraction
import Rehearsals
import Simulator
import Synchronization
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

    @Test(
        "Rows that are deleted deep in one second are no reason to give up",
        arguments: [82, 97, 117, 145, 292, 333, 354] as [UInt64])
    func deepInOneSecond(seed: UInt64) async {
        #expect(await RestlessWalk.result(.newestFirst, seed: seed).complaints == [])
    }

    /// Whoever asks for the beginning finds two hundred new rows there, and whoever asks for more finds them gone.
    @Test("Where rows come and go by whole pages for ever, the night ends with what was read, and says so")
    func forEver() async throws {
        let rehearsal = try Rehearsal(["files", "pipelines"], AccountOptions(size: AccountSize(deals: 100))) {
            $0.cutPages(to: 7)
        }
        let fleeting = Mutex<[Int]>([])
        rehearsal.company.beforeAnswer { _, request, account in
            guard request.path.hasSuffix("/files") else { return }
            fleeting.withLock { ids in
                if request.query.contains("start=") && !request.query.contains("start=0") {
                    for id in ids { account.delete(.files, id) }
                    ids = []
                } else if ids.isEmpty {
                    ids = (0..<200).map { _ in account.create(.files) }
                }
            }
        }
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .someStreamsFailed)
        #expect(report.sentence?.contains("rows come and go faster than its pages can be read") == true)
        #expect(asked.count < 40, "\(asked.count) requests")
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        rehearsal.company.beforeAnswer { _, _, _ in }
        rehearsal.sleep(hours: 1)
        #expect(try await rehearsal.night().code == .complete)
        #expect(try promises.broken(rehearsal) == [])
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
