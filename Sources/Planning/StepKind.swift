/// What a page is asked for, in the order of freshness: what comes first is paid first.
package enum StepKind: Int, Hashable, Sendable, CaseIterable {
    /// What changed since a list was last looked at.
    case news
    /// A list without a time filter whose copy is too old.
    case metadata
    /// Children of parents that changed.
    case children
    /// Time that was never read, the newest first, each list in its turn.
    case history
    /// The comparison of a whole list by its keys.
    case sweep

    /// Under an allowance of which the looking would take more than `Planner.freshShareOfAllowance`, history goes
    /// before everything else; what remains keeps its order.
    func rank(isFreshCheap: Bool) -> Int { self == .history && !isFreshCheap ? -1 : rawValue }
}

extension ListState {
    /// As what a page of this list is ranked. Children that were never all read are history like any other, and take
    /// turns with it: the first reading may cost a request a parent, and no other list can wait for that.
    func turn(of kind: StepKind) -> StepKind { kind == .children && covered.intervals.isEmpty ? .history : kind }
}
