/// One page to ask for next.
package struct Step: Hashable, Sendable {
    /// Index into `Situation.lists`.
    package var list: Int
    /// The walk before this page.
    package var walk: Walk
    /// The walk was opened for what is new rather than for history.
    package var isFresh: Bool
    package var request: PageRequest
}

/// What to do now.
package enum Decision: Hashable, Sendable {
    case ask([Step])
    /// Nothing can be added before a page that is under way has come back.
    case wait
    /// Every list is covered up to the bound, or out.
    case done
    /// Work is left and the cheapest step does not fit the allowance.
    case outOfAllowance
}

/// Decides what is next. A pure function of what is covered, what is under way, what may be spent and what
/// time it is: a resumed run asks the same question as a fresh one, so there is no code for resuming.
package enum Planner {
    /// Looking for changes goes before unfinished history when one page of every list concerned costs at most
    /// this share of the allowance. Under a smaller allowance the looking would eat the history's progress,
    /// and history, once begun, is finished first.
    static let freshShareOfAllowance = 0.34

    package static func nextSteps(_ situation: Situation) -> Decision {
        let candidates = situation.lists.indices.compactMap { candidate(for: $0, in: situation) }
        let inHand = situation.pagesInHand
        guard !candidates.isEmpty else { return inHand > 0 ? .wait : .done }
        let slots = situation.mustAskAlone ? 1 - inHand : situation.concurrency - inHand
        guard slots > 0 else { return .wait }
        let steps = affordable(inOrder(candidates, in: situation), in: situation, atMost: slots)
        guard steps.isEmpty else { return .ask(steps) }
        guard inHand == 0 else { return .wait }
        // What a walk has left may lie in its overlap alone, which nothing is waiting for.
        let isAllRead = situation.lists.indices.allSatisfy {
            situation.lists[$0].isOut || isComplete($0, in: situation)
        }
        return isAllRead ? .done : .outOfAllowance
    }

    private static func affordable(_ candidates: [Candidate], in situation: Situation, atMost slots: Int) -> [Step] {
        var left = situation.allowance.leftTokens
        var steps: [Step] = []
        for candidate in candidates where steps.count < slots && candidate.priceTokens <= left {
            left -= candidate.priceTokens
            steps.append(candidate.step(in: situation))
        }
        return steps
    }

    /// What is new first, then history in turn; see `freshShareOfAllowance` for when it is the other way round.
    private static func inOrder(_ candidates: [Candidate], in situation: Situation) -> [Candidate] {
        let freshFirst = isFreshCheap(in: situation)
        func rank(_ candidate: Candidate) -> (Int, Int, Int) {
            let pages = situation.lists[candidate.list].pagesThisRun
            return (candidate.isFresh == freshFirst ? 0 : 1, candidate.isFresh ? 0 : pages, candidate.list)
        }
        return candidates.sorted { rank($0) < rank($1) }
    }
}

/// A list that has something to ask for.
private struct Candidate {
    var list: Int
    var walk: Walk
    var isFresh: Bool
    var priceTokens: Int

    func step(in situation: Situation) -> Step {
        let spec = situation.lists[list].spec
        return Step(list: list, walk: walk, isFresh: isFresh, request: walk.nextRequest(of: spec))
    }
}

extension Walk {
    /// The next page of this walk. All filters are sent with every page.
    package func nextRequest(of spec: ListSpec) -> PageRequest {
        var request = PageRequest(list: spec, position: position)
        guard let interval, spec.timeFilter != .none else { return request }
        request.since = interval.since
        request.until = spec.timeFilter == .sinceAndUntil ? interval.until : nil
        request.direction = order == .ascending ? .ascending : .descending
        return request
    }
}

extension Planner {
    private static func candidate(for index: Int, in situation: Situation) -> Candidate? {
        let list = situation.lists[index]
        guard !list.isOut, !list.isAsking else { return nil }
        let next = list.active.map { continuing($0, of: list) } ?? beginning(index, in: situation)
        guard let next else { return nil }
        return Candidate(
            list: index, walk: next.walk, isFresh: next.isFresh, priceTokens: list.spec.priceTokens)
    }

    /// A walk that goes on. A whole list waits for its last page to be committed, since its end compares what
    /// was seen with what is known.
    private static func continuing(_ walk: Walk, of list: ListState) -> (walk: Walk, isFresh: Bool)? {
        walk.interval == nil && list.pagesInHand > 0 ? nil : (walk, list.activeIsFresh)
    }

    private static func beginning(_ index: Int, in situation: Situation) -> (walk: Walk, isFresh: Bool)? {
        let list = situation.lists[index]
        guard list.pagesInHand == 0 else { return nil }
        return list.spec.timeFilter == .none ? listing(of: list, in: situation) : window(of: index, in: situation)
    }

    /// A list without a time filter, when its copy is old enough.
    private static func listing(of list: ListState, in situation: Situation) -> (walk: Walk, isFresh: Bool)? {
        guard isDue(list, in: situation) else { return nil }
        let wasListed = list.covered.intervals.last != nil
        if let begun = list.begunWalks.first { return (begun, wasListed) }
        let walk = Walk(list: list.spec.name, interval: nil, order: .unordered, beganAt: situation.serverNow)
        return (walk, wasListed)
    }

    /// A copy dates from the moment its listing began.
    private static func isDue(_ list: ListState, in situation: Situation) -> Bool {
        // Before the start there is nothing a listing could cover: it would be due again at once.
        guard situation.window.start < situation.serverNow else { return false }
        guard let listedAt = list.covered.intervals.last?.until else { return true }
        return situation.serverNow - listedAt >= list.stream.timeToLiveSeconds ?? 0
    }

    /// The newest gap that can be read now, by the walk that was begun in it or by a new one.
    private static func window(of index: Int, in situation: Situation) -> (walk: Walk, isFresh: Bool)? {
        let list = situation.lists[index]
        guard let target = Interval(since: situation.window.start, until: situation.bound) else { return nil }
        let gaps = gaps(of: index, within: target, in: situation)
        func begun(in gap: Interval) -> Walk? {
            list.begunWalks.first { $0.remaining?.intersection(gap) != nil }
        }
        func isFresh(_ gap: Interval) -> Bool {
            list.isNewest(gap) && gap.since > target.since && begun(in: gap) == nil
        }
        guard let newest = gaps.last else { return nil }
        let older = gaps.dropLast().last
        let gap = isFresh(newest) && !isFreshCheap(in: situation) ? older ?? newest : newest
        if let walk = begun(in: gap) { return (walk, false) }
        return (newWalk(in: gap, of: list, target: target, at: situation), isFresh(gap))
    }

    /// Whether one page of every list that may have news fits the share that looking for changes may cost.
    private static func isFreshCheap(in situation: Situation) -> Bool {
        Double(lookPriceTokens(in: situation)) <= Double(situation.allowanceAtStartTokens) * freshShareOfAllowance
    }

    /// One page of every list that may have news.
    private static func lookPriceTokens(in situation: Situation) -> Int {
        let asked = situation.lists.filter { list in
            !list.isOut && (list.spec.timeFilter != .none || isDue(list, in: situation))
        }
        return asked.reduce(0) { $0 + $1.spec.priceTokens }
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
            newest.until < target.until, lookPriceTokens(in: situation) <= situation.allowanceAtStartTokens
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
        let since =
            list.isNewest(gap) && hasCoverageBelow
            ? max(target.since, gap.since - situation.window.overlapSeconds) : gap.since
        let fromAbove = isTop || list.spec.timeFilter == .sinceAndUntil
        return Walk(
            list: list.spec.name, interval: Interval(since: since, until: gap.until) ?? gap,
            order: fromAbove ? .descending : .ascending, beganAt: situation.serverNow)
    }
}

extension Planner {
    /// The list is covered up to the bound, or its copy is young enough.
    package static func isComplete(_ index: Int, in situation: Situation) -> Bool {
        let list = situation.lists[index]
        guard list.spec.timeFilter != .none else { return !isDue(list, in: situation) }
        guard let target = Interval(since: situation.window.start, until: situation.bound) else { return true }
        return list.covered.covers(target)
    }
}

extension ListState {
    /// Nothing above the gap was ever read: it is what is new, also where the list waits behind a predecessor and
    /// the gap ends before the bound.
    fileprivate func isNewest(_ gap: Interval) -> Bool { covered.intervals.allSatisfy { $0.until <= gap.since } }

    /// Everything this walk was needed for is read; what remains of it was covered before.
    package func isInOverlap(_ walk: Walk) -> Bool {
        guard let remaining = walk.remaining, walk.frontier != nil else { return false }
        return covered.covers(remaining)
    }
}
