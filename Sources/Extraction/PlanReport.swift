package import Planning
package import Storage

/// What a run would do now, what that and everything still missing would cost, and when history will be complete: what
/// `plan` prints. No request is sent.
package struct PlanReport: Sendable, Encodable {
    package var account: String
    /// Windows would end here.
    package var bound: String
    package var leftToday: Int
    package var dailyTokens: Int
    /// Of everything that is missing now.
    package var requests: Int
    package var tokens: Int
    /// What the next run would take of it.
    package var nextRun: Expected
    /// Budget days until history is complete, the present one counted; nil when this allowance never gets there.
    package var nights: Int?
    /// The budget day on which that is.
    package var completeOn: String?
    /// Some lists were never read: each of them counts as one page.
    package var isGuess: Bool
    /// Streams that no night can pay for, and what to change; nil where there are none.
    package var unpayable: String?
    /// The gateway has blocked this client: nothing is sent before that time.
    package var blockedUntil: String?
    /// The company's tokens count as used up: nothing is sent before that time.
    package var exhaustedUntil: String?
    package var lists: [List]
    /// Children whose price cannot be known before their parents are read: in none of the sums.
    package var unpriced: [Unpriced]
    /// Streams that this account could not read; neither priced nor asked for before that time.
    package var leftAlone: [LeftAlone]

    package struct LeftAlone: Sendable, Encodable, Hashable {
        package var stream: String
        package var until: String
        package var why: String
    }

    package struct Unpriced: Sendable, Encodable, Hashable {
        package var stream: String
        /// The stream of the parents.
        package var parents: String
        /// Of one request, and for how many parents that is.
        package var tokensARequest: Int
        package var parentsARequest: Int
    }

    package struct List: Sendable, Encodable {
        package var stream: String
        package var list: String
        package var windows: [StatusReport.Span]
        package var pages: Int
        package var tokens: Int
        package var why: String
    }

    /// - Parameter access: who would ask (`Credentials.name`); nil where nobody knows.
    package init(job: Job, options: RunOptions, index: Index?, now: Instant, access: String? = nil) throws {
        let calendar = BudgetCalendar(job.budget)
        let ledger = try index?.ledger(calendar, at: now) ?? DayLedger()
        let allowance = try Allowance(job, options, ledger, now: now, calendar).withLimit(of: index)
        var situation = Situation(
            job: job, options: options, coverage: try index?.listCoverage() ?? [:],
            walks: try index?.begunWalks() ?? [], allowance: allowance, now: now, startedAt: now)
        situation.sweeps = try index?.sweepBooks() ?? [:]
        for list in situation.lists where list.purpose == .children && list.lane == 0 {
            situation.waitingParents[list.stream.name] = try index?.parentsToRead(of: list.stream) ?? 0
        }
        let marks = try index?.marks(at: now, baseURL: job.baseURL, access: access) ?? [:]
        let left = situation.leaveOut(marks).map { index, mark in
            LeftAlone(
                stream: situation.lists[index].stream.name, until: mark.until.description, why: mark.detail)
        }
        leftAlone = Set(left).sorted { $0.stream < $1.stream }
        let readings = try index?.readings() ?? Readings()
        let forecast = Forecast(situation, readings)
        lists = forecast.lines.map { List($0, situation) }
        unpriced = forecast.unpriced.map {
            Unpriced(
                stream: $0.stream, parents: $0.parents, tokensARequest: $0.priceTokens,
                parentsARequest: $0.parentsARequest)
        }
        account = job.account
        bound = situation.bound.description
        leftToday = allowance.leftTodayTokens
        dailyTokens = allowance.dailyTokens
        requests = forecast.backlog.requests
        tokens = forecast.backlog.tokens
        nextRun = Expected(forecast, readings)
        if let gateway = marks[MarkName.gateway] {
            blockedUntil = gateway.until.description
            (nextRun.requests, nextRun.tokens, nextRun.seconds) = (0, 0, nil)
        }
        if allowance.company.isExhausted {
            exhaustedUntil = try index?.endOfUsedUpDay(calendar, at: now).description
        }
        isGuess = forecast.isGuess
        unpayable = Unpayable(in: situation)?.sentence
        nights = forecast.days
        completeOn = forecast.days.map { calendar.day(of: now + Int64(max(0, $0 - 1)) * 86_400) }
        if let days = nights, days > 0, allowance.leftTokens == 0 {
            // Nothing can be spent today, so the counting begins tomorrow.
            completeOn = calendar.day(of: now + Int64(days) * 86_400)
        }
    }
}

/// What a run is expected to cost.
package struct Expected: Hashable, Sendable, Encodable {
    package var requests: Int
    package var tokens: Int
    /// By the pace of the last runs; nil before the first.
    package var seconds: Int?
    /// Some lists were never read: each of them counts as one page.
    package var isGuess: Bool

    init(_ forecast: Forecast, _ readings: Readings) {
        requests = forecast.nextRun.requests
        tokens = forecast.nextRun.tokens
        let requests = requests
        seconds = readings.secondsPerRequest.map { Int(($0 * Double(requests)).rounded(.up)) }
        isGuess = forecast.isGuess
    }
}

extension PlanReport.List {
    fileprivate init(_ line: Forecast.Line, _ situation: Situation) {
        let isCopied = situation.lists.contains { $0.spec.name == line.list && !$0.covered.intervals.isEmpty }
        let isWhole = line.windows.isEmpty && line.kind != .sweep
        self.init(
            stream: line.stream, list: line.list, windows: line.windows.map(StatusReport.Span.init), pages: line.pages,
            tokens: line.tokens,
            why: isWhole ? "its copy is \(isCopied ? "too old" : "not there")" : line.kind.words)
    }
}

extension StepKind {
    fileprivate var words: String {
        switch self {
        case .news: "what is new"
        case .metadata: "metadata"
        case .children: "children of what changed"
        case .history: "history"
        case .sweep: "key sweep"
        }
    }
}
