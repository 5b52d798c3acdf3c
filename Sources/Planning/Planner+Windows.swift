/// Lists that can be narrowed by update time: the newest gap in what is covered goes first.
extension Planner {
    /// The newest gap that can be read now, by the walk that was begun in it or by a new one.
    static func window(of index: Int, in situation: Situation) -> Beginning? {
        let list = situation.lists[index]
        guard let target = situation.target else { return nil }
        let gaps = unclaimed(gaps(of: index, within: target, in: situation), beside: index, in: situation)
        func begun(in gap: Interval) -> Walk? {
            list.begunWalks.first { $0.remaining?.until == gap.until }
                ?? list.begunWalks.first { $0.remaining?.intersection(gap) != nil }
        }
        func isFresh(_ gap: Interval) -> Bool {
            list.isNewest(gap) && list.endsCoverage(at: gap.since) && begun(in: gap) == nil
        }
        guard let newest = gaps.last else { return nil }
        let older = gaps.dropLast().last
        guard list.lane == 0 || !isFresh(newest) || older != nil else { return nil }
        let isNewsLater = list.lane > 0 || !isFreshCheap(in: situation)
        let gap = isFresh(newest) && isNewsLater ? older ?? newest : newest
        // History that other lanes still read is finished first.
        if isFresh(gap), isNewsLater, !situation.claims(beside: index).isEmpty { return nil }
        if let walk = begun(in: gap) {
            return Beginning(walk: walk.keeping(to: gap, among: gaps), kind: .history, begun: walk)
        }
        return Beginning(
            walk: newWalk(in: gap, of: list, target: target, at: situation), kind: isFresh(gap) ? .news : .history)
    }

    private static func unclaimed(_ gaps: [Interval], beside index: Int, in situation: Situation) -> [Interval] {
        let claims = situation.claims(beside: index)
        guard !claims.isEmpty else { return gaps }
        let claimed = Coverage(claims)
        return gaps.flatMap { claimed.gaps(in: $0) }
    }

    /// Whether one page of every list that may have news fits the share that looking for changes may cost.
    static func isFreshCheap(in situation: Situation) -> Bool {
        Double(lookPriceTokens(in: situation)) <= Double(situation.allowanceAtStartTokens) * freshShareOfAllowance
    }

    /// One page of every list that may have news.
    static func lookPriceTokens(in situation: Situation) -> Int {
        let asked = situation.lists.filter { list in
            guard !list.isOut, list.isLookedAt else { return false }
            return list.spec.timeFilter != .none || isOld(list, in: situation)
        }
        return asked.reduce(0) { $0 + $1.spec.priceTokens }
    }

    /// Whether everything can be looked at in one night.
    static func hasRoundOfLooks(in situation: Situation) -> Bool {
        lookPriceTokens(in: situation) <= situation.allowanceAtStartTokens
    }

    /// What is uncovered and may be read: behind a predecessor where that one has been.
    private static func gaps(of index: Int, within target: Interval, in situation: Situation) -> [Interval] {
        let list = situation.lists[index]
        guard let predecessor = list.predecessor.map({ situation.lists[$0] }) else {
            return list.covered.gaps(in: target)
        }
        return list.covered.gaps(in: target).compactMap { gap in
            let waits = waitsForNews(list, in: gap, behind: predecessor, situation)
            let reached = waits ? target.until : predecessor.covered.intervals.last?.until ?? target.since
            return Interval(since: gap.since, until: min(gap.until, reached)).flatMap {
                part(of: $0, of: list, behind: predecessor, top: target.until)
            }
        }
    }

    /// The newest gap waits until the predecessor has been up to the bound, or every night would read the window of the
    /// night before. What cannot count on that tonight does not wait: an allowance too small to look at everything, and
    /// history where it goes before the looking.
    private static func waitsForNews(
        _ list: ListState, in gap: Interval, behind predecessor: ListState, _ situation: Situation
    ) -> Bool {
        guard !predecessor.isOut else { return false }
        guard list.endsCoverage(at: gap.since) else { return isFreshCheap(in: situation) }
        return hasRoundOfLooks(in: situation)
    }

    /// What a list may read of its gap: all of it, once the predecessor has been there too. Each reading of a part
    /// costs a page that is filled in part, so there is one only of what the predecessor could not read in one run,
    /// from the top and in windows that grow, however many nights it takes.
    private static func part(of gap: Interval, of list: ListState, behind predecessor: ListState, top: Instant)
        -> Interval?
    {
        let done = predecessor.covered.intervals.first { $0.contains(gap.until - 1) }
        guard let part = done?.intersection(gap), part.since > gap.since else { return done?.intersection(gap) }
        let isBegun = list.begunWalks.contains { $0.remaining?.intersection(part) != nil }
        let isLong = predecessor.wasLeftUnfinished && part.lengthSeconds >= windowGrowth * (top - part.until)
        return isBegun || isLong ? part : nil
    }

    /// A window over the gap, newest first. The newest gap reaches back over what was covered before it; a
    /// list without an upper filter can be read from above only at the very top.
    private static func newWalk(in gap: Interval, of list: ListState, target: Interval, at situation: Situation)
        -> Walk
    {
        let isTop = gap.until == target.until
        let reachesBack = list.isNewest(gap) && list.endsCoverage(at: gap.since)
        if list.spec.paging == .offset && list.spec.timeFilter == .since {
            let window = cut(gap, top: target.until)
            let overlaps = window.since == gap.since && reachesBack
            let since = overlaps ? max(target.since, gap.since - situation.window.overlapSeconds) : window.since
            return Walk(
                list: list.spec.name, interval: Interval(since: since, until: gap.until) ?? gap, order: .ascending,
                beganAt: situation.serverNow)
        }
        let since = reachesBack ? max(target.since, gap.since - situation.window.overlapSeconds) : gap.since
        let fromAbove = isTop || list.spec.timeFilter != .since
        return Walk(
            list: list.spec.name, interval: Interval(since: since, until: gap.until) ?? gap,
            order: fromAbove ? .descending : .ascending, beganAt: situation.serverNow)
    }
}

extension Walk {
    /// A walk that was cut, and whose run ended before that was committed: what lies below the gap belongs to another
    /// one now.
    fileprivate func keeping(to gap: Interval, among gaps: [Interval]) -> Walk {
        guard order == .descending, let rest = remaining,
            gaps.contains(where: { $0.until <= gap.since && $0.intersection(rest) != nil }),
            let kept = Interval(since: gap.since, until: rest.until)
        else { return self }
        return Walk(list: list, interval: kept, order: .descending, beganAt: beganAt)
    }
}

extension ListState {
    /// Nothing above the gap was ever read: it is what is new, also where the list waits behind a predecessor and
    /// the gap ends before the bound.
    fileprivate func isNewest(_ gap: Interval) -> Bool { covered.intervals.allSatisfy { $0.until <= gap.since } }

    /// What was read before ends here.
    fileprivate func endsCoverage(at instant: Instant) -> Bool { covered.intervals.contains { $0.until == instant } }

    /// Everything this walk was needed for is read; what remains of it was covered before.
    package func isInOverlap(_ walk: Walk) -> Bool {
        guard let remaining = walk.remaining, walk.frontier != nil else { return false }
        return covered.covers(remaining)
    }
}
