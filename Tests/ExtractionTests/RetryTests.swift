import Testing

@testable import Extraction

/// How long to wait before one more try. Whether anybody waits so long, `MisbehaviourTests` shows.
@Suite struct RetryTests {
    private func pause(after failures: Int, told: Double? = nil, chance: Double) -> Int64 {
        var tries = Tries()
        for _ in 0..<failures { _ = tries.failed(at: .init(seconds: 0)) }
        return tries.pauseMilliseconds(chance: chance, atLeastSeconds: told)
    }

    @Test func pausesDouble() {
        #expect((1...4).map { pause(after: $0, chance: 0.5) } == [500, 1000, 2000, 4000])
        #expect(pause(after: 1, chance: 0) == 375 && pause(after: 1, chance: 1) == 625)
    }

    /// The longest pause is part of `Extractor.quietSecondsBeforeReset`.
    @Test(arguments: [0, 0.3, 1])
    func retryAfterIsObeyedButNotForEver(chance: Double) {
        for (told, least) in [(0.0, 375), (3, 3000), (20, 20_000), (86_400, 20_000), (1e300, 20_000)] {
            let pause = pause(after: 1, told: told, chance: chance)
            #expect(pause >= Int64(least) && pause <= 25_000, "\(told) s told")
        }
        #expect(pause(after: 4, told: 1, chance: chance) >= 3000)
    }
}
