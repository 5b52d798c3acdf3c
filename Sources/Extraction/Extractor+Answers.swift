import Pipedrive
import Planning
import Storage

extension Extractor {
    func handle(_ event: Event, _ group: inout TaskGroup<Event>) throws {
        switch event {
        case .answered(let list, let answer, let prepared, let look):
            if !isAbandoning, let page = try? answer.outcome.get() { try notice(answer, page, look, list) }
            try take(answer, prepared, list, &group)
        case .abandoned(let list): forgetRequest(of: list)
        case .encoded(let ticket, let block):
            queue.hand(try block.get(), ticket: ticket)
            try commitReady()
        case .signal(let number): end(.signal(number), &group)
        case .graceIsOver:
            isAbandoning = true
            group.cancelAll()
        case .newDay: isWaitingForDay = false
        case .placeIsFree: isAwaitingPlace = false
        case .nothing: break
        }
    }

    private func take(_ answer: PageAnswer, _ prepared: PreparedPage?, _ list: Int, _ group: inout TaskGroup<Event>)
        throws
    {
        situation.lists[list].isAsking = false
        if !isAbandoning { try learnClock(from: answer, list) }
        learnCompany(from: answer, list)
        guard !isAbandoning else { return }
        try watchReset(answer.limits, answer.serverTime)
        switch (answer.outcome, prepared) {
        case (.success(let page), let prepared?):
            switch situation.lists[list].purpose {
            case .changes: try accept(page, prepared, list, &group)
            case .children: try acceptChildren(prepared, list, &group)
            case .sweep, .confirmation, .moves: try acceptUpkeep(page, prepared, list, &group)
            }
        case (.failure(let failure), _):
            if failure.saysGone, let parent = situation.lists[list].parentAskedFor {
                return try acceptGone(parent, answer, list, &group)
            }
            situation.lists[list].pagesInHand -= 1
            try take(failure, list)
        default: break
        }
    }

    private func learnCompany(from answer: PageAnswer, _ list: Int) {
        uncounted.end(logs[list].askNumber, isTold: answer.limits.dailyRemainingTokens != nil)
        situation.allowance.company.learn(
            remaining: answer.limits.dailyRemainingTokens, limit: answer.limits.dailyLimitTokens,
            unansweredTokens: uncounted.tokens, at: answer.serverTime)
    }

    /// Tells when the company's day begins, in time.
    func watchReset(_ limits: RateLimits, _ serverTime: Instant?) throws {
        guard resetWatch.see(limits, at: serverTime) else { return }
        try keeping { try store.save(resetWatch) }
        seenReset = resetWatch.seen(calendar)
    }

    private func forgetRequest(of list: Int) {
        uncounted.end(logs[list].askNumber, isTold: false)
        situation.lists[list].isAsking = false
        situation.lists[list].pagesInHand -= 1
    }

    /// Windows end behind the server's clock. If ours was ahead, the windows already opened are cut back before
    /// they vouch for anything.
    private func learnClock(from answer: PageAnswer, _ index: Int) throws {
        guard let serverTime = answer.serverTime else {
            if (try? answer.outcome.get()) != nil { hasAnswerOfToday = true }
            return
        }
        let ours = Instant(milliseconds: answer.answeredAtMilliseconds)
        let isFirst = serverClock.learn(serverTime, ours: ours)
        try beginDayIfNew()
        // The two clocks disagreed about the day, so the request was booked in the wrong one.
        if logs[index].bookedOn != situation.allowance.day { try book([index]) }
        // Only now, since the request is paid for on the server's day whatever our clock shows; not where the answer
        // forbids all others: that has to be remembered.
        if isFirst, !answer.forbidsMore {
            _ = try ServerClock.comparison(serverTime, ours: ours)
            try rememberClock()
        }
        // One that is older than this day does not tell that the day has begun: our clock may have been put forward.
        if calendar.day(of: serverTime) == situation.allowance.day { hasAnswerOfToday = true }
        let bound = serverTime - job.window.lagSeconds
        guard bound < situation.bound else { return }
        situation.bound = bound
        for index in situation.lists.indices {
            guard let active = situation.lists[index].active else { continue }
            situation.lists[index].active = active.cutBack(to: bound, serverTime: serverTime)
        }
    }

    private func rememberClock() throws {
        guard let detail = serverClock.toRemember else { return }
        let until = now + ServerClock.rememberedSeconds
        try keeping { try store.setMark(MarkName.clock, Mark(until: until, baseURL: job.baseURL, detail: detail)) }
    }

    // MARK: Pages

    private func accept(_ told: Page, _ prepared: PreparedPage, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        guard let walk = list.active else { return }
        guard let page = try joined(told, walk, index) else { return }
        hasEverSucceeded = true
        if walk.position == nil { logs[index].shown = ShownRows() }
        if try beginsAnew(page, walk, index) { return }
        if let doubt = try doubt(page, walk, index) {
            return try retryPage(index, doubt)
        }
        unexplained.ended()
        var after = walk.advanced(past: page, of: list.spec)
        let repeats = list.spec.paging != .offset && logs[index].shown.repeats(page, of: walk)
        let hasJumped = after.hasJumped(from: walk) || repeats
        let isCircle = meets(page, walk, after, index) || hasJumped
        let isBeyond = walk.interval != nil && after.remaining == nil
        var ended = isBeyond || (!isCircle && after.isFinished)
        let numbered = try keeping {
            try store.pass(
                prepared, of: list.stream, list: list.spec, endsListing: ended && endsStream(walk, list))
        }
        let covered = coverage(of: walk, after: after, ended: ended)
        // What is left is overlap, and this page held nothing new: the rest of the overlap is taken as read.
        if numbered.isEmpty, list.isInOverlap(after) { ended = true }
        if numbered.isEmpty { after = list.leavingOverlap(after) }
        if isCircle && !ended { after = restart(hasJumped ? walk : after, index) }
        if !isCircle { logs[index].shown.add(page, after) }
        var entry = PageEntry(
            stream: list.stream, list: list.spec, page: numbered, block: nil, walkBefore: logs[index].storedWalk,
            walkAfter: ended ? nil : after, covered: covered,
            seen: walk.interval == nil ? page.records.map(\.key) : [])
        entry.beginsListing = walk.interval == nil && walk.position == nil
        let seconds = (covered?.lengthSeconds ?? 0) - (walk.covered?.lengthSeconds ?? 0)
        entry.reading = (
            list.activeKind,
            Reading(
                pages: 1, ends: ended ? 1 : 0, rows: page.records.count,
                seconds: walk.interval == nil ? 0 : max(0, seconds))
        )
        situation.lists[index].pace.add(page.records.compactMap { $0.updateTime?.instant }, covering: seconds)
        enqueue(entry, index, &group)
        logs[index].storedWalk = ended ? nil : after
        situation.lists[index].active = ended ? nil : after
    }

    /// Why a page of a whole listing is asked for again, nil when it is not: what such a listing leaves out is
    /// buried at its end. A list without a single record, of which records are known, has to be said twice.
    private func doubt(_ page: Page, _ walk: Walk, _ index: Int) throws -> String? {
        guard walk.interval == nil else { return nil }
        let isPaged = situation.lists[index].spec.paging != .offset
        if isPaged, logs[index].shown.repeats(page, of: walk) { return "a page that was shown before" }
        guard walk.position == nil, page.records.isEmpty, !logs[index].wasEmpty else { return nil }
        logs[index].wasEmpty = true
        let hasKnown = try keeping { try store.knowsRecords(of: situation.lists[index].stream) }
        return hasKnown ? "an empty list, of which records are known" : nil
    }

    /// A listing that goes on another night and is shown again what that night had shown begins anew: the page is not
    /// the one that was asked for, and what that one would hold is nowhere.
    /// - Returns: whether it does.
    func beginsAnew(_ page: Page, _ walk: Walk, _ index: Int) throws -> Bool {
        let list = situation.lists[index]
        guard walk.interval == nil, walk.position != nil, list.spec.paging == .cursor,
            try keeping({ try store.hasShown(anyOf: page.records.map(\.key), list: walk.listing) }),
            !logs[index].shown.repeats(page, of: walk)
        else { return false }
        situation.lists[index].pagesInHand -= 1
        situation.lists[index].active = restart(walk, index)
        return true
    }

    /// Whether the page leads back to a cursor that was met since the walk last moved on.
    func meets(_ page: Page, _ walk: Walk, _ after: Walk, _ index: Int) -> Bool {
        logs[index].tries.succeeded(frontier: after.frontier)
        logs[index].emptyPages = page.records.isEmpty && page.next != nil ? logs[index].emptyPages + 1 : 0
        if logs[index].emptyPages >= Tries.mostEmptyPages {
            fail(index, .badData, "\(Tries.mostEmptyPages) empty pages in a row, each with a new cursor")
        }
        // Offsets are our own and go forward.
        if situation.lists[index].spec.paging == .offset { return false }
        if after.frontier != walk.frontier { logs[index].cursorsMet = [] }
        if let position = walk.position { logs[index].cursorsMet.insert(position) }
        guard let next = page.next else { return false }
        return !logs[index].cursorsMet.insert(next).inserted
    }

    /// Nothing of the stream is left to list, so that what was not shown is gone.
    private func endsStream(_ walk: Walk, _ list: ListState) -> Bool {
        walk.interval == nil && list.stream.tellsWhatIsGone && list.stream.lists.last?.name == list.spec.name
    }

    /// The interval that is done after this page.
    private func coverage(of walk: Walk, after: Walk, ended: Bool) -> Interval? {
        guard let interval = walk.interval else {
            return ended ? Interval(since: situation.window.start, until: walk.beganAt) : nil
        }
        return (ended ? interval : after.covered).flatMap {
            Interval(since: $0.since, until: min($0.until, situation.bound))
        }
    }

    func enqueue(_ entry: PageEntry, _ index: Int, _ group: inout TaskGroup<Event>) {
        var waiting = entry
        waiting.page.dropBody()
        let ticket = queue.enter(waiting, list: index)
        group.addTask { [page = entry.page, level = job.output.compressionLevel, transport] in
            let block = Result { try page.encoded(level: level) }
            transport.reuse(page.body)
            return .encoded(ticket: ticket, block)
        }
    }

    private func commitReady() throws {
        let ready = queue.takeReady()
        guard !ready.isEmpty else { return }
        try keeping {
            try store.commit(ready.map(\.entry), allowance: situation.allowance)
            try store.publish(filesOver: job.output.rollAtBytes)
        }
        let coverage = store.coverage()
        for page in ready {
            // Before it, or its lane would keep what it has claimed.
            if page.entry.children?.done.isEmpty == false { situation.lists[page.list].active = nil }
            situation.commit(page.list, covered: coverage[situation.lists[page.list].spec.name] ?? Coverage())
            logs[page.list].records += page.entry.page.count
            logs[page.list].deletes += page.entry.page.deleteCount
            if page.entry.list.timeFilter == .none, page.entry.walkAfter == nil, page.entry.sweep == nil {
                try endedListing(of: page.list)
            }
        }
        for stream in Set(ready.compactMap { $0.entry.sweep?.sweep.stream }) {
            situation.sweeps[stream] = try keeping { try store.sweepBook(of: stream) }
            try acceptDeletions(of: stream)
        }
        try refreshChildren()
        report()
    }
}

extension PageAnswer {
    fileprivate var forbidsMore: Bool { if case .failure(let failure) = outcome { failure.forbidsMore } else { false } }
}

extension Walk {
    /// A list that had come in order begins again elsewhere: rows in between may be missing, and what the page shows
    /// is no place to go on from.
    fileprivate func hasJumped(from walk: Walk) -> Bool {
        walk.frontier != nil && walk.order != .unordered && order == .unordered
    }

    /// The same walk, not reaching past what the server's clock allows.
    fileprivate func cutBack(to bound: Instant, serverTime: Instant) -> Walk {
        var walk = self
        walk.beganAt = min(beganAt, serverTime)
        if let interval {
            walk.interval = Interval(since: interval.since, until: min(interval.until, bound)) ?? interval
        }
        return walk
    }
}
