import Foundation
import TestSupport
import Testing

@testable import Planning

/// When the budget day begins, out of what answers say is left. What Pipedrive itself does at its reset, no
/// documentation tells; here it is the moment at which the count jumps up.
@Suite struct ResetWatchTests {
    private static let utc = BudgetCalendar(zone: nil, resetsAtSeconds: 0)

    private static func at(_ text: String) throws -> Instant { try #require(Instant(text)) }

    /// Counts of a limit of 1,000, as `02:00:05 = 990` on a day.
    private func watch(_ told: [(String, Int)], limit: Int = 1000) throws -> ResetWatch {
        var watch = ResetWatch()
        for (time, remaining) in told { _ = watch.see(remaining: remaining, limit: limit, at: try Self.at(time)) }
        return watch
    }

    @Test func oneJumpToNearlyTheLimitIsEnough() throws {
        let seen = try #require(
            try watch([
                ("2026-11-23T01:58:10Z", 310), ("2026-11-23T01:59:50Z", 300), ("2026-11-23T02:00:30Z", 990),
            ]).seen(Self.utc))
        #expect(seen.dayCount == 1 && !seen.agrees)
        // The newer count is in the slot after the older one's next.
        #expect(seen.earliestSeconds <= 7200 && seen.latestSeconds == 7230)
        #expect(seen.time == "at 02:00")
        #expect(
            seen.sentence == "the day's tokens came back at 02:00 UTC (seen once), the job file says 00:00: set "
                + "budget.resets_at to what was seen; until then a request has to fit in both days")
        let agreeing = BudgetCalendar(zone: nil, resetsAtSeconds: 7200)
        let jump = try watch([("2026-11-23T01:59:10Z", 300), ("2026-11-23T02:01:30Z", 990)])
        #expect(jump.seen(agreeing)?.sentence.hasSuffix("(seen once), as the job file says") == true)
    }

    @Test(arguments: [1, 2, 3])
    func smallerRisesHaveToComeAtTheSameTimeOfTwoDays(days: Int) throws {
        let told = (0..<days).flatMap { day in
            // Others take most of it within the first minutes.
            [
                ("2026-11-2\(day)T01:50:00Z", 300), ("2026-11-2\(day)T02:10:00Z", 500),
                ("2026-11-2\(day)T09:00:00Z", 400),
            ]
        }
        let seen = try watch(told).seen(Self.utc)
        #expect(seen?.dayCount == (days == 1 ? nil : days))
        #expect(seen.map(\.time) == (days == 1 ? nil : "between 01:49:29 and 02:10:00"))
    }

    @Test func risesAtDifferentTimesAreNoReset() throws {
        let told = [
            ("2026-11-20T01:50:00Z", 300), ("2026-11-20T02:10:00Z", 500), ("2026-11-21T05:50:00Z", 300),
            ("2026-11-21T06:10:00Z", 500),
        ]
        #expect(try watch(told).seen(Self.utc) == nil)
    }

    @Test func severalDaysNarrowItDown() throws {
        let told = [
            ("2026-11-20T00:30:00Z", 300), ("2026-11-20T02:10:00Z", 1000), ("2026-11-20T09:10:00Z", 200),
            ("2026-11-21T01:30:00Z", 100), ("2026-11-21T04:10:00Z", 1000),
        ]
        let seen = try #require(try watch(told).seen(Self.utc))
        #expect(seen.dayCount == 2 && seen.time == "between 01:29:29 and 02:10:00")
    }

    @Test func whatTellsNothing() throws {
        // A limit that was raised, a count too long ago, one that others had used up again, refunds under one percent.
        #expect(
            try watch([("2026-11-23T01:00:00Z", 300)]).seeing(1500, 2000, "2026-11-23T02:00:00Z").sightings.isEmpty)
        #expect(try watch([("2026-11-23T01:00:00Z", 300), ("2026-11-23T13:00:00Z", 1000)]).sightings.isEmpty)
        #expect(try watch([("2026-11-23T01:00:00Z", 300), ("2026-11-23T02:00:00Z", 290)]).sightings.isEmpty)
        #expect(try watch([("2026-11-23T01:00:00Z", 300), ("2026-11-23T02:00:00Z", 309)]).sightings.isEmpty)
        #expect(try watch([("2026-11-23T01:00:00Z", 300), ("2026-11-23T02:00:00Z", 310)]).sightings.count == 1)
        // After the raise it goes on with the new limit.
        var raised = try watch([("2026-11-23T01:00:00Z", 300)])
        raised = try raised.seeing(1500, 2000, "2026-11-23T02:00:00Z").seeing(2000, 2000, "2026-11-23T03:00:00Z")
        #expect(raised.sightings.count == 1)
    }

    @Test func theNewestReadingCounts() throws {
        let told = [
            ("2026-11-20T01:50:00Z", 300), ("2026-11-20T02:10:00Z", 1000), ("2026-11-21T04:50:00Z", 200),
            ("2026-11-21T05:10:00Z", 1000),
        ]
        #expect(try watch(told).seen(Self.utc)?.time == "between 04:49:29 and 05:10:00")
        // A few tokens that come back in between contradict nothing.
        let refund = told + [("2026-11-21T09:00:00Z", 500), ("2026-11-21T09:10:00Z", 520)]
        #expect(try watch(refund).seen(Self.utc)?.time == "between 04:49:29 and 05:10:00")
        // After eight days nothing of it is left.
        #expect(try watch(refund).seeing(400, 1000, "2026-11-30T12:00:00Z").sightings.isEmpty)
    }

    @Test func aServerClockThatWasSetBackIsBelieved() throws {
        var watch = try watch([("2027-11-23T01:00:00Z", 300), ("2027-11-23T02:00:00Z", 1000)])
        watch = try watch.seeing(300, 1000, "2026-11-23T05:50:00Z").seeing(1000, 1000, "2026-11-23T06:10:00Z")
        #expect(watch.seen(Self.utc)?.time == "between 05:49:29 and 06:10:00")
    }

    /// Midnight in Berlin is 22:00 UTC in summer and 23:00 in winter.
    @Test func theClocksArePutBack() throws {
        let told = [
            ("2026-10-23T21:50:00Z", 300), ("2026-10-23T22:10:00Z", 500), ("2026-10-24T21:50:00Z", 300),
            ("2026-10-24T22:10:00Z", 500), ("2026-10-25T22:50:00Z", 300), ("2026-10-25T23:10:00Z", 500),
        ]
        let berlin = BudgetCalendar(zone: try #require(TimeZone(identifier: "Europe/Berlin")), resetsAtSeconds: 0)
        let seen = try #require(try watch(told).seen(berlin))
        #expect(seen.dayCount == 3 && seen.agrees)
        #expect(seen.sentence.contains("between 23:49:29 and 00:10:00 Europe/Berlin (seen on 3 days)"))
        // By UTC it was two days and then another time.
        let utc = try #require(try watch(told).seen(Self.utc))
        #expect(utc.dayCount == 2 && !utc.agrees)
        // And on the day itself: the day that began at 02:00 Berlin time.
        let other = SeenReset(earliestSeconds: 7200, latestSeconds: 7200, dayCount: 2, calendar: berlin)
        #expect(try other.nextReset(after: Self.at("2026-10-24T12:00:00Z")) == Self.at("2026-10-25T00:00:00Z"))
        #expect(try other.nextReset(after: Self.at("2026-10-25T12:00:00Z")) == Self.at("2026-10-26T01:00:00Z"))
        #expect(try other.countsFrom(at: Self.at("2026-10-26T00:30:00Z")) == Self.at("2026-10-24T23:50:00Z"))
    }

    @Test(
        arguments: [
            (0, 7170, 7230, "01:00:00", "-1 01:49:30", "02:00:30"),
            (0, 7170, 7230, "02:00:29", "-1 01:49:30", "02:00:30"),
            (0, 7170, 7230, "02:00:30", "01:49:30", "+1 02:00:30"),
            (0, 7170, 7230, "23:00:00", "01:49:30", "+1 02:00:30"),
            // It may lie on both sides of midnight.
            (43_200, 86_100, 87_000, "00:05:00", "-2 23:45:00", "00:10:00"),
            (43_200, 86_100, 87_000, "00:10:00", "-1 23:45:00", "+1 00:10:00"),
            (43_200, 86_100, 87_000, "23:57:00", "-1 23:45:00", "+1 00:10:00"),
        ] as [(Int, Int64, Int64, String, String, String)])
    func theSafeSideOfBoth(resets: Int, earliest: Int64, latest: Int64, now: String, from: String, until: String) throws
    {
        let calendar = BudgetCalendar(zone: nil, resetsAtSeconds: resets)
        let seen = SeenReset(earliestSeconds: earliest, latestSeconds: latest, dayCount: 2, calendar: calendar)
        func moment(_ text: String) throws -> Instant {
            let parts = text.split(separator: " ")
            let days = parts.count > 1 ? try #require(Int64(parts[0])) : 0
            return try Self.at("2026-11-23T\(parts[parts.count - 1])Z") + days * 86_400
        }
        #expect(!seen.agrees)
        #expect(try seen.countsFrom(at: moment(now)) == moment(from))
        #expect(try seen.nextReset(after: moment(now)) == moment(until))
        #expect(try calendar.lastReset(after: moment(now), seen) >= calendar.nextReset(after: moment(now)))
    }

    /// Between the two ends of what was seen the day may just have begun: then it lasts for another one.
    @Test(arguments: [("08:00:00", "14 05:00:00"), ("14:12:00", "14 14:13:00"), ("17:00:01", "14 17:00:00")])
    func aUsedUpDay(now: String, until: String) throws {
        let calendar = BudgetCalendar(zone: nil, resetsAtSeconds: 5 * 3600)
        let seen = SeenReset(
            earliestSeconds: 9 * 3600, latestSeconds: 17 * 3600, dayCount: 2, calendar: calendar)
        let parts = until.split(separator: " ")
        let expected = try Self.at("2026-10-\(parts[0])T\(parts[1])Z")
        #expect(try calendar.endOfUsedUpDay(at: Self.at("2026-10-13T\(now)Z"), seen) == expected)
    }

    @Test(arguments: [
        (0, 86_100, 87_000, true), (86_370, 20, 50, true), (120, 0, 40, false), (86_000, 86_100, 86_460, false),
    ])
    func agreeing(resets: Int, earliest: Int64, latest: Int64, agrees: Bool) {
        let calendar = BudgetCalendar(zone: nil, resetsAtSeconds: resets)
        let seen = SeenReset(earliestSeconds: earliest, latestSeconds: latest, dayCount: 2, calendar: calendar)
        #expect(seen.agrees == agrees)
        #expect((seen.countsFrom(at: Instant(seconds: 1_800_000_000)) == nil) == agrees)
    }

    /// Counts are made up to 30 s before their answers leave, and answers overtake each other by as much: nothing is
    /// seen where nothing happened, and whatever is seen holds the moment at which it did.
    @Test(arguments: 1...40)
    func answersOvertakeEachOther(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let begin = try Self.at("2026-11-23T01:00:00Z"), limit = 1000
        let reset = begin + Int64.random(in: 600...1800, using: &random)
        var answers: [(arrival: Int64, at: Instant, remaining: Int)] = []
        var (time, spent, wasReset) = (begin, 500, false)
        while time < begin + 2400 {
            time = time + Int64.random(in: 1...9, using: &random)
            if time >= reset, !wasReset { (spent, wasReset) = (0, true) }
            spent += Int.random(in: 1...3, using: &random)
            let told = time + Int64.random(in: 0...30, using: &random)
            let arrival = (told - begin) + Int64.random(in: 0...30, using: &random)
            answers.append((arrival, told, limit - spent))
        }
        answers.sort { $0.arrival < $1.arrival }
        var (watch, quiet) = (ResetWatch(), ResetWatch())
        for answer in answers {
            _ = watch.see(remaining: answer.remaining, limit: limit, at: answer.at)
            guard answer.at < reset else { continue }
            _ = quiet.see(remaining: answer.remaining, limit: limit, at: answer.at)
        }
        #expect(quiet.sightings.isEmpty, "seed \(seed)")
        let sighting = try #require(watch.sightings.first, "seed \(seed)")
        #expect(watch.sightings.count == 1 && (sighting.earliest...sighting.latest).contains(reset), "seed \(seed)")
        #expect(sighting.latest - sighting.earliest <= 4 * ResetWatch.slotSeconds, "seed \(seed)")
    }
}

extension ResetWatch {
    fileprivate func seeing(_ remaining: Int, _ limit: Int, _ time: String) throws -> ResetWatch {
        var watch = self
        _ = watch.see(remaining: remaining, limit: limit, at: try #require(Instant(time)))
        return watch
    }
}
