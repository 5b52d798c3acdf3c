/// A list that can be narrowed on both sides may be read in several places at once, each of them a lane: a `ListState`
/// of its own over the same list, with its own walk, cursor and retries. What is covered and what was begun is common
/// to all lanes of a list; what a lane reads is claimed by it until it is committed.
extension Situation {
    /// Adds the further lanes, behind all lists, so that places and predecessors stay.
    package mutating func addLanes() {
        for list in lists where list.canBeCut {
            for lane in 1..<max(1, concurrency) {
                var further = list
                further.lane = lane
                lists.append(further)
            }
        }
    }

    /// Books a step: what its lane reads from now on, and that a page is out.
    /// - Returns: the walk as it is remembered, when it goes on from an earlier run.
    package mutating func begin(_ step: Step) -> Walk? {
        let isNew = lists[step.list].active == nil
        if isNew { lists[step.list].activeKind = step.kind }
        if let interval = step.walk.interval {
            let until = isNew ? interval.until : lists[step.list].claimed?.until ?? interval.until
            lists[step.list].claimed = Interval(since: interval.since, until: max(until, interval.until))
        }
        if step.isCut { lists[firstLane(of: step.list)].cuts += 1 }
        if isNew { lists[step.list].pace = ListState.Pace() }
        lists[step.list].active = step.walk
        lists[step.list].isAsking = true
        lists[step.list].pagesInHand += 1
        lists[step.list].pagesThisRun += 1
        guard isNew else { return nil }
        guard let begun = step.begun else {
            if lists[step.list].refresh == .wanted { lists[step.list].refresh = .underWay }
            return nil
        }
        forget(begun, of: step.list)
        return begun
    }

    /// A walk that an earlier run began has found its lane.
    mutating func forget(_ begun: Walk, of index: Int) {
        for lane in lanes(of: index) { lists[lane].begunWalks.removeAll { $0 == begun } }
    }

    /// A page of a lane is committed, and so much of its list is covered by now.
    package mutating func commit(_ index: Int, covered: Coverage) {
        for lane in lanes(of: index) { lists[lane].covered = covered }
        lists[index].pagesInHand -= 1
        if lists[index].pagesInHand == 0, lists[index].active == nil { lists[index].claimed = nil }
    }

    /// All states of the same list, for the same purpose.
    package func lanes(of index: Int) -> [Int] {
        guard lists[index].canBeCut else { return [index] }
        return lists.indices.filter { lists[$0].spec.name == lists[index].spec.name && lists[$0].canBeCut }
    }

    private func firstLane(of index: Int) -> Int { lanes(of: index).first ?? index }

    /// What other lanes read, or have read and not yet committed.
    func claims(beside index: Int) -> [Interval] {
        lanes(of: index).compactMap { $0 == index ? nil : lists[$0].claimed }
    }
}

extension ListState {
    /// Its windows have two ends, so it can be read in the middle.
    var canBeCut: Bool { spec.timeFilter == .sinceAndUntil && spec.paging == .cursor && !purpose.isUpkeep }

    /// Update time that a lane's walk has covered in this run, and by how many pages.
    package struct Pace: Hashable, Sendable {
        package var pages = 0
        package var seconds: Int64 = 0
        /// Rows of the last page that share its last second: without the cursor they would be read once more.
        package var tailRows = 0
        package init() {}

        /// Takes in a page.
        package mutating func add(_ page: [Instant], covering seconds: Int64) {
            pages += 1
            self.seconds += max(0, seconds)
            tailRows = page.reversed().prefix { $0 == page.last }.count
        }
    }
}

/// When a walk is cut in two. A cut costs one page, the last of the upper part, which is filled in part.
package struct LaneRules: Hashable, Sendable {
    /// So many pages of the list must have been read in this run for each cut: three in a hundred at most are lost.
    package var pagesPerCut = 34
    /// So many more pages a walk must have before it, by its own pace, to be worth cutting.
    package var leastPages = 70

    package init() {}
}

extension Planner {
    /// A walk is not cut where more than a tenth of a page shares the second at which it would go on.
    private static let mostTailShare = 10

    /// Where requests could be sent and no list has anything to ask for, the longest walks are cut in two: the upper
    /// part goes on from its last key, the lower part is read by another lane.
    static func cutting(_ steps: [Step], in situation: Situation, atMost slots: Int) -> [Step] {
        var (steps, allowance) = (steps, situation.allowance)
        for step in steps { allowance.reserve(step.request.priceTokens, for: situation.lists[step.list].stream.name) }
        var taken = Set(steps.map(\.list))
        while steps.count < slots {
            let places = steps.indices.filter { pagesLeft(of: steps[$0], in: situation) >= situation.lanes.leastPages }
            let longest = places.max {
                pagesLeft(of: steps[$0], in: situation) < pagesLeft(of: steps[$1], in: situation)
            }
            guard let place = longest, let cut = cut(steps[place], in: situation, taken),
                allowance.leftTokens(for: situation.lists[cut.lower.list].stream.name) >= cut.lower.request.priceTokens
            else { return steps }
            steps[place] = cut.upper
            steps.append(cut.lower)
            taken.insert(cut.lower.list)
            allowance.reserve(cut.lower.request.priceTokens, for: situation.lists[cut.lower.list].stream.name)
        }
        return steps
    }

    /// Pages that a walk through history has before it, by the pace it has had so far; 0 where it cannot be cut. A walk
    /// that reaches back over covered time stays whole, since that overlap belongs to its top.
    private static func pagesLeft(of step: Step, in situation: Situation) -> Int {
        let list = situation.lists[step.list]
        guard step.kind == .history, !step.isCut, list.canBeCut, list.active != nil, step.walk.order == .descending,
            step.walk.frontier != nil, list.pace.seconds > 0,
            list.pace.tailRows <= max(1, list.spec.pageLimit / mostTailShare), let rest = step.walk.remaining,
            list.covered.intervals.allSatisfy({ !$0.contains(rest.since) })
        else { return 0 }
        return Int(Double(list.pace.pages) / Double(list.pace.seconds) * Double(rest.lengthSeconds))
    }

    private static func cut(_ step: Step, in situation: Situation, _ taken: Set<Int>) -> (upper: Step, lower: Step)? {
        let lanes = situation.lanes(of: step.list)
        let pages = lanes.reduce(0) { $0 + situation.lists[$1].pagesThisRun }
        let cuts = lanes.reduce(0) { $0 + situation.lists[$1].cuts }
        let idle = lanes.first { index in
            let lane = situation.lists[index]
            return lane.active == nil && lane.pagesInHand == 0 && !lane.isOut && !taken.contains(index)
        }
        guard pages >= (cuts + 1) * situation.lanes.pagesPerCut, let idle, let rest = step.walk.remaining,
            case let middle = rest.since + rest.lengthSeconds / 2,
            let above = Interval(since: middle, until: rest.until),
            let below = Interval(since: rest.since, until: middle)
        else { return nil }
        let spec = situation.lists[step.list].spec
        var (upper, lower) = (step, step)
        upper.walk = Walk(list: spec.name, interval: above, order: .descending, beganAt: step.walk.beganAt)
        upper.isCut = true
        lower.list = idle
        lower.begun = nil
        lower.walk = Walk(list: spec.name, interval: below, order: .descending, beganAt: situation.serverNow)
        upper.request = upper.walk.nextRequest(of: spec)
        lower.request = lower.walk.nextRequest(of: spec)
        return (upper, lower)
    }
}
