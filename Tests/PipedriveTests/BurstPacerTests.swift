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

    /// A request of a chain leaves whenever its answer has come, every 200 ms, the others whenever there is a place.
    @Test func spreadEvenlyAPlaceIsNeverFarAway() async throws {
        let pacer = BurstPacer(clock: clock)
        let start = try await pacer.turn()
        pacer.learn(limits(40), nil, of: start, answeredAt: start.milliseconds)
        var (sends, waits): ([Int64], [Int64]) = ([], [])
        var chainAnswered = start.milliseconds + 200
        while sends.count < 2000 {
            let places = pacer.places(atMost: 8, evenly: true)
            guard places.count > 0 else {
                clock.advance(milliseconds: places.waitMilliseconds)
                continue
            }
            let sent = try await pacer.turn()
            #expect(places.count == 1 && places.waitMilliseconds >= 0 && sent.milliseconds == clock.nowMilliseconds)
            sends.append(sent.milliseconds)
            guard chainAnswered <= sent.milliseconds else { continue }
            waits.append(sent.milliseconds - chainAnswered)
            chainAnswered = sent.milliseconds + 200
        }
        #expect(waits.count > 380 && waits.allSatisfy { $0 <= 52 }, "\(waits.max() ?? 0) ms")
        #expect(Double(sends.count) * 1000 >= 0.97 * 20 * Double(sends.last! - sends[0]))
    }

    /// Whoever wakes late makes up for it, as far as a tenth of a second.
    @Test func lateDeparturesLoseNothing() async throws {
        let pacer = BurstPacer(clock: clock)
        pacer.learn(limits(40), nil, of: try await pacer.turn(), answeredAt: clock.nowMilliseconds)
        let start = clock.nowMilliseconds
        for number in 0..<39 {
            while case let places = pacer.places(atMost: 1, evenly: true), places.count == 0 {
                clock.advance(milliseconds: places.waitMilliseconds + (number.isMultiple(of: 3) ? 60 : 0))
            }
            _ = try await pacer.turn()
        }
        #expect(clock.nowMilliseconds - start <= 2050)
        clock.advance(milliseconds: 60_000)
        #expect(pacer.places(atMost: 40, evenly: true).count == 2)
        #expect(pacer.places(atMost: 40, evenly: false).count == 40)
    }

    @Test func announcedRequestsKeepTheirPlaces() async throws {
        let pacer = BurstPacer(clock: clock)
        for _ in 0..<18 { _ = try await pacer.turn() }
        #expect(pacer.places(atMost: 8, evenly: false) == BurstPacer.Places(count: 2, waitMilliseconds: 2050))
        pacer.announce()
        pacer.announce()
        #expect(pacer.places(atMost: 8, evenly: false) == BurstPacer.Places(count: 0, waitMilliseconds: 2050))
        clock.advance(milliseconds: 100)
        pacer.arrive()
        _ = try await pacer.turn()
        #expect(pacer.places(atMost: 8, evenly: false) == BurstPacer.Places(count: 0, waitMilliseconds: 1950))
        pacer.arrive()
        #expect(pacer.places(atMost: 8, evenly: false).count == 1, "one that was given up after all")
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

/// A server that lets in so many requests in any two seconds and says nothing about it.
@Suite struct BurstRestraintTests {
    /// Sends requests one every `pauseMilliseconds`, answered `latencyMilliseconds` later, and tells for each when it
    /// was sent and whether it was refused.
    private func asked(
        _ count: Int, limit: Int, latencyMilliseconds: Int64 = 200, failure: PageFailure, clock: ManualClock,
        _ pacer: BurstPacer
    ) async throws -> [(sentAt: Int64, isRefused: Bool)] {
        var asked: [(sentAt: Int64, isRefused: Bool)] = []
        var unanswered: [(turn: BurstPacer.Departure, isRefused: Bool)] = []
        for _ in 0..<count {
            clock.advance(milliseconds: 10)
            let turn = try await pacer.turn()
            while let first = unanswered.first, first.turn.milliseconds + latencyMilliseconds <= turn.milliseconds {
                pacer.learn(
                    RateLimits(), first.isRefused ? failure : nil, of: first.turn,
                    answeredAt: first.turn.milliseconds + latencyMilliseconds)
                unanswered.removeFirst()
            }
            let isRefused = asked.count { !$0.isRefused && $0.sentAt > turn.milliseconds - 2000 } >= limit
            asked.append((turn.milliseconds, isRefused))
            unanswered.append((turn, isRefused))
        }
        return asked
    }

    @Test(
        "A limit that nobody told is found by one round of refusals, and kept to", arguments: [10, 13, 19],
        [PageFailure.burstLimited(waitSeconds: 2), .unexplainedLimit(waitSeconds: 2)])
    func findsTheLimit(limit: Int, failure: PageFailure) async throws {
        let clock = ManualClock()
        let asked = try await asked(600, limit: limit, failure: failure, clock: clock, BurstPacer(clock: clock))
        let refusals = asked.indices.filter { asked[$0].isRefused }
        #expect(refusals.first == limit)
        // One round: all were under way before the first of them was known.
        #expect(refusals.allSatisfy { asked[$0].sentAt <= asked[limit].sentAt + 400 }, "\(refusals)")
        let later = asked.drop { $0.sentAt <= asked[limit].sentAt + 4000 }.map(\.sentAt)
        let rate = Double(later.count - 1) / Double(later.last! - later.first!) * 1000
        #expect(rate >= 0.95 * Double(limit) / 2)
    }

    @Test("Far below what was thought, it takes a few rounds", arguments: [1, 2, 4])
    func closesIn(limit: Int) async throws {
        let clock = ManualClock()
        let asked = try await asked(
            200, limit: limit, failure: .burstLimited(waitSeconds: 2), clock: clock, BurstPacer(clock: clock))
        #expect(asked.suffix(150).allSatisfy { !$0.isRefused })
    }

    @Test("After ten minutes without a refusal the limit as told holds again, one refusal halves it at most")
    func heals() async throws {
        let clock = ManualClock()
        let pacer = BurstPacer(clock: clock)
        let first = try await pacer.turn()
        let start = first.milliseconds
        pacer.learn(RateLimits(), .burstLimited(waitSeconds: 2), of: first, answeredAt: start)
        // Half of twenty, of which the refused one was the first.
        for _ in 0..<9 { #expect(try await pacer.turn().milliseconds == start + 2000) }
        #expect(try await pacer.turn().milliseconds == start + 2050)
        #expect(try await pacer.turn().milliseconds == start + 4050)
        clock.set(milliseconds: start + 599_999)
        for _ in 0..<10 { #expect(try await pacer.turn().milliseconds == start + 599_999) }
        #expect(try await pacer.turn().milliseconds > start + 599_999)
    }
}
