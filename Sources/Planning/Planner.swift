/// One page to ask for next.
package struct Step: Hashable, Sendable {
    /// Index into `Situation.lists`.
    package var list: Int
    /// The walk before this page.
    package var walk: Walk
    /// What it is asked for.
    package var kind: StepKind
    /// The walk as an earlier run left it, where this is the first page of it in this run.
    package var begun: Walk?
    /// Its walk was cut: another lane reads the lower part.
    package var isCut = false
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
        var candidates = workCandidates(in: situation)
        // Sweeps get what is left when all else is done.
        if candidates.isEmpty, isAllRead(in: situation, exceptAtTheirShare: true) {
            candidates = situation.lists.indices.compactMap { upkeepCandidate(for: $0, in: situation) }
        }
        let inHand = situation.pagesInHand
        guard !candidates.isEmpty || isAnyAtItsShare(in: situation) else { return inHand > 0 ? .wait : .done }
        let most = situation.mustAskAlone ? 1 : situation.concurrency
        let slots = min(most - inHand, situation.openPlaces)
        guard slots > 0 else { return .wait }
        let payable = affordable(inOrder(candidates, in: situation), in: situation, atMost: slots)
        let steps = cutting(payable, in: situation, atMost: slots)
        guard steps.isEmpty else { return .ask(steps) }
        guard inHand == 0 else { return .wait }
        // What a walk has left may lie in its overlap alone, which nothing is waiting for.
        return isAllRead(in: situation) ? .done : .outOfAllowance
    }

    private static func affordable(_ candidates: [Candidate], in situation: Situation, atMost slots: Int) -> [Step] {
        var allowance = situation.allowance
        var steps: [Step] = []
        for candidate in candidates where steps.count < slots {
            let stream = situation.lists[candidate.list].stream.name
            guard candidate.priceTokens <= allowance.leftTokens(for: stream) else { continue }
            allowance.reserve(candidate.priceTokens, for: stream)
            steps.append(candidate.step(in: situation))
        }
        return steps
    }

    /// By what the pages are for, see `StepKind`. Within one kind the lists stand in the order of the job; history and
    /// children are dealt out in turn, a page each.
    private static func inOrder(_ candidates: [Candidate], in situation: Situation) -> [Candidate] {
        let isFreshCheap = isFreshCheap(in: situation)
        let turns = Turns(of: candidates, in: situation)
        func rank(_ candidate: Candidate) -> (Int, Int64, Int) {
            let (waited, place) = turns.place(of: candidate)
            return (turns.kind(of: candidate).rank(isFreshCheap: isFreshCheap), waited, place)
        }
        return candidates.sorted { rank($0) < rank($1) }
    }
}

/// Whose turn it is among lists that want the same kind of page. An allowance too small for a page of each begins with
/// another list in every run, so that none is always left out.
private struct Turns {
    private let situation: Situation
    private let hasRoundOfHistory: Bool
    private let hasRoundOfLooks: Bool
    /// Lists that may take turns; further lanes stand behind them.
    private let count: Int
    /// Pages of all lanes of a list.
    private let pages: [String: Int]
    private let chains: Chains

    init(of candidates: [Candidate], in situation: Situation) {
        self.situation = situation
        count = max(1, situation.lists.count(where: \.isLookedAt))
        pages = situation.lists.reduce(into: [:]) { $0[$1.spec.name, default: 0] += $1.pagesThisRun }
        let round = candidates.filter { $0.kind == .history && situation.lists[$0.list].isLookedAt }
            .reduce(0) { $0 + $1.priceTokens }
        hasRoundOfHistory = round <= situation.allowanceAtStartTokens
        chains = Chains(in: situation)
        hasRoundOfLooks = Planner.hasRoundOfLooks(in: situation)
    }

    /// As what its page is ranked. Whoever was looked at longest ago goes first where not everything can be looked at,
    /// also when that is a list without a time filter.
    func kind(of candidate: Candidate) -> StepKind {
        let kind = situation.lists[candidate.list].turn(of: candidate.kind)
        return kind == .metadata && !hasRoundOfLooks ? .news : kind
    }

    func place(of candidate: Candidate) -> (waited: Int64, place: Int) {
        let list = situation.lists[candidate.list]
        switch candidate.kind {
        case .history:
            if let left = chains.pagesLeft[candidate.list] { return (-Int64(left), candidate.list) }
            let pages = Int64(pages[list.spec.name] ?? 0)
            guard list.lane == 0, candidate.list < count else { return (pages, candidate.list) }
            let first = hasRoundOfHistory ? 0 : situation.runNumber % count
            return (pages, (candidate.list - first + count) % count)
        case .children:
            // A page for each stream, whatever lane it is read in.
            let all = situation.lists.count
            return (Int64(pages[list.spec.name] ?? 0), (candidate.list - situation.runNumber % all + all) % all)
        case .news, .metadata, .sweep: break
        }
        // Whoever was looked at longest ago.
        let lookedAt = hasRoundOfLooks ? 0 : list.covered.intervals.last?.until.seconds ?? .min
        return (lookedAt, candidate.list)
    }
}

/// A walk to go on with.
struct Beginning {
    var walk: Walk
    var kind: StepKind
    /// As an earlier run left it.
    var begun: Walk?
}

/// A list that has something to ask for.
private struct Candidate {
    var list: Int
    var walk: Walk
    var kind: StepKind
    var priceTokens: Int
    /// The walk as an earlier run left it.
    var begun: Walk?
    /// Where it is not the walk that says what to ask for.
    var request: PageRequest?

    func step(in situation: Situation) -> Step {
        let spec = situation.lists[list].spec
        return Step(list: list, walk: walk, kind: kind, begun: begun, request: request ?? walk.nextRequest(of: spec))
    }
}

extension Walk {
    /// The next page of this walk. All filters are sent with every page.
    package func nextRequest(of spec: ListSpec) -> PageRequest {
        var request = PageRequest(list: spec, position: position)
        request.keys = parents.map(\.key)
        guard let interval, spec.timeFilter != .none else { return request }
        switch spec.timeFilter {
        case .sinceAndUntil: request.since = interval.since
        case .since: request.since = spec.isWalkedByKey(self) ? keySince : interval.since
        case .newestFirst, .parents, .none: request.since = nil
        }
        request.until = spec.timeFilter == .sinceAndUntil ? interval.until : nil
        request.direction = order == .ascending ? .ascending : .descending
        return request
    }
}

extension Planner {
    /// What every list asks for next. What one lane begins is claimed before the next lane of its list looks.
    private static func workCandidates(in situation: Situation) -> [Candidate] {
        var situation = situation
        return situation.lists.indices.compactMap { index in
            guard let candidate = candidate(for: index, in: situation) else { return nil }
            if situation.lists[index].active == nil, situation.lists[index].canBeCut {
                situation.lists[index].claimed = candidate.walk.interval
                if let begun = candidate.begun { situation.forget(begun, of: index) }
            }
            return candidate
        }
    }

    private static func candidate(for index: Int, in situation: Situation) -> Candidate? {
        let list = situation.lists[index]
        guard !list.isOut, !list.isAsking, !list.purpose.isUpkeep, !isAtItsShare(list, in: situation) else {
            return nil
        }
        let next = list.active.map { continuing($0, of: list) } ?? beginning(index, in: situation)
        guard let next else { return nil }
        return Candidate(
            list: index, walk: next.walk, kind: next.kind, priceTokens: list.spec.priceTokens, begun: next.begun)
    }

    /// The list has something to ask for, whatever it costs.
    static func hasStep(_ index: Int, in situation: Situation) -> Bool { candidate(for: index, in: situation) != nil }

    private static func upkeepCandidate(for index: Int, in situation: Situation) -> Candidate? {
        let list = situation.lists[index]
        guard !list.isOut, !list.isAsking, let request = upkeep(of: index, in: situation) else { return nil }
        let walk = Walk(
            list: list.spec.name, interval: nil, order: .unordered, position: request.position,
            beganAt: situation.serverNow)
        return Candidate(
            list: index, walk: walk, kind: .sweep, priceTokens: list.spec.priceTokens, request: request)
    }

    /// A walk that goes on. A whole list waits for its last page to be committed, since its end compares what
    /// was seen with what is known.
    private static func continuing(_ walk: Walk, of list: ListState) -> Beginning? {
        walk.interval == nil && list.pagesInHand > 0 ? nil : Beginning(walk: walk, kind: list.activeKind)
    }

    private static func beginning(_ index: Int, in situation: Situation) -> Beginning? {
        let list = situation.lists[index]
        guard list.pagesInHand == 0 else { return nil }
        if list.purpose == .children {
            return batch(of: index, in: situation).map { Beginning(walk: $0, kind: .children) }
        }
        return list.spec.timeFilter == .none ? listing(of: list, in: situation) : window(of: index, in: situation)
    }
}

extension Planner {
    /// The list is covered up to the bound, or its copy is young enough.
    package static func isComplete(_ index: Int, in situation: Situation) -> Bool {
        let list = situation.lists[index]
        guard !list.purpose.isUpkeep else { return true }
        if list.purpose == .children { return areChildrenRead(of: list.stream, in: situation) }
        // One that was begun although the copy was young is work as well.
        guard list.spec.timeFilter != .none else { return list.active == nil && !isDue(list, in: situation) }
        guard let target = Interval(since: situation.window.start, until: situation.bound) else { return true }
        return list.covered.covers(target)
    }
}
