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
            list.isNewest(gap) && gap.since > target.since && begun(in: gap) == nil
        }
        guard let newest = gaps.last else { return nil }
        let older = gaps.dropLast().last
        guard list.lane == 0 || !isFresh(newest) || older != nil else { return nil }
        let isNewsLater = isFresh(newest) && (list.lane > 0 || !isFreshCheap(in: situation))
        let gap = isNewsLater ? older ?? newest : newest
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
        situation.lists.reduce(0) { tokens, list in
            guard !list.isOut, list.isLookedAt, list.spec.timeFilter != .none || isOld(list, in: situation) else {
                return tokens
            }
            return tokens + list.spec.priceTokens
        }
    }

    /// Whether everything can be looked at in one night.
    static func hasRoundOfLooks(in situation: Situation) -> Bool {
        lookPriceTokens(in: situation) <= situation.allowanceAtStartTokens
    }

    /// What is uncovered and may be read: behind a predecessor only where that one has been, and only once it
    /// has come down to the end of its own gap, so that both read the same windows.
    private static func gaps(of index: Int, within target: Interval, in situation: Situation) -> [Interval] {
        let list = situation.lists[index]
        guard let predecessor = list.predecessor.map({ situation.lists[$0] }) else {
            return list.covered.gaps(in: target)
        }
        let gaps = predecessor.covered.intervals.compactMap { $0.intersection(target) }.flatMap { done in
            list.covered.gaps(in: done).filter { $0.since > done.since || done.since == target.since }
        }
        // What is new waits until the predecessor has been up to the bound, or every night would read the window
        // of the night before. An allowance too small to look at everything in one night cannot wait.
        guard let newest = gaps.last, list.isNewest(newest), newest.since > target.since, !predecessor.isOut,
            newest.until < target.until, hasRoundOfLooks(in: situation)
        else { return gaps }
        return gaps.dropLast()
    }

    /// A window over the gap, newest first. The newest gap reaches back over what was covered before it; a
    /// list without an upper filter can be read from above only at the very top.
    private static func newWalk(in gap: Interval, of list: ListState, target: Interval, at situation: Situation)
        -> Walk
    {
        let isTop = gap.until == target.until
        let hasCoverageBelow = gap.since > target.since
        if list.spec.paging == .offset && list.spec.timeFilter == .since {
            let window = cut(gap, top: target.until)
            let overlaps = window.since == gap.since && list.isNewest(gap) && hasCoverageBelow
            let since = overlaps ? max(target.since, gap.since - situation.window.overlapSeconds) : window.since
            return Walk(
                list: list.spec.name, interval: Interval(since: since, until: gap.until) ?? gap, order: .ascending,
                beganAt: situation.serverNow)
        }
        let since =
            list.isNewest(gap) && hasCoverageBelow
            ? max(target.since, gap.since - situation.window.overlapSeconds) : gap.since
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
    func isNewest(_ gap: Interval) -> Bool { covered.intervals.allSatisfy { $0.until <= gap.since } }

    /// Everything this walk was needed for is read; what remains of it was covered before.
    package func isInOverlap(_ walk: Walk) -> Bool {
        guard let remaining = walk.remaining, walk.frontier != nil else { return false }
        return covered.covers(remaining)
    }
}
