import Extraction
import Planning
import Rehearsals
import Simulator
import TestSupport
import Testing

/// Whether prices come true, and that a run can keep to the day's even share. The company's life is the simulator's;
/// a real one has holidays.
@Suite("Forecasts and the even share")
struct ForecastRehearsals {
    /// Nights in which a forecast is judged: the first ones learn.
    private static let learning = 3

    @Test("Over a month the forecast of the next night is within 20 %")
    func month() async throws {
        let seed = SeededRandom.seed()
        var options = AccountOptions(seed: seed, size: AccountSize(deals: 300))
        options.life.edits = 25
        options.life.creates = 5
        let rehearsal = try Rehearsal(["core", "metadata"], options) {
            $0.window.sweepSeconds = 7 * 86_400
            $0.cutPages(to: 25)
        }
        var (expected, spent, misses) = (0, 0, [String]())
        for night in 1...30 {
            let report = try await rehearsal.night()
            #expect(report.code == .complete, "seed \(seed), night \(night)")
            let forecast = try #require(report.expected)
            if night > Self.learning {
                (expected, spent) = (expected + forecast.tokens, spent + report.tokens)
                let isNear = abs(forecast.tokens - report.tokens) * 5 <= report.tokens
                if !isNear { misses.append("night \(night): \(forecast.tokens) expected, \(report.tokens) spent") }
            }
            rehearsal.sleep(hours: 24)
        }
        #expect(abs(expected - spent) * 5 <= spent, "seed \(seed): \(expected) expected, \(spent) spent")
        #expect(misses.count <= 2, "seed \(seed): \(misses)")
    }

    /// One request at a time, since what comes of several hangs on which answer is first.
    @Test("A backfill ends on the day that was forecast after its first night; make backfill is the long form")
    func backfill() async throws {
        let result = try await Backfill.run(
            deals: 4000, dailyTokens: 2000, streams: Self.backfilled, pageLimit: 20, concurrency: 1)
        #expect(result.isComplete && result.nights.count > 2)
        let daysOff = try #require(result.daysOff(forecastOf: 0))
        #expect(daysOff <= 1, "\(result.nights)")
        #expect(result.fullPages > 400 && result.wastePercent <= 3, "\(result)")
        #expect(result.mostTokensADay <= 2000)
    }

    @Test("A backfill wastes three pages in a hundred at most, whichever answer comes first")
    func backfillInAnyOrder() async throws {
        let seed = SeededRandom.seed()
        let ended = await SeededExecutor.run(seed: seed) {
            try? await Backfill.run(deals: 6000, dailyTokens: 2500, streams: Self.backfilled, pageLimit: 20)
        }
        let result = try #require(ended, "seed \(seed)")
        #expect(result.isComplete && result.nights.count > 2, "seed \(seed)")
        #expect(result.fullPages > 800 && result.wastePercent <= 3, "seed \(seed): \(result)")
        #expect(result.mostTokensADay <= 2500, "seed \(seed)")
    }

    private static let backfilled = ["deals", "persons", "activities"]

    @Test("--spread spends no more than the part of the day that has passed, and the day's all by its end")
    func spread() async throws {
        let options = AccountOptions(size: AccountSize(deals: 3000))
        let rehearsal = try Rehearsal(["deals", "persons", "organizations"], options) {
            $0.budget.dailyTokens = 2400
            $0.cutPages(to: 10)
        }
        rehearsal.clock.set(milliseconds: AccountOptions.defaultStartMilliseconds + 86_400_000)
        var runs = 0
        for hour in 0..<24 {
            rehearsal.sleep(seconds: 3590)
            let report = try await rehearsal.night(RunOptions(isSpread: true))
            #expect(report.code == .allowanceUsedUp && report.sentence?.contains("--spread") == true, "hour \(hour)")
            let spent = rehearsal.asked.tokensByDay[rehearsal.budgetDay] ?? 0
            #expect(spent <= (hour + 1) * 100, "hour \(hour): \(spent)")
            runs += report.requests > 0 ? 1 : 0
            rehearsal.sleep(seconds: 10)
        }
        let spent = rehearsal.asked.tokensByDay.values.max() ?? 0
        #expect(runs >= 10 && spent > 2000, "\(runs) runs, \(spent) tokens")
    }

    @Test("--spread waits until a look is worth it, without a request")
    func tooEarly() async throws {
        let rehearsal = try Rehearsal(["core"]) { $0.cutPages(to: 20) }
        rehearsal.clock.set(milliseconds: AccountOptions.defaultStartMilliseconds + 86_400_000 + 300_000)
        let report = try await rehearsal.night(RunOptions(isSpread: true))
        #expect(report.code == .allowanceUsedUp && report.requests == 0)
        #expect(rehearsal.asked.requests == 0)
    }

    @Test("budget.max_tokens_per_run ends a run, max_share a stream")
    func limits() async throws {
        let rehearsal = try Rehearsal(["deals", "persons"], AccountOptions(size: AccountSize(deals: 500))) {
            $0.budget.maxTokensPerRun = 205
            $0.budget.maxSharePercent = ["deals": 1]
            $0.cutPages(to: 10)
        }
        let first = try await rehearsal.night()
        #expect(first.code == .allowanceUsedUp && first.tokens <= 205)
        #expect(first.sentence?.contains("max_tokens_per_run") == true)
        let open = rehearsal.changing { $0.budget.maxTokensPerRun = nil }
        let second = try await open.night()
        #expect(second.code == .allowanceUsedUp && second.sentence?.contains("max_share") == true)
        let deals = second.streams.first { $0.stream == "deals" }?.tokens ?? 0
        #expect(deals + (first.streams.first { $0.stream == "deals" }?.tokens ?? 0) <= 200)
        #expect(second.streams.first { $0.stream == "persons" }?.state == .complete)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }
}
