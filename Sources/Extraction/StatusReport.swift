package import Planning
package import Storage

/// How far an account is: what `status` prints. Made from the index alone; no request is sent.
package struct StatusReport: Sendable, Encodable {
    package var account: String
    package var budgetDay: String
    package var dailyTokens: Int
    package var spentToday: Int
    package var leftToday: Int
    /// What the server last said the company has left; nil before it was seen today.
    package var companyRemaining: Int?
    /// What of that others are to have; nil before it was seen today.
    package var companyKept: Int?
    package var resetsAt: String
    /// When the budget day was seen to begin; nil as long as that is not sure.
    package var budgetReset: ResetReport?
    /// The gateway has blocked this client: nothing is sent before that time.
    package var blockedUntil: String?
    /// The company's tokens count as used up: nothing is sent before that time.
    package var exhaustedUntil: String?
    /// Streams that no night can pay for, and what to change; nil where there are none.
    package var unpayable: String?
    package var lastRun: RunSummary?
    package var lastComplete: RunSummary?
    package var streams: [StreamStatus]
    /// How far the key sweeps are; streams that need none are left out.
    package var sweeps: [SweepReport]
    /// What was noticed of the API.
    package var notices: [NoticeReport]

    package struct StreamStatus: Sendable, Encodable {
        package var stream: String
        package var covered: [Span]
        /// Up to now less the lag.
        package var missing: [Span]
        /// When it was last brought forward; nil before the first time.
        package var lastSuccess: String?
        /// Versions in files.
        package var versions: Int
        package var spentToday: Int
        /// Of a child stream: records whose children are still to be read.
        package var waitingParents: Int?
        /// Why it is left alone for now.
        package var unavailable: String?
        /// Until when.
        package var unavailableUntil: String?
        /// Versions that were superseded before that were removed.
        package var prunedBefore: String?
    }

    package struct Span: Sendable, Encodable, Hashable {
        package var since: String
        package var until: String
    }

    /// - Parameters:
    ///   - index: nil before the first run.
    ///   - access: who would ask (`Credentials.name`); nil where nobody knows.
    package init(job: Job, index: Index?, now: Instant, access: String? = nil) throws {
        let calendar = BudgetCalendar(job.budget)
        let day = calendar.day(of: now)
        let allowance = Allowance(job.budget, day: day, try index?.ledger(calendar, at: now) ?? DayLedger())
        let runs = try index?.lastRuns()
        account = job.account
        budgetDay = day
        dailyTokens = allowance.dailyTokens
        spentToday = allowance.spentToday
        leftToday = allowance.leftTodayTokens
        companyRemaining = allowance.company.lowestRemaining
        companyKept = companyRemaining.map { _ in allowance.company.keptTokens(allowance.keepFree) }
        if allowance.company.isExhausted {
            exhaustedUntil = try index?.endOfUsedUpDay(calendar, at: now).description
        }
        let seen = try index?.resetWatch().seen(calendar)
        resetsAt = calendar.lastReset(after: now, seen).description
        budgetReset = seen.map(ResetReport.init)
        lastRun = runs?.last
        lastComplete = runs?.complete
        let marks = try index?.marks(at: now, baseURL: job.baseURL, access: access) ?? [:]
        blockedUntil = marks[MarkName.gateway]?.until.description
        let readable = job.streams.map(\.stream).filter { marks[MarkName.unavailable($0.name)] == nil }
        unpayable = Unpayable(readable, try allowance.withLimit(of: index))?.sentence
        streams = try Self.streams(job, index, now, allowance.spentByStream, marks)
        sweeps = try Self.sweeps(job, index, now, marks)
        notices = try index?.notices().map(NoticeReport.init) ?? []
    }

    private static func sweeps(_ job: Job, _ index: Index?, _ now: Instant, _ marks: [String: Mark]) throws
        -> [SweepReport]
    {
        guard job.window.sweepSeconds > 0 else { return [] }
        let books = try index?.sweepBooks() ?? [:]
        return job.streams.map(\.stream).filter(Catalogue.isSwept).map { stream in
            let book = books[stream.name] ?? SweepBook()
            return SweepReport(
                stream, book, isHeld: book.isDoubtful(of: stream),
                isDue: book.isDue(at: now, every: job.window.sweepSeconds),
                failure: book.missing > 0 ? marks[MarkName.moves(stream.name)]?.detail : nil)
        }
    }

    private static func streams(
        _ job: Job, _ index: Index?, _ now: Instant, _ spent: [String: Int], _ marks: [String: Mark]
    ) throws -> [StreamStatus] {
        let coverage = try index?.streamCoverage() ?? [:]
        let versions = try index?.versionCounts() ?? [:]
        let successes = try index?.lastSuccesses() ?? [:]
        let pruned = try index?.prunedBefore() ?? [:]
        return try job.streams.map(\.stream).map { stream in
            let covered = coverage[stream.name] ?? Coverage()
            let mark = marks[MarkName.unavailable(stream.name)]
            return StreamStatus(
                stream: stream.name, covered: covered.intervals.map(Span.init),
                missing: missing(stream, covered, job.window, now).map(Span.init),
                lastSuccess: successes[stream.name]?.description, versions: versions[stream.name] ?? 0,
                spentToday: spent[stream.name] ?? 0,
                waitingParents: stream.parent == nil ? nil : try index?.waitingParents(of: stream.name) ?? 0,
                unavailable: mark?.detail, unavailableUntil: mark?.until.description,
                prunedBefore: pruned[stream.name]?.description)
        }
    }

    private static func missing(_ stream: StreamSpec, _ covered: Coverage, _ window: Job.Window, _ now: Instant)
        -> [Interval]
    {
        guard let target = Interval(since: window.start, until: now - window.lagSeconds) else { return [] }
        // Children are as old as the copy of their parents may be.
        let whole = stream.parent.flatMap { Catalogue.stream(named: $0.stream) } ?? stream
        if whole.isWholeList, let timeToLive = whole.lists[0].timeToLiveSeconds,
            let listedAt = covered.intervals.last?.until,
            now - listedAt < timeToLive
        {
            return []
        }
        return covered.gaps(in: target)
    }
}

extension StatusReport.Span {
    package init(_ interval: Interval) {
        self.init(since: interval.since.description, until: interval.until.description)
    }
}
