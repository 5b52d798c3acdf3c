import Planning
import Storage

extension Allowance {
    /// What a run may spend that begins now.
    init(_ job: Job, _ options: RunOptions, _ ledger: DayLedger, now: Instant, _ calendar: BudgetCalendar) {
        self.init(job.budget, day: calendar.day(of: now), ledger, maxTokens: options.maxTokens)
        spread(options, calendar, at: now)
    }

    /// Where today's limit of the company is not known yet, it is most likely the one that was told last.
    func withLimit(of index: Index?) throws -> Allowance {
        var allowance = self
        allowance.company.limit = try company.limit ?? index?.resetWatch().counts.last?.limit
        return allowance
    }

    /// With `--spread` what may be spent grows with the day.
    mutating func spread(_ options: RunOptions, _ calendar: BudgetCalendar, at now: Instant) {
        guard options.isSpread else { return }
        evenShareTokens = Int(Double(dailyTokens) * calendar.passedShare(at: now))
    }
}

extension Unpayable {
    var sentence: String { "\(reason); \(hint)" }
}

extension Situation {
    /// What a run knows when it begins: the job, and everything the index remembers.
    /// - Parameter now: by the server's clock, as an earlier run was told of it. That is for the ledger alone.
    /// - Parameter startedAt: by our own, for the windows: one that ends too late is cut back by the first answer, and
    ///   one that ends too early is not made longer.
    init(
        job: Job, options: RunOptions, store: RunStore, now: Instant, startedAt: Instant, calendar: BudgetCalendar
    ) throws {
        let ledger = try store.ledger(calendar, byServer: now)
        let allowance = Allowance(job, options, ledger, now: now, calendar)
        self.init(
            job: job, options: options, coverage: store.coverage(), walks: try store.walks(), allowance: allowance,
            now: now, startedAt: startedAt)
        runNumber = store.number
        sweeps = try store.sweepBooks()
    }

    init(
        job: Job, options: RunOptions, coverage: [String: Coverage], walks: [Walk], allowance: Allowance, now: Instant,
        startedAt: Instant
    ) {
        let chosen = job.streams.map(\.stream).filter { options.streams?.contains($0.name) ?? true }
        self.init(
            lists: Self.lists(of: chosen, coverage: coverage, walks: walks, refresh: options.refresh)
                + Self.childLists(of: chosen, lanes: job.concurrency)
                // A sweep shows records as they are now, also those that changed after `--until`.
                + (options.until == nil ? Self.sweepLists(of: chosen) : []),
            window: job.window,
            bound: Self.bound(job, options, at: startedAt), serverNow: now, allowance: allowance, mustAskAlone: true,
            concurrency: job.concurrency)
        lanes = job.lanes
        addLanes()
    }

    /// Where windows end that are opened at this moment.
    private static func bound(_ job: Job, _ options: RunOptions, at now: Instant) -> Instant {
        let lagging = now - job.window.lagSeconds
        return min(options.until ?? lagging, lagging)
    }

    /// Lists that this account could not read are left alone for a day.
    /// - Returns: which, by their place, and what was said of them.
    mutating func leaveOut(_ marks: [String: Mark]) -> [(index: Int, mark: Mark)] {
        let left = lists.indices.compactMap { index in
            marks[MarkName.unavailable(lists[index].stream.name)].map { (index, $0) }
        }
        for (index, _) in left { lists[index].isOut = true }
        return left
    }

    private static func lists(
        of streams: [StreamSpec], coverage: [String: Coverage], walks: [Walk], refresh: Set<String>
    ) -> [ListState] {
        var lists: [ListState] = []
        for stream in streams where stream.parent == nil {
            // The others of several whole lists follow the first one.
            let firstWhole = stream.lists.firstIndex { $0.timeFilter == .none }
            for (place, spec) in stream.lists.enumerated() {
                lists.append(
                    ListState(
                        spec: spec, stream: stream, predecessor: place == 0 ? nil : lists.count - 1,
                        covered: coverage[spec.name] ?? Coverage(), begunWalks: walks.filter { $0.list == spec.name }))
                if place == firstWhole, refresh.contains(stream.name) { lists[lists.count - 1].refresh = .wanted }
            }
        }
        return lists
    }
}
