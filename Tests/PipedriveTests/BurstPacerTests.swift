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
        var unanswered: [Int64] = []
        for _ in 0..<count {
            while let first = unanswered.first, first + 200 <= clock.nowMilliseconds {
                let used = sends.count { $0 > first - 2000 && $0 <= first }
                let told = limits(limit, remaining: max(0, limit - used), reset: 2)
                await pacer.learn(told, nil, sentAt: first, answeredAt: first + 200)
                unanswered.removeFirst()
            }
            let sent = try await pacer.turn()
            sends.append(sent)
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
        for _ in 0..<20 { #expect(try await pacer.turn() == start) }
        #expect(try await pacer.turn() == start + 2050)
    }

    @Test func obeysALowerLimitAtOnce() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        await pacer.learn(limits(3), nil, sentAt: start, answeredAt: start)
        await pacer.learn(limits(0), nil, sentAt: start, answeredAt: start)
        for _ in 0..<2 { #expect(try await pacer.turn() == start) }
        for _ in 0..<3 { #expect(try await pacer.turn() == start + 2050) }
        #expect(try await pacer.turn() == start + 4100)
    }

    @Test func waitsWhenSomebodyElseUsesTheToken() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        await pacer.learn(limits(20, remaining: 0, reset: 1.5), nil, sentAt: start, answeredAt: start + 200)
        #expect(try await pacer.turn() == start + 1700)
    }

    @Test func waitsAfterABurst() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        await pacer.learn(limits(nil), .burstLimited(waitSeconds: 3), sentAt: start, answeredAt: start)
        #expect(try await pacer.turn() == start + 3000)
        await pacer.learn(limits(nil), .unexplainedLimit(waitSeconds: 99), sentAt: start, answeredAt: start + 3000)
        #expect(try await pacer.turn() == start + 13_000)
    }

    @Test func aClockSetBackIsForgiven() async throws {
        let pacer = BurstPacer(clock: clock)
        for _ in 0..<20 { _ = try await pacer.turn() }
        let start = clock.nowMilliseconds
        await pacer.learn(limits(nil), .burstLimited(waitSeconds: 3), sentAt: start, answeredAt: start)
        let earlier = start - 3_600_000
        clock.set(milliseconds: earlier)
        #expect(try await pacer.turn() <= earlier + 10_000)
    }

    @Test func cancellingEndsTheWait() async throws {
        let pacer = BurstPacer(clock: clock)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pacer.turn()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
