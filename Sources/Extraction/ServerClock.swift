package import Planning

/// What the server's clock says, as far as its answers told.
package struct ServerClock: Sendable {
    /// Server minus ours, in seconds; nil before the first answer with a `Date` header.
    private(set) var offsetSeconds: Int64?

    /// A clock further away than this is set wrong. Windows would still be right, since they follow the server's
    /// clock; the budget day, the names of runs and the folders' days would not.
    static let farOffSeconds: Int64 = 600

    func now(ours: Instant) -> Instant { ours + (offsetSeconds ?? 0) }

    /// Takes in the first answer's `Date`. A whole-second header lags by up to one second, which errs on the
    /// safe side.
    /// - Returns: whether it was the first.
    mutating func learn(_ serverTime: Instant, ours: Instant) -> Bool {
        guard offsetSeconds == nil else { return false }
        offsetSeconds = serverTime - ours
        return true
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
