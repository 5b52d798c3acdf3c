import Foundation
import TestSupport
import Testing

@testable import Planning

/// The budget day in zones that change their clocks. Cannot see when Pipedrive's own day begins.
@Suite struct BudgetCalendarTests {
    private static func calendar(_ zone: String, _ hours: Double) throws -> BudgetCalendar {
        BudgetCalendar(zone: try #require(TimeZone(identifier: zone)), resetsAtSeconds: Int(hours * 3600))
    }

    @Test(
        arguments: [
            ("UTC", 0, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"),
            ("UTC", 0, "2026-11-22T23:59:59Z", "2026-11-22", "2026-11-23T00:00:00Z"),
            ("UTC", 7.5, "2026-11-23T07:29:59Z", "2026-11-22", "2026-11-23T07:30:00Z"),
            ("UTC", 7.5, "2026-11-23T07:30:00Z", "2026-11-23", "2026-11-24T07:30:00Z"),
            ("UTC", 7.5, "1969-12-31T07:30:00Z", "1969-12-31", "1970-01-01T07:30:00Z"),
            ("Europe/Berlin", 0, "2026-11-22T22:59:59Z", "2026-11-22", "2026-11-22T23:00:00Z"),
            ("Europe/Berlin", 0, "2026-03-28T23:00:00Z", "2026-03-29", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", 0, "2026-10-24T22:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z"),
            ("America/Los_Angeles", 16, "2026-11-23T00:00:00Z", "2026-11-22", "2026-11-24T00:00:00Z"),
            ("Pacific/Auckland", 23.5, "2026-11-23T10:29:59Z", "2026-11-22", "2026-11-23T10:30:00Z"),
            // The clock jumps over the reset: the day begins when it has jumped.
            ("Europe/Berlin", 2.5, "2026-03-29T00:30:00Z", "2026-03-28", "2026-03-29T01:30:00Z"),
            ("America/Havana", 0, "2026-03-08T04:30:00Z", "2026-03-07", "2026-03-08T05:00:00Z"),
            // The clock shows the reset twice: the first counts, and the day does not run backwards.
            ("Europe/Berlin", 2.5, "2026-10-25T00:29:59Z", "2026-10-24", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", 2.5, "2026-10-25T01:10:00Z", "2026-10-25", "2026-10-26T01:30:00Z"),
        ] as [(String, Double, String, String, String)])
    func knowsTheDay(zone: String, hours: Double, at: String, day: String, reset: String) throws {
        let calendar = try Self.calendar(zone, hours)
        let instant = try #require(Instant(at))
        #expect(calendar.day(of: instant) == day)
        #expect(calendar.nextReset(after: instant).description == reset)
    }

    /// Through a whole year: days follow one another, each once, and begin where `nextReset` said they would.
    @Test(
        arguments: [
            "UTC", "Europe/Berlin", "America/Havana", "America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe",
            "Asia/Kathmandu", "America/Santiago",
        ])
    func daysFollowOneAnother(zone: String) throws {
        for hours in [0, 0.5, 1.75, 2, 2.5, 3, 23.75] {
            let calendar = try Self.calendar(zone, hours)
            var instant = try #require(Instant("2026-01-01T00:00:00Z"))
            let end = try #require(Instant("2027-01-01T00:00:00Z"))
            var (day, reset) = (calendar.day(of: instant), calendar.nextReset(after: instant))
            while instant < end {
                instant = instant + 900
                let found = calendar.day(of: instant)
                #expect((found > day) == (instant >= reset), "\(zone) \(hours) \(instant)")
                #expect(found >= day, "\(zone) \(hours) \(instant)")
                if instant >= reset { (day, reset) = (found, calendar.nextReset(after: instant)) }
                #expect(reset > instant)
            }
        }
    }

    @Test func fallsBackToUTC() throws {
        let budget = Job.Budget(dailyTokens: 1, keepFree: .tokens(0), resetsAtSeconds: 0, timeZone: "No/Where")
        #expect(BudgetCalendar(budget).day(of: Instant(seconds: 86_399)) == "1970-01-01")
    }
}
