package import Foundation

/// The day by which Pipedrive counts tokens: it begins at a configured time of day in a configured zone.
package struct BudgetCalendar: Hashable, Sendable {
    /// Nil for UTC, which needs none of the tables that Foundation loads for any other zone (several megabytes).
    private let zone: TimeZone?
    let resetsAtSeconds: Int64

    /// The names of the zone that is never looked up.
    package static let namesOfUTC: Set<String> = ["UTC", "Etc/UTC", "GMT"]

    package init(zone: TimeZone?, resetsAtSeconds: Int) {
        self.zone = zone
        self.resetsAtSeconds = Int64(resetsAtSeconds)
    }

    /// The job reader has checked the zone's name already, so an unknown one falls back to UTC.
    package init(_ budget: Job.Budget) {
        let zone = Self.namesOfUTC.contains(budget.timeZone) ? nil : TimeZone(identifier: budget.timeZone)
        self.init(zone: zone, resetsAtSeconds: budget.resetsAtSeconds)
    }

    /// The local date on which the budget day of `instant` began, `2026-11-23`.
    package func day(of instant: Instant) -> String {
        CivilDate(daysSinceEpoch: dayNumber(of: instant)).description
    }

    /// When the next budget day begins.
    package func nextReset(after instant: Instant) -> Instant {
        begin(ofDay: dayNumber(of: instant) + 1)
    }

    /// When the budget day of `instant` began.
    func beginning(ofDayOf instant: Instant) -> Instant { begin(ofDay: dayNumber(of: instant)) }

    /// Days of the same zone that begin at another time.
    func resetting(atSeconds seconds: Int64) -> BudgetCalendar {
        BudgetCalendar(zone: zone, resetsAtSeconds: Int(seconds))
    }

    package var zoneName: String { zone?.identifier ?? "UTC" }

    /// What the clock on the wall shows, as seconds since it showed the beginning of 1970.
    func localSeconds(of instant: Instant) -> Int64 { instant.seconds + offsetSeconds(at: instant) }

    /// How much of its budget day has passed at a moment, 0 ..< 1.
    package func passedShare(at instant: Instant) -> Double {
        let day = dayNumber(of: instant)
        let (since, until) = (begin(ofDay: day), begin(ofDay: day + 1))
        return Double(instant - since) / Double(until - since)
    }

    /// The local date, corrected where the clock is put forward or back around the reset: a day that has begun
    /// does not end because the clock shows the time before its beginning once more.
    private func dayNumber(of instant: Instant) -> Int64 {
        let local = instant.seconds + offsetSeconds(at: instant) - resetsAtSeconds
        var day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        while begin(ofDay: day) > instant { day -= 1 }
        while begin(ofDay: day + 1) <= instant { day += 1 }
        return day
    }

    /// The first moment at which the local clock shows the reset; when it jumps over it, as much later as it jumps.
    private func begin(ofDay day: Int64) -> Instant {
        let local = Instant(seconds: day * 86_400 + resetsAtSeconds)
        let (before, after) = (offsetSeconds(at: local - 86_400), offsetSeconds(at: local + 86_400))
        let isAfterChange = offsetSeconds(at: local - before) != before && offsetSeconds(at: local - after) == after
        return local - (isAfterChange ? after : before)
    }

    private func offsetSeconds(at instant: Instant) -> Int64 {
        guard let zone else { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
    }
}
