/// What may still be spent in the present budget day. A value: the ledger in the index is its memory.
///
/// Two counts stand side by side. Ours is the sum of all reservations, kept under `dailyTokens`. The company's
/// is what the server last said is left for everybody, less what we reserved since; it is kept at or above
/// `keepFree`. The lower of both rules.
package struct Allowance: Hashable, Sendable {
    /// `2026-11-23`.
    package var day: String
    package var dailyTokens: Int
    package var keepFree: Job.KeepFree
    package var spentToday: Int
    /// In another day that may be the company's present one, so that a request has to fit in both: the following one,
    /// where that was booked in already (a clock that was set back since, or a job that counts its days otherwise), or
    /// the one that was seen to begin at another time (`SeenReset`).
    package var spentElsewhere = 0
    package var spentThisRun: Int
    /// `--max-tokens` and `max_tokens_per_run`, the lower of them.
    package var runLimitTokens: Int?
    /// `--spread`: the part of `dailyTokens` that belongs to the part of the day that has passed.
    package var evenShareTokens: Int?
    /// The most that some streams may take of a budget day.
    package var ceilings: [String: Int] = [:]
    package var spentByStream: [String: Int] = [:]
    package var company: Company

    /// What the server has told of the company's budget in this budget day.
    package struct Company: Hashable, Sendable {
        /// The lowest count of remaining tokens seen; nil before the header is seen.
        package var lowestRemaining: Int?
        /// Reserved by us and not yet part of `lowestRemaining`.
        package var reservedSince: Int
        /// The daily limit; nil before the header is seen.
        package var limit: Int?
        /// A daily 429 was answered: nothing more until the reset.
        package var isExhausted: Bool
        /// When the server said so; nil where it is not known any more.
        package private(set) var toldAt: Instant?

        package init(lowestRemaining: Int? = nil, reservedSince: Int = 0, limit: Int? = nil, isExhausted: Bool = false)
        {
            self.lowestRemaining = lowestRemaining
            self.reservedSince = reservedSince
            self.limit = limit
            self.isExhausted = isExhausted
        }

        /// Takes in what an answer said. Only ever downwards: a higher count than one seen before is an answer
        /// overtaken by another, or a top-up that we need not rely on.
        /// - Parameter unansweredTokens: reserved for requests that this count may not yet contain: those that
        ///   are out, and those that ended without a count while others were out.
        package mutating func learn(remaining: Int?, limit: Int?, unansweredTokens: Int, at serverTime: Instant? = nil)
        {
            if let limit { self.limit = limit }
            guard let remaining, remaining <= lowestRemaining ?? .max else { return }
            (lowestRemaining, toldAt) = (remaining, serverTime)
            reservedSince = unansweredTokens
            if self.limit == nil { self.limit = remaining }
        }

        /// The company's day has begun anew since that was told: what is left now has to be asked for.
        /// - Returns: whether anything was known that counts no more.
        @discardableResult
        package mutating func forget(before beginning: Instant) -> Bool {
            if lowestRemaining == nil || toldAt.map({ $0 >= beginning }) ?? false { return false }
            (lowestRemaining, reservedSince, toldAt) = (nil, 0, nil)
            return true
        }

        /// What may still be spent without touching what others are to have; nil before the header is seen.
        package func leftTokens(keeping keepFree: Job.KeepFree) -> Int? {
            lowestRemaining.map { $0 - reservedSince - keptTokens(keepFree) }
        }

        /// `keep_free` in tokens; a percentage is rounded up, in favour of the others.
        package func keptTokens(_ keepFree: Job.KeepFree) -> Int {
            switch keepFree {
            case .tokens(let tokens): tokens
            case .percent(let percent): Int((Double(limit ?? 0) * percent / 100).rounded(.up))
            }
        }
    }

    package init(
        day: String, dailyTokens: Int, keepFree: Job.KeepFree, spentToday: Int = 0, spentThisRun: Int = 0,
        runLimitTokens: Int? = nil, company: Company = Company()
    ) {
        self.day = day
        self.dailyTokens = dailyTokens
        self.keepFree = keepFree
        self.spentToday = spentToday
        self.spentThisRun = spentThisRun
        self.runLimitTokens = runLimitTokens
        self.company = company
    }

    /// The tokens that this run may still reserve; never negative.
    package var leftTokens: Int { max(0, min(leftTodayTokens, leftOfRunTokens, leftOfEvenShareTokens)) }

    private var leftOfRunTokens: Int { runLimitTokens.map { $0 - spentThisRun } ?? .max }
    private var leftOfEvenShareTokens: Int { evenShareTokens.map { $0 - spentToday } ?? .max }

    /// Which of the limits leaves the least.
    package enum Limit: Hashable, Sendable {
        case day, keepFree, run, evenShare
    }

    /// The day's, unless another is lower: then another run could go on before the reset.
    package var tightest: Limit {
        if leftTokens == leftTodayTokens { return isHeldByCompany ? .keepFree : .day }
        return leftOfRunTokens <= leftOfEvenShareTokens ? .run : .evenShare
    }

    /// The tokens that all jobs of the account may still reserve in this budget day; never negative.
    package var leftTodayTokens: Int {
        guard !company.isExhausted else { return 0 }
        return max(0, min(leftOfDayTokens, company.leftTokens(keeping: keepFree) ?? .max))
    }

    private var leftOfDayTokens: Int { dailyTokens - max(spentToday, spentElsewhere) }

    /// More of `dailyTokens` is left than others leave of the company's, less `keepFree`.
    package var isHeldByCompany: Bool {
        company.leftTokens(keeping: keepFree).map { max(0, $0) < leftOfDayTokens } ?? false
    }

    /// While the company's count is unknown, one request is sent alone to learn it.
    package var isCompanyUnknown: Bool { company.lowestRemaining == nil }

    /// The tokens that this run may still reserve for a stream; never negative.
    package func leftTokens(for stream: String) -> Int { min(leftTokens, leftOfShareTokens(for: stream)) }

    /// What its own ceiling leaves to a stream today, whatever else may be spent.
    package func leftOfShareTokens(for stream: String) -> Int {
        ceilings[stream].map { max(0, $0 - (spentByStream[stream] ?? 0)) } ?? .max
    }

    /// - Parameter stream: nil for a request of no stream.
    package mutating func reserve(_ tokens: Int, for stream: String? = nil) {
        spentToday += tokens
        spentElsewhere += tokens
        spentThisRun += tokens
        company.reservedSince += tokens
        if let stream { spentByStream[stream, default: 0] += tokens }
    }

    /// A new budget day: all counts of the day begin again, the run's own goes on.
    package mutating func begin(day: String, _ ledger: DayLedger) {
        self.day = day
        spentToday = ledger.spent
        spentElsewhere = ledger.spentElsewhere
        spentByStream = ledger.spentByStream
        company = ledger.company
    }
}

/// What the ledger knows of one budget day.
package struct DayLedger: Hashable, Sendable {
    /// By all runs, and what else counts as spent.
    package var spent: Int
    /// The same of another day that may be the company's present one.
    package var spentElsewhere: Int
    package var spentByStream: [String: Int]
    package var company: Allowance.Company

    package init(
        spent: Int = 0, spentElsewhere: Int = 0, spentByStream: [String: Int] = [:],
        company: Allowance.Company = Allowance.Company()
    ) {
        self.spent = spent
        self.spentElsewhere = spentElsewhere
        self.spentByStream = spentByStream
        self.company = company
    }
}

extension Allowance {
    /// What a job may spend in a budget day after what the ledger says.
    package init(_ budget: Job.Budget, day: String, _ ledger: DayLedger, maxTokens: Int? = nil) {
        self.init(
            day: day, dailyTokens: budget.dailyTokens, keepFree: budget.keepFree, spentToday: ledger.spent,
            runLimitTokens: [maxTokens, budget.maxTokensPerRun].compactMap { $0 }.min(), company: ledger.company)
        spentElsewhere = ledger.spentElsewhere
        spentByStream = ledger.spentByStream
        ceilings = budget.ceilings
    }
}
