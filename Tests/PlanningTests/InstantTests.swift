import Foundation
import TestSupport
import Testing

@testable import Planning

/// Times and days against Foundation's. Cannot see how the API's filters read them.
@Suite struct InstantTests {
    @Test func writesWhatFoundationWrites() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<500 {
            let seconds = Int64.random(in: -2_000_000_000...20_000_000_000, using: &random)
            let text = Instant(seconds: seconds).description
            #expect(text == Date(timeIntervalSince1970: Double(seconds)).formatted(style), "seed \(seed)")
            #expect(Instant(text)?.seconds == seconds, "seed \(seed)")
        }
    }

    @Test func knowsItsNames() {
        let instant = Instant(seconds: 1_795_399_207)
        #expect(instant.description == "2026-11-23T02:00:07Z")
        #expect(instant.compact == "20261123T020007Z")
        #expect(instant.utcDay == "2026-11-23")
        #expect(Instant(seconds: -1).description == "1969-12-31T23:59:59Z")
        #expect(Instant(seconds: -1).utcDay == "1969-12-31")
    }

    @Test(arguments: [(0, 0), (999, 0), (1000, 1), (-1, -1), (-999, -1), (-1000, -1), (-1001, -2)] as [(Int64, Int64)])
    func roundsMillisecondsDown(milliseconds: Int64, seconds: Int64) {
        #expect(Instant(milliseconds: milliseconds).seconds == seconds)
    }

    @Test func countsDays() throws {
        let last = try #require(CivilDate(year: 9999, month: 12, day: 31)).daysSinceEpoch
        var day = try #require(CivilDate(year: 1, month: 1, day: 1)).daysSinceEpoch
        // A prime step meets every month and the leap years of every kind.
        while day <= last {
            let date = CivilDate(daysSinceEpoch: day)
            #expect(CivilDate(year: date.year, month: date.month, day: date.day)?.daysSinceEpoch == day)
            day += 89
        }
        #expect(CivilDate(daysSinceEpoch: 0).description == "1970-01-01")
    }

    @Test func refusesDaysThatAreNone() {
        #expect(CivilDate(year: 2000, month: 2, day: 29) != nil)
        #expect(CivilDate(year: 1900, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2026, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2026, month: 4, day: 31) == nil)
        #expect(CivilDate(year: 2026, month: 13, day: 1) == nil)
        #expect(CivilDate(year: 2026, month: 0, day: 1) == nil)
        #expect(CivilDate(year: 2026, month: 1, day: 0) == nil)
        #expect(CivilDate(year: 0, month: 1, day: 1) == nil)
    }
}
