import Extraction
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import TestSupport
import Testing

/// This machine's clock is set forward or back over the reset, at every moment of a run and between runs. The company
/// counts by its own clock. What no test here can show is a server that sends no `Date`.
@Suite("Clocks that jump over the reset")
struct JumpingClockTests {
    private static let daySeconds: Int64 = 86_400
    private static let midnight = AccountOptions.defaultStartMilliseconds + 86_400_000
    private static let daily = 50
    /// All lists of these streams cost as much.
    private static let price = 10

    private func rehearsal() throws -> Rehearsal {
        var options = AccountOptions(size: AccountSize(deals: 40))
        options.latencyMilliseconds = 2000
        return try Rehearsal(["persons", "activities"], options) {
            $0.budget.dailyTokens = Self.daily
            $0.concurrency = 2
            $0.cutPages(to: 3)
        }
    }

    /// The reset is an hour away or was an hour ago, and the clock jumps by three. A run reads it some hundred times;
    /// who has spent all of the day, and is then shown another one, cannot know better than to ask what day it is.
    @Test("Forward at any moment of a run: one request too many at most; back: none", arguments: [3, -3] as [Int64])
    func underway(jumpHours: Int64) async throws {
        let beforeReset: Int64 = jumpHours > 0 ? 3600 : -3600
        var overspent: Set<Int> = []
        for reading in stride(from: 1, through: 137, by: 4) {
            let rehearsal = try rehearsal()
            rehearsal.clock.set(milliseconds: Self.midnight - beforeReset * 1000)
            let clock = JumpingClock(rehearsal.clock, jumpHours * 3600, atReading: reading)
            _ = try await rehearsal.night(clock: clock)
            let day = try #require(rehearsal.asked.tokensByDay.values.first)
            #expect(
                rehearsal.asked.tokensByDay.count == 1 && day <= Self.daily + Self.price,
                "\(day) tokens, reading \(reading)")
            overspent.insert(max(0, day - Self.daily))
        }
        #expect(overspent == (jumpHours > 0 ? [0, Self.price] : [0]), "\(overspent)")
    }

    /// Our own books say for each day at least what the company counted, however the clock jumped.
    @Test("Whatever the company counted is booked on that day", arguments: [3, -3] as [Int64])
    func booked(jumpHours: Int64) async throws {
        for reading in stride(from: 5, through: 125, by: 12) {
            let rehearsal = try rehearsal()
            rehearsal.clock.set(milliseconds: Self.midnight - (jumpHours > 0 ? 3600 : -3600) * 1000)
            let clock = JumpingClock(rehearsal.clock, jumpHours * 3600, atReading: reading)
            _ = try await rehearsal.night(clock: clock)
            let spent = try IndexViews(rehearsal.folder.path).spent()
            for (day, tokens) in rehearsal.asked.tokensByDay {
                let ours = spent.filter { $0.day == day }.reduce(0) { $0 + $1.tokens }
                #expect(ours >= tokens, "\(ours) of \(tokens) tokens on \(day), reading \(reading)")
            }
        }
    }

    @Test("Back over the reset between two runs: nothing is sent, since the newer day is used up")
    func backBetweenRuns() async throws {
        let rehearsal = try rehearsal()
        rehearsal.clock.set(milliseconds: Self.midnight + 3_600_000)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        for hours in [3, 20] as [Int64] {
            let clock = SkewedClock(rehearsal.clock, skewSeconds: -hours * 3600)
            #expect(try await rehearsal.night(clock: clock).code == .allowanceUsedUp)
        }
        #expect(rehearsal.asked.tokensByDay.values.allSatisfy { $0 == Self.daily })
    }

    @Test("Back over the reset between two runs: what is to be kept free that day stays")
    func keepFreeBetweenRuns() async throws {
        let rehearsal = try rehearsal().changing {
            $0.budget.keepFree = .tokens(29_970)
            $0.concurrency = 1
        }
        #expect(try await rehearsal.night(RunOptions(maxTokens: 20)).tokens == 20)
        rehearsal.clock.set(milliseconds: Self.midnight + 3_600_000)
        #expect(try await rehearsal.night().tokens == 30)
        let clock = SkewedClock(rehearsal.clock, skewSeconds: -3 * 3600)
        #expect(try await rehearsal.night(clock: clock).tokens == 0)
    }

    @Test("Forward over the reset between two runs: one request a run, and 69 where it is more than ten minutes")
    func forwardBetweenRuns() async throws {
        let rehearsal = try rehearsal()
        rehearsal.clock.set(milliseconds: Self.midnight - 4 * 60_000)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        for (count, minutes) in [5, 180].enumerated() {
            let clock = SkewedClock(rehearsal.clock, skewSeconds: Int64(minutes) * 60)
            let report = try await rehearsal.night(clock: clock)
            #expect(report.code == (minutes > 10 ? .serverRefuses : .allowanceUsedUp))
            #expect(rehearsal.asked.tokensByDay.values.first == Self.daily + (count + 1) * Self.price)
        }
        // The clock is right again, and the days that had only been ours take nothing away.
        rehearsal.clock.set(milliseconds: Self.midnight + 60_000)
        _ = try await rehearsal.night()
        #expect(rehearsal.asked.tokensByDay[rehearsal.budgetDay] ?? 0 >= Self.daily - 2 * Self.price)
    }

    /// Its midnight comes five minutes before the server's. The next run waits for the server's, and that day lacks
    /// what was booked on it before.
    @Test("A clock that is fast costs one request when it is first seen, and none in the runs after it")
    func fastForLong() async throws {
        let rehearsal = try rehearsal()
        let clock = SkewedClock(rehearsal.clock, skewSeconds: 300)
        rehearsal.clock.set(milliseconds: Self.midnight - 4 * 60_000)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        for expected in [Self.price, Self.daily - Self.price, 0] {
            rehearsal.sleep(seconds: 20)
            let report = try await rehearsal.night(clock: clock)
            #expect(report.code == .allowanceUsedUp && report.tokens == expected)
        }
        #expect(rehearsal.asked.tokensByDay.values.sorted() == [Self.daily - Self.price, Self.daily + Self.price])
    }

    @Test("What a run was told of the clock stays where it is right again")
    func setRight() async throws {
        let rehearsal = try rehearsal()
        rehearsal.clock.set(milliseconds: Self.midnight - 3_600_000)
        let clock = SkewedClock(rehearsal.clock, skewSeconds: 300)
        #expect(try await rehearsal.night(RunOptions(maxTokens: 10), clock: clock).tokens == 10)
        rehearsal.clock.set(milliseconds: Self.midnight + 600_000)
        #expect(try await rehearsal.night(RunOptions(maxTokens: 20)).tokens == 20)
        rehearsal.clock.set(milliseconds: Self.midnight + 700_000)
        #expect(try await rehearsal.night(clock: clock).tokens > 0)
        let spent = try IndexViews(rehearsal.folder.path).spent().reduce(into: [:]) {
            $0[$1.day, default: 0] += $1.tokens
        }
        #expect(
            rehearsal.asked.tokensByDay.allSatisfy { day, tokens in
                tokens <= Self.daily && spent[day] ?? 0 >= tokens
            })
    }

    @Test("A daily 429 that was marked by a clock a year ahead is over when the clock is right again")
    func markByAWrongClock() async throws {
        let rehearsal = try rehearsal()
        rehearsal.change { $0.misbehave([Misbehaviour(.dailyExhausted, .requests([1]))]) }
        let clock = SkewedClock(rehearsal.clock, skewSeconds: 365 * Self.daySeconds)
        #expect(try await rehearsal.night(clock: clock).code == .allowanceUsedUp)
        #expect(try await rehearsal.watchedNight().asked.isEmpty)
        rehearsal.sleep(hours: 23)
        #expect(try await rehearsal.night().requests > 0)
    }
}

/// Jumps once, when it is read for the n-th time.
private final class JumpingClock: WallClock {
    private let clock: any WallClock
    private let jumpSeconds: Int64
    private let reading: Int
    private let readings = Mutex(0)

    init(_ clock: any WallClock, _ jumpSeconds: Int64, atReading reading: Int) {
        (self.clock, self.jumpSeconds, self.reading) = (clock, jumpSeconds, reading)
    }

    var nowMilliseconds: Int64 {
        let count = readings.withLock { count in
            count += 1
            return count
        }
        return clock.nowMilliseconds + (count >= reading ? jumpSeconds * 1000 : 0)
    }

    func sleep(milliseconds: Int64) async throws { try await clock.sleep(milliseconds: milliseconds) }
}
