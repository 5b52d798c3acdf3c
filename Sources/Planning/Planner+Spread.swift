/// `--spread`: as often as the allowance permits, and evenly over the day.
extension Planner {
    /// A run begins when the share of the day that has passed allows this much: one look at everything, and where
    /// history is to be read so much of that as makes the look cheap. A lesser share would be eaten by the looking,
    /// again and again. A job whose day is smaller than that runs twice a day.
    package static func leastSpreadTokens(in situation: Situation) -> Int {
        let look = Double(lookPriceTokens(in: situation))
        let wanted = hasHistory(in: situation) ? look / freshShareOfAllowance : look
        return min(Int(wanted.rounded(.up)), situation.allowance.dailyTokens / 2)
    }

    private static func hasHistory(in situation: Situation) -> Bool {
        guard let target = situation.target else { return false }
        return situation.lists.contains { list in
            guard list.purpose == .changes, !list.isOut, list.spec.timeFilter != .none else { return false }
            guard let newest = list.covered.intervals.last else { return true }
            return !list.covered.gaps(in: target).allSatisfy { $0.since >= newest.until }
        }
    }
}
