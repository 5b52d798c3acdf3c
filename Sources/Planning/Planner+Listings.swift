/// Lists without a time filter: read as a whole, when the copy is older than its time to live.
extension Planner {
    /// A list without a time filter, when its copy is old enough.
    static func listing(of list: ListState, in situation: Situation) -> Beginning? {
        guard isDue(list, in: situation) else { return nil }
        let walk =
            list.begunWalks.first
            ?? Walk(list: list.spec.name, interval: nil, order: .unordered, beganAt: situation.serverNow)
        // A list that was never read is history, in turn with that of all others. Fields and the like are wanted at
        // once, unless the allowance is so small that history goes first.
        let wasListed = list.covered.intervals.last != nil
        let isWantedAtOnce = list.stream.group == .metadata && isFreshCheap(in: situation)
        return Beginning(
            walk: walk, kind: wasListed || isWantedAtOnce ? .metadata : .history, begun: list.begunWalks.first)
    }

    static func isDue(_ list: ListState, in situation: Situation) -> Bool {
        isOld(list, in: situation) && isTurn(of: list, in: situation)
    }

    /// A copy dates from the moment its listing began, and vouches from the `start` of then: one that was moved back
    /// needs another.
    static func isOld(_ list: ListState, in situation: Situation) -> Bool {
        // Before the start there is nothing a listing could cover: it would be due again at once.
        guard situation.window.start < situation.serverNow else { return false }
        guard let copy = list.covered.intervals.last else { return true }
        // What was begun is ended, also where the copy was young.
        if list.refresh == .wanted || !list.begunWalks.isEmpty { return true }
        if let first = firstListed(before: list, in: situation) { return copy.until < first }
        let isOld = situation.serverNow - copy.until >= list.spec.timeToLiveSeconds ?? 0
        return isOld || copy.since > situation.window.start
    }

    /// It is due, or will be once the lists before it are read.
    static func willBeListed(_ index: Int, in situation: Situation) -> Bool {
        let list = situation.lists[index]
        if list.active != nil || isOld(list, in: situation) { return true }
        guard let predecessor = list.predecessor, situation.lists[predecessor].spec.timeFilter == .none else {
            return false
        }
        return willBeListed(predecessor, in: situation)
    }

    /// Where several lists are one stream they are listed one after the other: a later one once the one before it
    /// has been listed since.
    private static func firstListed(before list: ListState, in situation: Situation) -> Instant? {
        guard let predecessor = list.predecessor.map({ situation.lists[$0] }), predecessor.spec.timeFilter == .none
        else { return nil }
        return predecessor.covered.intervals.last?.until ?? Instant(seconds: .min)
    }

    /// A list whose predecessor is read first waits for it; not for what is new there, when the allowance is too small
    /// to look at everything and there may never be enough for both in one night.
    private static func isTurn(of list: ListState, in situation: Situation) -> Bool {
        guard let place = list.predecessor else { return true }
        let predecessor = situation.lists[place]
        if let first = firstListed(before: list, in: situation), let copy = list.covered.intervals.last,
            copy.until < first
        {
            return true
        }
        let isRead =
            predecessor.spec.timeFilter != .none && !predecessor.covered.intervals.isEmpty
            && !hasRoundOfLooks(in: situation)
        // One that waits itself is not due, and yet it is not read.
        return isTurn(of: predecessor, in: situation)
            && (predecessor.isOut || isRead || isComplete(place, in: situation))
    }
}
