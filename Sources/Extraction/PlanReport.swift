package import Planning
package import Storage

/// What a run would do now and what it would cost: what `plan` prints. No request is sent.
package struct PlanReport: Sendable, Encodable {
    package var account: String
    /// Windows would end here.
    package var bound: String
    package var leftToday: Int
    package var dailyTokens: Int
    package var requests: Int
    package var tokens: Int
    /// Budget days until everything is covered, today counted when something can still be spent.
    package var nights: Int
    /// Pages are guessed from the records seen so far; before any were seen, each list counts as one page.
    package var isGuess: Bool
    package var lists: [List]

    package struct List: Sendable, Encodable {
        package var stream: String
        package var list: String
        package var windows: [StatusReport.Span]
        package var pages: Int
        package var tokens: Int
        package var why: String
    }

    package init(job: Job, options: RunOptions, index: Index?, now: Instant) throws {
        let day = BudgetCalendar(job.budget).day(of: now)
        let allowance = Allowance(
            job.budget, day: day, try index?.ledger(of: day) ?? DayLedger(), maxTokens: options.maxTokens)
        let situation = Situation(
            job: job, options: options, coverage: try index?.listCoverage() ?? [:],
            walks: try index?.begunWalks() ?? [],
            allowance: allowance, now: now)
        let density = Density(coverage: try index?.streamCoverage() ?? [:], versions: try index?.versionCounts() ?? [:])
        lists = situation.lists.indices.compactMap { Self.list($0, situation, density) }
        account = job.account
        bound = situation.bound.description
        leftToday = allowance.leftTodayTokens
        dailyTokens = allowance.dailyTokens
        requests = lists.reduce(0) { $0 + $1.pages }
        tokens = lists.reduce(0) { $0 + $1.tokens }
        isGuess = !density.hasLearnt
        let beyondToday = max(0, tokens - leftToday)
        nights = (tokens > 0 && leftToday > 0 ? 1 : 0) + (beyondToday + dailyTokens - 1) / dailyTokens
    }

    private static func list(_ index: Int, _ situation: Situation, _ density: Density) -> List? {
        let list = situation.lists[index]
        guard !Planner.isComplete(index, in: situation),
            let target = Interval(since: situation.window.start, until: situation.bound)
        else { return nil }
        let isWhole = list.spec.timeFilter == .none
        let gaps = isWhole ? [] : list.covered.gaps(in: target)
        let pages = isWhole ? 1 : gaps.reduce(0) { $0 + density.pages(of: list, in: $1) }
        let why =
            isWhole
            ? "its copy is \(list.covered.intervals.isEmpty ? "not there" : "too old")"
            : gaps.last?.since == target.since ? "history" : "what is new"
        return List(
            stream: list.stream.name, list: list.spec.name, windows: gaps.map(StatusReport.Span.init), pages: pages,
            tokens: pages * list.spec.priceTokens, why: why)
    }
}

/// Records a second, as far as the covered time has shown.
private struct Density {
    var coverage: [String: Coverage]
    var versions: [String: Int]

    var hasLearnt: Bool { versions.values.contains { $0 > 0 } }

    func pages(of list: ListState, in gap: Interval) -> Int {
        let seconds = coverage[list.stream.name]?.intervals.reduce(0) { $0 + $1.lengthSeconds } ?? 0
        guard seconds > 0, list.spec.pageLimit > 0, let known = versions[list.stream.name] else { return 1 }
        let records = Double(known) / Double(seconds) * Double(gap.lengthSeconds)
        return max(1, Int((records / Double(list.spec.pageLimit)).rounded(.up)))
    }
}
