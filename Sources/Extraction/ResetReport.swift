package import Pipedrive
package import Planning

/// When the company's budget day was seen to begin, beside what the job file says.
package struct ResetReport: Hashable, Sendable, Encodable {
    /// By the clock of `timeZone`, `02:00:31`; it began somewhere in between.
    package var earliest: String
    package var latest: String
    package var timeZone: String
    /// On how many days it was seen.
    package var days: Int
    /// `00:00`.
    package var jobFile: String
    package var agrees: Bool
    package var sentence: String

    package init(_ seen: SeenReset) {
        (earliest, latest) = (seen.earliestTime, seen.latestTime)
        timeZone = seen.calendar.zoneName
        days = seen.dayCount
        jobFile = seen.jobFileTime
        agrees = seen.agrees
        sentence = seen.sentence
    }

    /// What somebody should do something about.
    package var warning: String? { agrees ? nil : sentence }
}

extension ResetWatch {
    /// Takes in an answer's headers; without the server's time, or one of the two numbers, they tell nothing.
    /// - Returns: whether there is something to be remembered.
    package mutating func see(_ limits: RateLimits, at serverTime: Instant?) -> Bool {
        guard let serverTime, let remaining = limits.dailyRemainingTokens, let limit = limits.dailyLimitTokens else {
            return false
        }
        return see(remaining: remaining, limit: limit, at: serverTime)
    }
}
