/// When the company's budget day was seen to begin, beside what the job file says.
///
/// Where the two disagree nobody can tell which of them is right, so both are kept to: what is spent has to fit in both
/// days, and what is used up is so until both have ended.
package struct SeenReset: Hashable, Sendable {
    /// Between these times of day, in seconds after midnight of the account's zone; the second may lie past midnight.
    package let earliestSeconds: Int64
    package let latestSeconds: Int64
    /// On how many days it was seen.
    package let dayCount: Int
    package let calendar: BudgetCalendar

    /// Who renews the tokens need not do it on the second.
    static let toleranceSeconds: Int64 = 60
    /// What was booked so long before may have been counted after it: our clock may be so wrong, or a request wait.
    static let marginSeconds: Int64 = 600
    private static let daySeconds: Int64 = 86_400

    init(earliestSeconds: Int64, latestSeconds: Int64, dayCount: Int, calendar: BudgetCalendar) {
        let days = (Double(earliestSeconds) / Double(Self.daySeconds)).rounded(.down)
        let midnight = Int64(days) * Self.daySeconds
        self.earliestSeconds = earliestSeconds - midnight
        self.latestSeconds = latestSeconds - midnight
        self.dayCount = dayCount
        self.calendar = calendar
    }

    /// The job file says the same.
    package var agrees: Bool {
        [-Self.daySeconds, 0, Self.daySeconds].contains { shift in
            let expected = calendar.resetsAtSeconds + shift
            return expected >= earliestSeconds - Self.toleranceSeconds
                && expected <= latestSeconds + Self.toleranceSeconds
        }
    }

    /// Where the two disagree: when the company's present day had begun for certain. Until the last moment at which a
    /// new one may have begun, the old one counts.
    package func began(at now: Instant) -> Instant? {
        agrees ? nil : calendar.resetting(atSeconds: latestSeconds % Self.daySeconds).beginning(ofDayOf: now)
    }

    /// Where the two disagree: what was booked since then may belong to the company's present day.
    package func countsFrom(at now: Instant) -> Instant? {
        began(at: now).map {
            calendar.resetting(atSeconds: earliestSeconds).beginning(ofDayOf: $0) - Self.marginSeconds
        }
    }

    /// Where the two disagree: when the company's next day has begun for certain.
    package func nextReset(after now: Instant) -> Instant? {
        agrees ? nil : calendar.resetting(atSeconds: latestSeconds % Self.daySeconds).nextReset(after: now)
    }
}

extension SeenReset {
    /// Where the two disagree: when a day has ended for certain that goes on at this moment. Where it may have begun
    /// already, it began before this moment, and ends a day later at the latest.
    func endOfDay(at now: Instant) -> Instant? {
        guard let next = nextReset(after: now) else { return nil }
        let earliest = calendar.resetting(atSeconds: earliestSeconds).beginning(ofDayOf: next)
        return earliest > now ? next : now + Self.daySeconds + Self.toleranceSeconds
    }
}

extension BudgetCalendar {
    /// When a day has ended by both readings that was called used up at this moment.
    package func endOfUsedUpDay(at now: Instant, _ seen: SeenReset?) -> Instant {
        max(nextReset(after: now), seen?.endOfDay(at: now) ?? now)
    }

    /// When the budget day has ended by both readings.
    package func lastReset(after now: Instant, _ seen: SeenReset?) -> Instant {
        max(nextReset(after: now), seen?.nextReset(after: now) ?? now)
    }
}

extension SeenReset {
    /// `at 02:00` where it is known to a few minutes, one of them a round one, and `between 01:10:04 and 04:55:31`
    /// otherwise.
    package var time: String {
        let rounds: [Int64] = latestSeconds - earliestSeconds <= Self.fewMinutesSeconds ? [3600, 900, 300, 60] : []
        let round = rounds.lazy.map { latestSeconds / $0 * $0 }.first { $0 >= earliestSeconds }
        return round.map { "at \(Self.clock($0, hasSeconds: false))" } ?? "between \(earliestTime) and \(latestTime)"
    }

    private static let fewMinutesSeconds: Int64 = 300

    /// What was seen and whether the job file says the same, as one sentence without its full stop.
    package var sentence: String {
        let days = dayCount == 1 ? "once" : "on \(dayCount) days"
        let seen = "the day's tokens came back \(time) \(calendar.zoneName) (seen \(days))"
        guard !agrees else { return "\(seen), as the job file says" }
        return "\(seen), the job file says \(jobFileTime): set budget.resets_at to what was seen; until then a request "
            + "has to fit in both days"
    }

    package var earliestTime: String { Self.clock(earliestSeconds) }
    package var latestTime: String { Self.clock(latestSeconds) }
    package var jobFileTime: String { Self.clock(calendar.resetsAtSeconds, hasSeconds: false) }

    private static func clock(_ seconds: Int64, hasSeconds: Bool = true) -> String {
        let time = Instant(seconds: seconds % daySeconds).description.dropFirst(11).dropLast()
        return String(hasSeconds ? time : time.dropLast(3))
    }
}
