/// Lists that can be read in one place only, so that each page has to wait for the one before it: however much may be
/// sent at once, such a chain takes as many answers' times as it has pages. Everything else can be read beside it, and
/// later; whatever of a chain is left when nothing stands beside it any more leaves the permitted rate unused.
struct Chains {
    /// What each chain has before it, by the pace it has had so far; empty while history is dealt out in turn.
    private(set) var pagesLeft: [Int: Int] = [:]

    /// Chains go before their turn, the longest first, where the allowance is enough for all history that is left, by
    /// what is known of it: then nobody gets less for it. Otherwise tokens are what is short, and they are shared.
    init(in situation: Situation) {
        let lists = situation.lists.indices.filter { index in
            situation.lists[index].isLookedAt && !situation.lists[index].isOut
                && situation.lists[index].spec.timeFilter != .none
        }
        guard lists.contains(where: { situation.lists[$0].isChain }) else { return }
        var left: [Int: Int] = [:]
        var tokens = 0
        for index in lists {
            let predecessor = situation.lists[index].predecessor.flatMap { left[$0] }
            // What cannot begin before another list has been read is taken for as long as that.
            guard let pages = situation.pagesLeft(of: index) ?? predecessor else { return }
            left[index] = pages
            tokens += pages * situation.lists[index].spec.priceTokens
        }
        guard tokens <= situation.allowance.leftTokens else { return }
        pagesLeft = left.filter { situation.lists[$0.key].isChain }
    }
}

extension ListState {
    /// It can be read in one place only.
    var isChain: Bool { purpose == .changes && !canBeCut }
}

extension Situation {
    /// Pages of the history that is left, by the pace at which the list's walks have covered time in this run; nil when
    /// they have not covered any.
    fileprivate func pagesLeft(of index: Int) -> Int? {
        guard let target else { return 0 }
        let covered = lists[index].covered
        let history = covered.gaps(in: target).filter { covered.intervals.isEmpty || !lists[index].isNewest($0) }
        let uncovered = history.reduce(0) { $0 + $1.lengthSeconds }
        guard uncovered > 0 else { return 0 }
        let paces = lanes(of: index).map { lists[$0].pace }
        let seconds = paces.reduce(0) { $0 + $1.seconds }
        guard seconds > 0 else { return nil }
        let pages = Double(paces.reduce(0) { $0 + $1.pages })
        return Int((pages * Double(uncovered) / Double(seconds)).rounded(.up))
    }
}

extension Planner {
    /// Whether requests are to leave one by one rather than all that are permitted at once: a chain is being read, and
    /// its next page should not have to wait for the end of a window that others have used up in one go.
    package static func spreadsRequests(_ situation: Situation) -> Bool {
        situation.lists.contains { list in
            guard list.isChain, !list.isOut, let walk = list.active else { return false }
            return walk.position != nil || walk.frontier != nil
        }
    }
}
