/// Lists without a time filter: read as a whole, when the copy is older than its time to live.
extension Planner {
    /// A list without a time filter, when its copy is old enough.
    static func listing(of list: ListState, in situation: Situation) -> (walk: Walk, isFresh: Bool)? {
        guard isDue(list, in: situation) else { return nil }
        let wasListed = list.covered.intervals.last != nil
        if let begun = list.begunWalks.first { return (begun, wasListed) }
        let walk = Walk(list: list.spec.name, interval: nil, order: .unordered, beganAt: situation.serverNow)
        return (walk, wasListed)
    }

    /// A copy dates from the moment its listing began.
    static func isDue(_ list: ListState, in situation: Situation) -> Bool {
        // Before the start there is nothing a listing could cover: it would be due again at once.
        guard situation.window.start < situation.serverNow else { return false }
        guard let listedAt = list.covered.intervals.last?.until else { return true }
        return situation.serverNow - listedAt >= list.stream.timeToLiveSeconds ?? 0
    }
}
