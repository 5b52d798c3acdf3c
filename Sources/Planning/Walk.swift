/// A list being read: what was asked for, and where to go on. It is remembered with every page, so that the
/// next page can be asked for by another process on another night.
package struct Walk: Hashable, Sendable {
    /// `ListSpec.name`.
    package var list: String
    /// Nil for a list that is read as a whole.
    package var interval: Interval?
    package var order: Order
    /// Where the list goes on; nil to ask for a first page.
    package var position: PagePosition?
    /// The keys of the last page, where the list goes on at an offset: the next page has to join on to them.
    package var seam: [RecordKey] = []
    /// So many rows the walk has just had to go back to find its seam: the next pages overlap by more.
    package var wentBackRows = 0
    /// The second of the last row in walking order; nil before the first row.
    package var frontier: Instant?
    /// The server's time when the walk began: a whole list vouches for nothing later.
    package var beganAt: Instant
    /// The records whose children are read, in one request; empty for a list that stands alone.
    package var parents: [ParentMark] = []

    /// The order in which the rows come: what the pages showed, not only what was asked for.
    package enum Order: String, Hashable, Sendable {
        case ascending
        case descending
        /// Not by update time: such a walk covers nothing before its end.
        case unordered
    }

    package init(
        list: String, interval: Interval?, order: Order, position: PagePosition? = nil, frontier: Instant? = nil,
        beganAt: Instant
    ) {
        self.list = list
        self.interval = interval
        self.order = order
        self.position = position
        self.frontier = frontier
        self.beganAt = beganAt
    }

    /// Under which name it is remembered what the walk has shown. No two batches begin with the same version of the
    /// same parent.
    package var listing: String { parents.first.map { "\(list) \($0.seq)" } ?? list }

    /// What is done for certain: rows of the frontier's own second may still follow.
    package var covered: Interval? {
        guard let interval, let frontier else { return nil }
        return switch order {
        case .descending: Interval(since: max(interval.since, frontier + 1), until: interval.until)
        case .ascending: Interval(since: interval.since, until: min(interval.until, frontier))
        case .unordered: nil
        }
    }

    /// What is left of the interval; nil when nothing is.
    package var remaining: Interval? {
        guard let interval, let frontier else { return interval }
        return switch order {
        case .descending: Interval(since: interval.since, until: min(interval.until, frontier + 1))
        case .ascending: Interval(since: max(interval.since, frontier), until: interval.until)
        case .unordered: interval
        }
    }

    /// The same walk without its cursor, which was refused or went in a circle: it goes on from the last key,
    /// inclusive. A list that has no upper filter cannot begin in the middle from above; it comes from below.
    package func restarted(hasUpperFilter: Bool) -> Walk {
        var order = order == .unordered ? .descending : order
        if interval != nil, !hasUpperFilter, frontier != nil { order = .ascending }
        var walk = Walk(list: list, interval: remaining ?? interval, order: order, beganAt: beganAt)
        walk.parents = parents
        return walk
    }
}

extension Walk {
    /// What the rows of a page say about the order, and where the walk stands after it.
    /// - Parameter times: the seconds of the page's rows in the order they came; rows without a time left out.
    package func advanced(past times: [Instant], to position: PagePosition?) -> Walk {
        var next = self
        next.position = position
        guard interval != nil, let first = times.first, let last = times.last else { return next }
        let falls = zip(times, times.dropFirst()).allSatisfy { $0 >= $1 }
        let rises = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
        // A few rows elsewhere than they should be are no order.
        let isMostlyElsewhere = times.count { $0 != first } * 2 >= times.count
        switch order {
        case .descending where !(falls && first <= frontier ?? first):
            // A server that does not sort downwards: go by what it shows.
            next.order = frontier == nil && rises && isMostlyElsewhere ? .ascending : .unordered
        case .ascending where !(rises && first >= frontier ?? first):
            next.order = frontier == nil && falls && isMostlyElsewhere ? .descending : .unordered
        default: break
        }
        next.frontier = last
        return next
    }

    /// The record was changed since the walk began, so another window meets it as it is now, and where it stands says
    /// nothing: a server that chooses the rows of a page first and reads them afterwards shows one that is edited in
    /// between at its old place with its new time.
    func hasMoved(_ record: RecordSlice) -> Bool {
        guard let interval, let time = record.updateTime?.instant else { return false }
        return time >= max(beganAt, interval.until)
    }

    /// There is nothing left to ask for: no further page, or the last row lies outside what was wanted.
    package var isFinished: Bool {
        guard position != nil else { return true }
        guard let interval, let frontier else { return false }
        return switch order {
        case .ascending: frontier >= interval.until
        case .descending: frontier < interval.since
        case .unordered: false
        }
    }
}
