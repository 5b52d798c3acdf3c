import Planning
import Rehearsals
import Simulator
import TestSupport
import Testing

/// How much of the permitted rate a first pull uses, by the company's own count of the requests it received, on a clock
/// that moves only when nobody has anything left to do. What the machine itself needs for a page is left out;
/// `make bench` has it.
@Suite("The permitted rate")
struct RateTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        var burst: Int
        var concurrency: Int
        /// Pages.
        var products: Int
        /// Pages of each of four other lists.
        var others: Int
        var testDescription: String { "\(burst) in 2 s, \(products) pages of products beside 4 × \(others)" }
    }

    private static let pageLimit = 4

    /// Products are read from one end to the other, one page after another: five pages a second at the most.
    @Test(
        "At 200 ms an answer 95 % of the permitted rate is used, and nothing is refused",
        arguments: [
            Scenario(burst: 40, concurrency: 8, products: 80, others: 80),
            Scenario(burst: 20, concurrency: 4, products: 100, others: 40),
        ])
    func rate(_ scenario: Scenario) async throws {
        let seed = SeededRandom.seed()
        let options = Self.company(scenario, seed: seed)
        let rehearsal = try Rehearsal(["deals", "persons", "organizations", "activities", "products"], options) {
            $0.cutPages(to: Self.pageLimit)
            $0.lanes = LaneRules()
            $0.concurrency = scenario.concurrency
            $0.budget.dailyTokens = options.dailyBudgetTokens
        }
        let timeline = TimelineClock(milliseconds: Rehearsal.firstNight)
        let company = SimulatorTransport(SimulatedAccount(options: options), clock: timeline)
        let report = await SeededExecutor.run(seed: seed, timeline: timeline) {
            try? await rehearsal.night(transport: company, clock: timeline)
        }
        #expect(report?.code == .complete, "seed \(seed)")
        let log = company.withAccount { $0.counters.log }
        let (first, last) = (try #require(log.first), try #require(log.last))
        let permitted = Double(scenario.burst) / 2 * Double(last.milliseconds - first.milliseconds) / 1000
        let share = Double(log.count - 1) / permitted
        #expect(share >= 0.95, "seed \(seed): \(share) of the permitted rate by \(log.count) requests")
        #expect(log.allSatisfy { $0.status == 200 }, "seed \(seed)")
    }

    private static func company(_ scenario: Scenario, seed: UInt64) -> AccountOptions {
        let records = pageLimit * scenario.others
        var options = AccountOptions(seed: seed, size: AccountSize(deals: records))
        (options.size.persons, options.size.organizations, options.size.activities) = (records, records, records)
        options.size.products = pageLimit * scenario.products
        options.size.cluster = 0
        options.burstRequests = scenario.burst
        options.latencyMilliseconds = 200
        options.dailyBudgetTokens = 1_000_000
        return options
    }
}
