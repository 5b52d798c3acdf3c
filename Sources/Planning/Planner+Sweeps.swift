/// What a list is asked for.
package enum Purpose: Hashable, Sendable {
    /// What changed: the work proper.
    case changes
    /// Children of the parents that changed. Several batches are read at once, each in a lane of its own.
    case children
    /// All keys, by the stream's list of this number.
    case sweep(Int)
    /// Records that a sweep misses, by the stream's list of this number.
    case confirmation(Int)
    /// What became of records that a sweep misses, by the list of this number among those of `SweepCourse`.
    case moves(Int)

    package var looksForMoves: Bool { if case .moves = self { true } else { false } }

    /// Paid from what is left when everything is covered. It never makes a run wait, fail or pause.
    package var isUpkeep: Bool {
        switch self {
        case .changes, .children: false
        case .sweep, .confirmation, .moves: true
        }
    }
}

/// Key sweeps: out of what the allowance leaves, when all streams are covered.
extension Planner {
    /// Nothing of the work proper is left that could be done, and nothing of it is under way.
    /// - Parameter exceptAtTheirShare: whether streams that have had their share of the day count as done.
    package static func isAllRead(in situation: Situation, exceptAtTheirShare: Bool = false) -> Bool {
        situation.lists.indices.allSatisfy { index in
            let list = situation.lists[index]
            guard !list.purpose.isUpkeep, !list.isOut else { return true }
            guard list.pagesInHand == 0 else { return false }
            return isComplete(index, in: situation) || (exceptAtTheirShare && isAtItsShare(list, in: situation))
        }
    }

    /// The stream has had its share of the budget day (`max_share`), so far that no page of this list fits in.
    static func isAtItsShare(_ list: ListState, in situation: Situation) -> Bool {
        list.spec.priceTokens > situation.allowance.leftOfShareTokens(for: list.stream.name)
    }

    private static func isWaitingForItsShare(_ index: Int, in situation: Situation) -> Bool {
        let list = situation.lists[index]
        return !list.isOut && isAtItsShare(list, in: situation) && !isComplete(index, in: situation)
    }

    static func isAnyAtItsShare(in situation: Situation) -> Bool {
        situation.lists.indices.contains { isWaitingForItsShare($0, in: situation) }
    }

    /// The streams that wait for another day because they have had their share of this one.
    package static func streamsAtTheirShare(in situation: Situation) -> [String] {
        let waiting = situation.lists.indices.filter { isWaitingForItsShare($0, in: situation) }
        return waiting.reduce(into: []) { names, index in
            let name = situation.lists[index].stream.name
            if !names.contains(name) { names.append(name) }
        }
    }

    /// The next page of the stream's sweep, when this list is the one that it needs.
    static func upkeep(of index: Int, in situation: Situation) -> PageRequest? {
        let list = situation.lists[index]
        guard list.pagesInHand == 0, situation.window.sweepSeconds > 0, isReadyForSweep(list.stream, in: situation),
            situation.allowance.leftTodayTokens - list.spec.priceTokens
                >= keptForLaterTokens(of: list.stream.name, in: situation)
        else { return nil }
        let book = situation.sweeps[list.stream.name] ?? SweepBook()
        let isHeld = book.isDoubtful(of: list.stream)
        var begun = book.begun
        // One that was held is replaced by the next one.
        if let sweep = begun, isHeld,
            situation.serverNow - sweep.beganAt >= situation.window.sweepSeconds
        {
            begun = nil
        }
        var request = PageRequest(list: list.spec)
        switch list.purpose {
        case .changes, .children: return nil
        case .sweep(let part):
            guard part == begun?.part ?? 0,
                begun != nil || book.isDue(at: situation.serverNow, every: situation.window.sweepSeconds)
            else { return nil }
            request.isByKey = true
            request.position = begun?.position
        case .confirmation(let part):
            guard let begun, begun.part >= SweepCourse(of: list.stream).confirmsAt, book.unconfirmedPart == part,
                !isHeld, !book.unconfirmed.isEmpty
            else { return nil }
            request.keys = Array(book.unconfirmed.prefix(list.spec.selection.most))
        case .moves(let place):
            guard let begun, let since = movedSince(begun, book, place, of: list.stream, in: situation),
                !isHeld
            else { return nil }
            request.isByKey = true
            request.since = since
            request.position = begun.position
        }
        return request
    }

    /// From when on what changed is looked through for what became of missing records; nil when that is not next.
    private static func movedSince(
        _ begun: Sweep, _ book: SweepBook, _ place: Int, of stream: StreamSpec, in situation: Situation
    ) -> Instant? {
        let course = SweepCourse(of: stream)
        guard begun.part == course.movesAt + place, !book.unconfirmed.isEmpty else { return nil }
        guard begun.part >= course.confirmsAt else { return book.seenSince.map { $0 - Sweep.clockMarginSeconds } }
        // What was not there by its key may have moved a moment before, and lists show things a little late.
        guard book.unconfirmedPart >= Catalogue.confirmationLists(of: stream).count, let absentAt = book.absentAt,
            situation.serverNow - absentAt >= situation.window.lagSeconds
        else { return nil }
        return begun.beganAt - Sweep.clockMarginSeconds
    }

    /// Looks for changes later in the same budget day that a sweep leaves something for, as an hourly job takes them.
    static let looksLater = 24
    /// One that is late gets what others take of the company's tokens each day, or it would never come.
    static let looksLaterWhenLate = 2

    /// At most a quarter of the day's tokens, and nothing where the day has room for two looks only.
    static func keptForLaterTokens(of stream: String, in situation: Situation) -> Int {
        let (day, look) = (situation.allowance.wholeDayTokens, lookPriceTokens(in: situation))
        let book = situation.sweeps[stream] ?? SweepBook()
        let isLate = book.isLate(at: situation.serverNow, every: situation.window.sweepSeconds)
        return max(0, min(day / 4, look * (isLate ? looksLaterWhenLate : looksLater), day - 2 * look))
    }

    /// A stream of which something is missing cannot be compared with what is known of it.
    private static func isReadyForSweep(_ stream: StreamSpec, in situation: Situation) -> Bool {
        situation.lists.indices.allSatisfy { index in
            let list = situation.lists[index]
            guard list.stream.name == stream.name, !list.purpose.isUpkeep else { return true }
            return !list.isOut && isComplete(index, in: situation)
        }
    }
}
