import Extraction
import Foundation
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import TestSupport
import Testing

/// The two limits that share a status, and the pace below the one of them. Times are the manual clock's.
@Suite("Limits told apart, and the pace")
struct LimitTests {
    private static let midnight = AccountOptions.defaultStartMilliseconds + 86_400_000

    /// With 200 ms an answer, over several lists at once: 1,000 pages.
    @Test("At least 95 % of the permitted rate, and no burst 429", arguments: [(20, 4), (40, 5)])
    func pace(burst: Int, concurrency: Int) async throws {
        var options = AccountOptions(size: AccountSize(deals: 1500))
        options.latencyMilliseconds = 200
        options.burstRequests = burst
        options.dailyBudgetTokens = 1_000_000
        let streams = ["deals", "persons", "organizations", "activities", "notes", "products", "leads"]
        let rehearsal = try Rehearsal(streams, options) {
            $0.budget.dailyTokens = 1_000_000
            $0.concurrency = concurrency
            $0.cutPages(to: 3)
        }
        let timeline = TimelineClock(milliseconds: Rehearsal.firstNight)
        let company = SimulatorTransport(SimulatedAccount(options: options), clock: timeline)
        let report = await SeededExecutor.run(seed: 1, timeline: timeline) {
            try? await rehearsal.night(RunOptions(maxTokens: 13_000), transport: company, clock: timeline)
        }
        let log = company.withAccount { $0.counters.log }
        #expect(log.count >= 1000 && log.count == report?.requests)
        #expect(log.allSatisfy { $0.status == 200 })
        let seconds = Double(log[log.count - 1].milliseconds - log[0].milliseconds) / 1000
        #expect(Double(log.count - 1) / seconds >= 0.95 * Double(burst) / 2, "\(log.count) requests in \(seconds) s")
    }

    @Test("A burst limit that nobody tells is met by one round of 429s")
    func untoldBurst() async throws {
        var options = AccountOptions(size: AccountSize(deals: 400))
        options.latencyMilliseconds = 50
        options.burstRequests = 10
        options.sendsBurstHeaders = false
        options.sendsDailyHeaders = false
        let rehearsal = try Rehearsal(["deals", "persons", "activities", "notes"], options) { $0.cutPages(to: 10) }
        let report = try await rehearsal.night()
        let refused = rehearsal.asked.log.filter { $0.status == 429 }
        #expect(report.code == .complete && report.requests > 100)
        #expect((1...4).contains(refused.count), "\(refused.map(\.milliseconds))")
        // Each of them was booked, and asked for again as a request of its own.
        #expect(report.requests == rehearsal.asked.log.count)
    }

    @Test("A daily 429 that says nothing: one request at a time, few of them, and none before the reset")
    func silentDay() async throws {
        var options = AccountOptions(size: AccountSize(deals: 400))
        options.latencyMilliseconds = 100
        options.sendsBurstHeaders = false
        options.sendsDailyHeaders = false
        options.misbehaviours = [Misbehaviour(.dailyExhausted, .requests([9]))]
        let rehearsal = try Rehearsal(["deals", "persons", "activities", "notes"], options) { $0.cutPages(to: 10) }
        let report = try await rehearsal.night()
        let refused = rehearsal.asked.log.filter { $0.status == 429 }
        #expect(report.code == .allowanceUsedUp && report.outcome == .paused)
        #expect(report.sentence?.contains("429") == true)
        // Those that were out together, and then one a round.
        #expect((5...8).contains(refused.count), "\(refused.map(\.milliseconds))")
        #expect(!rehearsal.company.withAccount { $0.isBlocked })
        rehearsal.sleep(hours: 20)
        #expect(try await rehearsal.watchedNight().asked.isEmpty)
        rehearsal.sleep(hours: 3)
        #expect(try await rehearsal.night().requests > 0)
    }

    @Test("A job that counts its days in another zone honours the mark as well", arguments: ["Asia/Tokyo", "UTC"])
    func otherZone(zone: String) async throws {
        var options = AccountOptions()
        options.misbehaviours = [Misbehaviour(.dailyExhausted, .requests([3]))]
        let rehearsal = try Rehearsal(["core"], options)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        let other = rehearsal.changing { $0.budget.timeZone = zone }
        // 16:00 UTC is another day in Tokyo, where midnight was at 15:00.
        other.sleep(hours: 14)
        let (report, asked) = try await other.watchedNight()
        #expect(asked.isEmpty && report.code == .allowanceUsedUp)
        other.sleep(hours: 9)
        #expect(try await other.night().requests > 0)
    }

    @Test("The 403 page is remembered also where the clock is too wrong to go on")
    func gatewayAndWrongClock() async throws {
        let rehearsal = try Rehearsal(["deals"])
        rehearsal.change { $0.misbehave([Misbehaviour(.forbiddenPage, .probability(1))]) }
        let clock = SkewedClock(rehearsal.clock, skewSeconds: 7200)
        #expect(try await rehearsal.night(clock: clock).code == .serverRefuses)
        rehearsal.change { $0.misbehave() }
        rehearsal.sleep(seconds: 600)
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .serverRefuses && asked.isEmpty)
    }

    /// Whether a place is open is asked before it is decided and again when nobody could be sent, and a millisecond may
    /// go by in between. With nothing under way, whoever then believes that somebody will wake him sleeps for ever.
    @Test(
        "A place that opens while it is decided that there is none is not slept through",
        arguments: 1...10 as ClosedRange<UInt64>)
    func placeThatOpensMeanwhile(seed: UInt64) async throws {
        var options = AccountOptions(size: AccountSize(deals: 300))
        (options.latencyMilliseconds, options.burstRequests, options.dailyBudgetTokens) = (20, 20, 1_000_000)
        // Lists that cannot be read in several places: their requests leave evenly.
        let rehearsal = try Rehearsal(["notes", "leads"], options) { $0.cutPages(to: 5) }
        let timeline = TimelineClock(milliseconds: Rehearsal.firstNight)
        let company = SimulatorTransport(SimulatedAccount(options: options), clock: timeline)
        let clock = UnsteadyClock(timeline, seed: seed)
        // Or whoever sleeps for ever would keep this test waiting as well.
        let signals = AsyncStream<Int32> {
            try? await timeline.sleep(milliseconds: 3_600_000)
            return SIGTERM
        }
        let report = await SeededExecutor.run(seed: seed, timeline: timeline) {
            try? await rehearsal.night(RunOptions(), transport: company, signals: signals, clock: clock)
        }
        #expect(report?.code == .complete && (report?.requests ?? 0) > 40, "\(report?.requests ?? 0) requests")
    }

    @Test("Where our clock is ahead, the mark still lasts until the server's reset")
    func clockAhead() async throws {
        var options = AccountOptions()
        options.clockAheadMilliseconds = -300_000
        options.misbehaviours = [Misbehaviour(.dailyExhausted, .requests([2]))]
        let rehearsal = try Rehearsal(["core"], options)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        // Ours says that the new day has begun.
        rehearsal.clock.set(milliseconds: Self.midnight + 120_000)
        #expect(try await rehearsal.watchedNight().asked.isEmpty)
        rehearsal.clock.set(milliseconds: Self.midnight + 301_000)
        #expect(try await rehearsal.night().requests > 0)
    }
}

/// Looks at it that lie close together may fall before and behind the same millisecond's end.
private final class UnsteadyClock: WallClock {
    private let clock: TimelineClock
    private let random: Mutex<SeededRandom>

    init(_ clock: TimelineClock, seed: UInt64) {
        self.clock = clock
        random = Mutex(SeededRandom(seed: seed))
    }

    var nowMilliseconds: Int64 { clock.nowMilliseconds + random.withLock { Int64.random(in: 0...1, using: &$0) } }

    func sleep(milliseconds: Int64) async throws { try await clock.sleep(milliseconds: milliseconds) }
}
