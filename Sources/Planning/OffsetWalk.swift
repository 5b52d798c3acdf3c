/// How lists are walked that v1 pages by an offset. Rows that are deleted before the place where the walk stands move
/// all others up, past its next page; so pages overlap, and where the seam does not hold the walk goes back.
extension ListSpec {
    /// One row in ten is asked for twice, and at most nine in ten: each page has to lead on.
    private static let overlapShare = 10

    /// Where to go on after a page.
    /// - Parameters:
    ///   - walk: as it was before the page.
    ///   - times: the seconds of the rows, in their order.
    ///   - told: what the answer says of the next page.
    package func nextPosition(after walk: Walk, rowCount: Int, times: [Instant], told: PagePosition?) -> PagePosition? {
        guard paging == .offset else { return told }
        guard told != nil || (endsSilently && rowCount >= pageLimit) else { return nil }
        guard rowCount > 0 else { return told }
        // By key: nothing below the last row's second can be left, so the next page begins there, from its start.
        if isWalkedByKey(walk), let last = times.last, last > walk.keySince ?? last { return .start(0) }
        let least = max(1, rowCount / Self.overlapShare)
        return .start(walk.offset + max(least, rowCount - max(least, walk.wentBackRows)))
    }

    /// Asked for by `updated_since` = the last row's second rather than by an offset.
    package func isWalkedByKey(_ walk: Walk) -> Bool {
        paging == .offset && timeFilter == .since && walk.interval != nil && walk.order == .ascending
    }
}

extension Walk {
    package var offset: Int { if case .start(let start) = position { start } else { 0 } }

    /// Whether a page joins on to the one before: otherwise rows may lie between the two.
    ///
    /// A walk stands where everything above has been met, or was changed since and belongs to a later window. So a page
    /// joins on that begins above that place, by its time; and so does one that holds a row of the page before which
    /// stands where it stood, in the walk's own second or without a time, since what lies above that row was met.
    /// - Parameter hasShown: whether a listing as a whole has shown the record already.
    package func joins(_ page: Page, of list: ListSpec, hasShown: (RecordKey) throws -> Bool) rethrows -> Bool {
        guard list.paging == .offset, offset > 0 else { return true }
        // Not even the rows that were asked for twice: the list has become shorter than that.
        guard let head = page.records.first else { return false }
        guard let interval else { return try seam.contains(head.key) || hasShown(head.key) }
        guard order != .unordered else { return true }
        // Of nothing but rows that have moved, those are at the top.
        guard let first = page.records.first(where: { !hasMoved($0) }) else { return order == .descending }
        if order == .descending, let time = first.updateTime?.instant {
            // Rows past the window's end are not this walk's to meet.
            if time >= interval.until || time > frontier ?? time { return true }
        }
        let met = Set(seam)
        return page.records.contains { row in
            met.contains(row.key) && row.updateTime.map { $0.instant == frontier } ?? true
        }
    }

    /// What the page says of the order, where the walk stands after it, and what the next page has to join on to. What
    /// tore once may tear again, so the wider overlap is given up little by little.
    package func advanced(past page: Page, of list: ListSpec) -> Walk {
        var next = advanced(past: seconds(of: page, in: list), to: page.next)
        next.seam = next.offset > 0 ? page.records.map(\.key) : []
        next.wentBackRows = wentBackRows * 7 / 8
        return next
    }

    /// The seconds of the rows by which the walk moves: those that have not moved themselves. Where pages overlap, the
    /// rows above the last one were met.
    ///
    /// Upwards the rows that have moved are at the end of the list, behind all that is wanted: a walk that meets
    /// nothing else any more has come there.
    package func seconds(of page: Page, in list: ListSpec) -> [Instant] {
        var times = page.records.filter { !hasMoved($0) }.compactMap { $0.updateTime?.instant }
        if order == .ascending, let last = page.records.last, hasMoved(last), let end = last.updateTime?.instant,
            let reached = frontier ?? interval?.since, times.allSatisfy({ $0 <= reached })
        {
            times.append(end)
        }
        guard list.paging == .offset, order == .descending, let frontier else { return times }
        return Array(times.drop { $0 > frontier })
    }

    /// A page could not be joined to the one before: where to ask instead. Half a page back first, so that the page
    /// mostly brings new rows as well, and twice as far each time; from its beginning a list always joins on.
    package func goneBack(in list: ListSpec) -> Walk {
        var walk = self
        walk.wentBackRows = max(1, list.pageLimit / 2, wentBackRows * 2)
        walk.position = .start(max(0, offset - walk.wentBackRows))
        return walk
    }

    /// From where the next page is asked by key.
    var keySince: Instant? { interval.map { max($0.since, frontier ?? $0.since) } }
}

extension ListState {
    /// A walk by key that has met nothing new where all was covered before goes on where that ends.
    package func leavingOverlap(_ walk: Walk) -> Walk {
        guard spec.isWalkedByKey(walk), walk.position != nil, let frontier = walk.frontier,
            let known = covered.intervals.first(where: { $0.contains(frontier) })
        else { return walk }
        var walk = walk
        (walk.frontier, walk.position, walk.seam) = (max(frontier, known.until - 1), .start(0), [])
        return walk
    }
}

extension Planner {
    /// The least that one window of history holds where a list can be walked upwards only.
    static let firstWindowSeconds: Int64 = 30 * 86_400
    /// Each further one holds so many times what has been covered above it.
    static let windowGrowth: Int64 = 3

    /// Lists that are walked by key go upwards, so that what is newest comes first only when history is cut into
    /// windows from the top. They grow, since each costs a page that is filled in part.
    static func cut(_ gap: Interval, top: Instant) -> Interval {
        let length = max(firstWindowSeconds, windowGrowth * (top - gap.until))
        return Interval(since: max(gap.since, gap.until - length), until: gap.until) ?? gap
    }
}
