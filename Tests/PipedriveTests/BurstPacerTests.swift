import Planning
import TestSupport
import Testing

@testable import Pipedrive

/// The pacer against a server that counts requests in a rolling two seconds, on a clock that only moves when
/// the pacer sleeps.
@Suite struct BurstPacerTests {
    let clock = ManualClock()

    private func limits(_ limit: Int?, remaining: Int? = nil, reset: Double? = nil) -> RateLimits {
        var limits = RateLimits()
        (limits.burstLimit, limits.burstRemaining, limits.burstResetSeconds) = (limit, remaining, reset)
        return limits
    }

    /// Sends `count` requests whose answers come 200 ms later, and returns when each was sent.
    private func send(_ count: Int, limit: Int, _ pacer: BurstPacer) async throws -> [Int64] {
        var sends: [Int64] = []
        var unanswered: [BurstPacer.Departure] = []
        for _ in 0..<count {
            while let first = unanswered.first, first.milliseconds + 200 <= clock.nowMilliseconds {
                let used = sends.count { $0 > first.milliseconds - 2000 && $0 <= first.milliseconds }
                let told = limits(limit, remaining: max(0, limit - used), reset: 2)
                pacer.learn(told, nil, of: first, answeredAt: first.milliseconds + 200)
                unanswered.removeFirst()
            }
            let sent = try await pacer.turn()
            sends.append(sent.milliseconds)
            unanswered.append(sent)
        }
        return sends
    }

    @Test(arguments: [20, 40, 120]) func keepsToTheLimitAndUsesIt(limit: Int) async throws {
        let sends = try await send(limit * 50, limit: limit, BurstPacer(clock: clock))
        for (index, sent) in sends.enumerated().dropFirst(limit) {
            #expect(sent - sends[index - limit] >= 2050)
        }
        let seconds = Double(sends[sends.count - 1] - sends[0]) / 1000
        let permitted = Double(limit) / 2
        #expect(Double(sends.count) / seconds >= 0.95 * permitted)
    }

    @Test func startsCarefully() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = clock.nowMilliseconds
        for _ in 0..<20 { #expect(try await pacer.turn().milliseconds == start) }
        #expect(try await pacer.turn().milliseconds == start + 2050)
    }

    @Test func obeysALowerLimitAtOnce() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        pacer.learn(limits(3), nil, of: start, answeredAt: start.milliseconds)
        pacer.learn(limits(0), nil, of: start, answeredAt: start.milliseconds)
        for _ in 0..<2 { #expect(try await pacer.turn().milliseconds == start.milliseconds) }
        for _ in 0..<3 { #expect(try await pacer.turn().milliseconds == start.milliseconds + 2050) }
        #expect(try await pacer.turn().milliseconds == start.milliseconds + 4100)
    }

    @Test func waitsWhenSomebodyElseUsesTheToken() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        pacer.learn(limits(20, remaining: 0, reset: 1.5), nil, of: start, answeredAt: start.milliseconds + 200)
        #expect(try await pacer.turn().milliseconds == start.milliseconds + 1700)
    }

    @Test func waitsAfterABurst() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        pacer.learn(limits(nil), .burstLimited(waitSeconds: 3), of: start, answeredAt: start.milliseconds)
        #expect(try await pacer.turn().milliseconds == start.milliseconds + 3000)
        pacer.learn(limits(nil), .unexplainedLimit(waitSeconds: 99), of: start, answeredAt: start.milliseconds + 3000)
        #expect(try await pacer.turn().milliseconds == start.milliseconds + 13_000)
    }

    @Test func aClockSetBackIsForgiven() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        for _ in 0..<19 { _ = try await pacer.turn() }
        pacer.learn(limits(nil), .burstLimited(waitSeconds: 3), of: start, answeredAt: start.milliseconds)
        let earlier = start.milliseconds - 3_600_000
        clock.set(milliseconds: earlier)
        #expect(try await pacer.turn().milliseconds <= earlier + 10_000)
    }

    @Test(arguments: [PageFailure.dailyBudgetExhausted, .blockedByGateway])
    func keepsBackWhatHasNotLeft(_ failure: PageFailure) async throws {
        let pacer = BurstPacer(clock: clock)
        let first = try await pacer.turn()
        pacer.learn(limits(nil), failure, of: first, answeredAt: first.milliseconds)
        await #expect(throws: CancellationError.self) { _ = try await pacer.turn() }
        pacer.beginDay()
        _ = try await pacer.turn()
    }

    @Test func leavesToOthersWhatTheyAreToHave() async throws {
        let pacer = BurstPacer(clock: clock, keepFree: .percent(50))
        let (first, second) = (try await pacer.turn(priceTokens: 10), try await pacer.turn(priceTokens: 10))
        func told(_ remaining: Int?) -> RateLimits {
            var limits = RateLimits()
            (limits.dailyRemainingTokens, limits.dailyLimitTokens) = (remaining, 1000)
            return limits
        }
        // 525 are left, of which the second request may not have had its ten yet, and 500 are to be kept.
        pacer.learn(told(525), nil, of: first, answeredAt: first.milliseconds)
        await #expect(throws: CancellationError.self) { _ = try await pacer.turn(priceTokens: 20) }
        _ = try await pacer.turn(priceTokens: 5)
        // The second one's answer does not tell: its tokens stay uncounted.
        pacer.learn(told(nil), nil, of: second, answeredAt: second.milliseconds)
        _ = try await pacer.turn(priceTokens: 10)
        await #expect(throws: CancellationError.self) { _ = try await pacer.turn(priceTokens: 1) }
        pacer.beginDay()
        _ = try await pacer.turn(priceTokens: 20)
    }

    @Test func cancellingEndsTheWait() async throws {
        let pacer = BurstPacer(clock: clock)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pacer.turn()
        }
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }
}
