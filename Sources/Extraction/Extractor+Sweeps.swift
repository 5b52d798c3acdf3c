import Pipedrive
import Planning
import Storage

/// Pages of key sweeps. What they show goes through the turnstile like any record; what they do not show is
/// remembered as missing, asked for by its key, and buried only when no list has it.
extension Extractor {
    /// Takes in a page that was asked for by a sweep.
    func acceptUpkeep(_ page: Page, _ prepared: PreparedPage, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        let position = list.active?.position
        let beganAt = list.active?.beganAt ?? situation.serverNow
        situation.lists[index].active = nil
        hasEverSucceeded = true
        unexplained.ended()
        switch list.purpose {
        case .changes, .children: break
        case .sweep(let part):
            let begun = try sweepUnderWay(of: list.stream, part: part, beganAt: beganAt)
            let isFirst = part == 0 && position == nil
            try acceptSlice(page, prepared, index, begun, part, isFirst, &group)
        case .confirmation(let part): try acceptConfirmation(page, prepared, index, part, &group)
        case .moves(let place): try acceptMoves(page, prepared, index, place, &group)
        }
    }

    private func sweepUnderWay(of stream: StreamSpec, part: Int, beganAt: Instant) throws -> Sweep {
        if let begun = situation.sweeps[stream.name]?.begun, begun.part == part { return begun }
        let known = try keeping { try store.presentCount(stream: stream.name) }
        return Sweep(stream: stream.name, beganAt: beganAt, known: known)
    }

    private func acceptSlice(
        _ page: Page, _ prepared: PreparedPage, _ index: Int, _ begun: Sweep, _ part: Int, _ isFirst: Bool,
        _ group: inout TaskGroup<Event>
    ) throws {
        let list = situation.lists[index]
        let keys = page.records.map(\.key)
        let isOrdered = Catalogue.isKeyOrderKnown(of: list.stream)
        let next =
            isOrdered
            ? begun.advanced(past: keys, to: page.next, of: list.spec).map { ($0.0, KeySlice?.some($0.1)) }
            : begun.advanced(pastUnordered: keys, to: page.next, of: list.spec)
        guard case (var sweep, let slice)? = next else {
            return try retryPage(index, "a page that is not the next one by key")
        }
        let numbered = try keeping {
            try store.pass(swept: prepared, of: list.stream, historyFrom: situation.window.start)
        }
        sweep.newer += numbered.newerCount(in: list.stream.audited(part, by: store.coverage()))
        let news = SweepPage.News.slice(slice, list: part, shown: keys, isFirst: isFirst)
        let change = SweepPage(sweep: sweep, endsAt: SweepCourse(of: list.stream).movesAt, news: news)
        enqueueUpkeep(change, numbered, index, &group)
    }

    private func acceptConfirmation(
        _ page: Page, _ prepared: PreparedPage, _ index: Int, _ part: Int, _ group: inout TaskGroup<Event>
    ) throws {
        let list = situation.lists[index]
        guard let book = situation.sweeps[list.stream.name], var sweep = book.begun, page.next == nil else {
            return try retryPage(index, "more records than were asked for")
        }
        let asked = Array(book.unconfirmed.prefix(list.spec.selection.most))
        let shown = Set(page.records.map(\.key))
        // Where a record can have moved to another stream, what no list has waits until that has been looked for.
        let isLast =
            part + 1 >= Catalogue.confirmationLists(of: list.stream).count && !SweepCourse(of: list.stream).asksAgain
        let gone = isLast ? asked.filter { !shown.contains($0) } : []
        // A record alone has other members than in its list; it would be written in two ways by turns. Its list
        // shows it, or will.
        let isAlone = list.spec.selection == .single
        let written = isAlone ? prepared.withoutRecords : prepared
        let numbered = try keeping { try store.pass(written, of: list.stream, burying: gone) }
        sweep.gone += gone.count
        let news = SweepPage.News.confirmation(
            asked: asked, shown: asked.filter { shown.contains($0) }, nextList: isLast ? nil : part + 1)
        let change = SweepPage(sweep: sweep, endsAt: SweepCourse(of: list.stream).movesAt, news: news)
        enqueueUpkeep(change, numbered, index, &group)
    }

    func enqueueUpkeep(
        _ change: SweepPage, _ page: NumberedPage, _ index: Int, _ group: inout TaskGroup<Event>
    ) {
        let list = situation.lists[index]
        logs[index].swept(through: change.sweep.lastKey)
        var entry = PageEntry(
            stream: list.stream, list: list.spec, page: page, block: nil, walkBefore: nil, walkAfter: nil, covered: nil,
            sweep: change)
        entry.reading = (.sweep, Reading(pages: 1))
        enqueue(entry, index, &group)
    }

    /// `--accept-deletions` settles the sweep that is held, or comes to be held in this run, and no other. It is
    /// remembered with it, since what it misses may be asked for in a later run.
    func acceptDeletions(of stream: String) throws {
        guard options.acceptsDeletions, let book = situation.sweeps[stream], let begun = book.begun,
            let spec = situation.lists.first(where: { $0.stream.name == stream })?.stream, book.isDoubtful(of: spec)
        else { return }
        try keeping { try store.accept(begun) }
        situation.sweeps[stream]?.isAccepted = true
    }

    /// The cursor of a sweep was refused: the list is walked from its beginning, as one more try until that comes
    /// further.
    func restartSweep(_ index: Int) throws {
        beginSweepAnew(index)
        try retry(index, .badData, "its cursors are refused")
    }

    func beginSweepAnew(_ index: Int) {
        let stream = situation.lists[index].stream.name
        let begun = situation.sweeps[stream]?.begun
        logs[index].refused(after: begun?.lastKey)
        situation.sweeps[stream]?.begun = begun?.restarted
    }

    /// A sweep that cannot go on waits for another run, and nobody has to be told more than that.
    func leaveUpkeep(_ index: Int, _ reason: String) {
        situation.lists[index].isOut = true
        logs[index].upkeepFailure = reason
        logger.info("\(situation.lists[index].spec.name) is left for the next run: \(reason)")
    }
}

extension Situation {
    /// The lists of the sweeps of these streams.
    static func sweepLists(of streams: [StreamSpec]) -> [ListState] {
        streams.filter(Catalogue.isSwept).flatMap { stream in
            let sweeps = Catalogue.sweepLists(of: stream).enumerated().map { part, spec in
                ListState(spec: spec, stream: stream, predecessor: nil, purpose: .sweep(part))
            }
            let confirmations = Catalogue.confirmationLists(of: stream).enumerated().map { part, spec in
                ListState(spec: spec, stream: stream, predecessor: nil, purpose: .confirmation(part))
            }
            let moves = SweepCourse(of: stream).moveLists.enumerated().map { place, spec in
                ListState(spec: spec, stream: stream, predecessor: nil, purpose: .moves(place))
            }
            return sweeps + confirmations + moves
        }
    }
}
