import TestSupport
import Testing

@testable import Planning

/// Interval arithmetic against a plain set of seconds. Cannot see whether the right intervals are put in.
@Suite struct CoverageTests {
    private static let span: Int64 = 60

    private static func interval(_ random: inout SeededRandom) -> Interval? {
        Interval(
            since: Instant(seconds: Int64.random(in: 0...span, using: &random)),
            until: Instant(seconds: Int64.random(in: 0...span, using: &random)))
    }

    private static func seconds(_ interval: Interval) -> Set<Int64> {
        Set(interval.since.seconds..<interval.until.seconds)
    }

    private static func seconds(_ intervals: [Interval]) -> Set<Int64> {
        intervals.reduce(into: []) { $0.formUnion(seconds($1)) }
    }

    private static func isMerged(_ coverage: Coverage) -> Bool {
        zip(coverage.intervals, coverage.intervals.dropFirst()).allSatisfy { $0.until < $1.since }
    }

    @Test func agreesWithASetOfSeconds() {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var (mine, naive) = (Coverage(), Set<Int64>())
            for _ in 0..<12 {
                guard let change = Self.interval(&random) else { continue }
                if Int.random(in: 0..<3, using: &random) > 0 {
                    mine.add(change)
                    naive.formUnion(Self.seconds(change))
                } else {
                    mine.remove(change)
                    naive.subtract(Self.seconds(change))
                }
                #expect(Self.seconds(mine.intervals) == naive && Self.isMerged(mine), "seed \(seed)")
            }
            let other = Coverage((0..<4).compactMap { _ in Self.interval(&random) })
            let both = mine.intersection(other)
            #expect(Self.seconds(both.intervals) == naive.intersection(Self.seconds(other.intervals)), "seed \(seed)")
            #expect(Self.isMerged(both), "seed \(seed)")
            guard let within = Self.interval(&random) else { continue }
            let gaps = mine.gaps(in: within)
            #expect(Self.seconds(gaps) == Self.seconds(within).subtracting(naive), "seed \(seed)")
            #expect(gaps.map(\.since) == gaps.map(\.since).sorted(), "seed \(seed)")
            #expect(mine.covers(within) == Self.seconds(within).isSubset(of: naive), "seed \(seed)")
        }
    }

    @Test func neverHoldsAnEmptySpan() throws {
        let at = Instant(seconds: 5)
        #expect(Interval(since: at, until: at) == nil)
        #expect(Interval(since: at + 1, until: at) == nil)
        let whole = try #require(Interval(since: at, until: at + 10))
        #expect(whole.lengthSeconds == 10)
        #expect(whole.contains(at) && !whole.contains(at + 10))
        let touching = try #require(Interval(since: at + 10, until: at + 11))
        #expect(whole.intersection(touching) == nil)
        #expect(Coverage([touching, whole]).intervals.map(\.lengthSeconds) == [11])
    }
}
