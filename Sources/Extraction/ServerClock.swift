package import Planning

/// What the server's clock says, as far as its answers told.
package struct ServerClock: Sendable {
    /// Server minus ours, in seconds; nil before the first answer with a `Date` header.
    private(set) var offsetSeconds: Int64?
    /// What a run of the last hours was told, until this one is told itself.
    private(set) var presumedSeconds: Int64?

    /// A clock further away than this is set wrong. Windows would still be right, since they follow the server's
    /// clock; the budget day, the names of runs and the folders' days would not.
    static let farOffSeconds: Int64 = 600

    /// No answer is under way for so long, so an offset that is so much smaller than one seen before tells that our
    /// clock was put forward since.
    static let jumpSeconds: Int64 = 60

    package init() {}

    /// A clock that is wrong by less is not remembered: requests take as long.
    static let noticedSeconds: Int64 = 5
    /// Whoever sets the clock right meanwhile loses no night to what was remembered.
    static let rememberedSeconds: Int64 = 12 * 3600

    /// Nobody has told this run yet.
    var isPresumed: Bool { offsetSeconds == nil && presumedSeconds != nil }

    private var bestOffset: Int64 { offsetSeconds ?? presumedSeconds ?? 0 }

    func now(ours: Instant) -> Instant { ours + bestOffset }

    /// When this machine's clock shows what is a moment of the server's.
    func ours(of moment: Instant) -> Instant { moment - bestOffset }

    /// A clock that is fast has its midnight before the server's. Each run that began between the two would spend a
    /// request of a day that is used up, only to learn so.
    mutating func presume(_ remembered: String?) { presumedSeconds = remembered.flatMap { Int64($0) } }

    /// What is to be remembered of the first answer; nil where nothing is.
    var toRemember: String? {
        guard let offsetSeconds, presumedSeconds != nil || abs(offsetSeconds) >= Self.noticedSeconds else { return nil }
        return String(offsetSeconds)
    }

    /// Takes in an answer's `Date`. It is as old as the answer was under way, and lags by up to one second besides, so
    /// of several answers the one that shows the latest time is the nearest to the truth; except where our clock jumps.
    /// - Returns: whether it was the first.
    @discardableResult
    package mutating func learn(_ serverTime: Instant, ours: Instant) -> Bool {
        let (told, before) = (serverTime - ours, offsetSeconds)
        offsetSeconds = before.map { told < $0 - Self.jumpSeconds ? told : max(told, $0) } ?? told
        return before == nil
    }

    /// When a day that was called used up now has ended by both readings, by this machine's clock: that is all that the
    /// next run has before its first answer.
    package func endOfUsedUpDay(_ calendar: BudgetCalendar, _ seen: SeenReset?, ours now: Instant) -> Instant {
        ours(of: calendar.endOfUsedUpDay(at: self.now(ours: now), seen))
    }

    /// How far the two clocks are apart, in words. Throws `Stop` when it is too far.
    package static func comparison(_ serverTime: Instant, ours: Instant) throws -> String {
        let offset = serverTime - ours
        guard abs(offset) <= farOffSeconds else {
            let direction = offset > 0 ? "behind" : "ahead of"
            throw Stop(
                .serverRefuses,
                "this machine's clock (\(ours)) is \(words(abs(offset))) \(direction) the server's (\(serverTime))",
                hint: "set the clock and run again")
        }
        return "within \(max(1, abs(offset))) s of the server's"
    }
}

/// Seconds in the unit that a person would use.
private func words(_ seconds: Int64) -> String {
    switch seconds {
    case ..<7200: "\(seconds / 60) minutes"
    case ..<172_800: "\(seconds / 3600) hours"
    default: "\(seconds / 86_400) days"
    }
}
