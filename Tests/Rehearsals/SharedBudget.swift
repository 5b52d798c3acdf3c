import Extraction
import Planning
import Platform
import Simulator
import Synchronization
import TestSupport

/// Nights on a budget that other integrations of the company draw from as well, by the seed: now little, now all of
/// it, before a run and in the middle of it; the header that tells of it is there, missing, late or now and then; some
/// runs keep to the day's even share.
///
/// Nothing else goes wrong here, so what must be reached can be said exactly: by the server's count never a token over
/// the allowance, nor under `keep_free` as far as anybody had told of it; no request after a daily 429 until the reset;
/// and every change in the warehouse after the run whenever the allowance covers what is missing.
///
/// Every third seed has a job file that is wrong about when the company's day begins (`MisjudgedDay`). Then the
/// allowance holds by the job file's days all the time, and by the company's own as long as the program knows of them.
package struct SharedBudget {
    private let seed: UInt64
    private var random: SeededRandom
    private var rehearsal: Rehearsal
    private var promises: Promises
    private var night = 0
    private var refusals = Refusals()
    private var witness = BudgetWitness()
    private let isMisjudged: Bool
    package private(set) var story = ""

    private static let streams = ["deals", "persons", "organizations", "activities", "stages"]
    private static let pageLimit = 25
    private static let companyTokens = 3000

    package init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        var options = AccountOptions.rehearsed(seed: seed, deals: 60)
        options.life.edits = 40
        options.life.bulkEdits = 0.2
        options.life.bulkEditRecords = 60
        options.dailyBudgetTokens = Self.companyTokens
        isMisjudged = seed.isMultiple(of: 3)
        let day = isMisjudged ? MisjudgedDay(&random) : nil
        options.budgetRenewsAtSeconds = day?.renewsAtSeconds ?? 0
        rehearsal = try Rehearsal(Self.streams, options) {
            $0.cutPages(to: Self.pageLimit)
            // What a night needs is counted in full pages, so walks are cut as rarely as in earnest.
            $0.lanes = LaneRules()
            day?.misguide(&$0.budget)
        }
        promises = Promises(rehearsal.folder.path)
    }

    /// What one night brings, drawn beforehand.
    private struct Plan {
        var daily: Int
        var keepFree: Job.KeepFree
        var concurrency: Int
        /// What others have taken since the last run, and what they take in the middle of this one.
        var takenBefore: Int
        var taken: Int
        /// At this request; 0 = never.
        var takenAt: Int
        var header: String
        var faults: [Misbehaviour]
        var isSpread: Bool

        init(_ random: inout SeededRandom, asked: Int) {
            daily = random.pick([60, 120, 300, 3000])
            keepFree = random.pick([.tokens(0), .tokens(500), .tokens(2000), .percent(50), .percent(96.5)])
            concurrency = random.pick([1, 2, 4])
            takenBefore = random.pick([0, 100, 1000, 2500, 3000])
            taken = random.pick([50, 500, 3000])
            takenAt = random.chance(0.4) ? Int.random(in: 2...8, using: &random) : 0
            let late = Int.random(in: 1...6, using: &random)
            (header, faults) = random.pick([
                ("present", []), ("present", []), ("missing", [Misbehaviour(.missingDailyHeaders, .probability(1))]),
                ("late by \(late)", [Misbehaviour(.missingDailyHeaders, .requests(Set(asked + 1...asked + late)))]),
                ("now and then", [Misbehaviour(.missingDailyHeaders, .probability(0.3))]),
            ])
            isSpread = random.chance(0.3)
        }

        var options: RunOptions { RunOptions(isSpread: isSpread) }

        var keepFreeTokens: Int {
            switch keepFree {
            case .tokens(let tokens): tokens
            case .percent(let percent): Int((Double(companyTokens) * percent / 100).rounded(.up))
            }
        }
    }

    /// One night and the day after it.
    /// - Returns: what is broken, in words.
    package mutating func nextNight() async throws -> [String] {
        night += 1
        let before = rehearsal.asked
        let plan = Plan(&random, asked: before.requests)
        rehearsal = rehearsal.changing {
            $0.budget.dailyTokens = plan.daily
            $0.budget.keepFree = plan.keepFree
            $0.concurrency = plan.concurrency
        }
        rehearsal.change { account in
            account.misbehave(plan.faults)
            account.othersSpend(plan.takenBefore)
        }
        witness.begin(day: Self.day(of: rehearsal), taken: plan.takenBefore)
        let (countedBefore, knewReset) = (counted, try knowsReset())
        let (left, need) = try (affordable(plan), needed())
        let ended = try await run(plan, before, knowsReset: knewReset)
        var complaints = ended.complaints
        complaints += MisjudgedDay.overspent(counted, countedBefore, plan.daily, "day")
        if knewReset, ended.report?.budgetReset?.agrees == false {
            complaints += MisjudgedDay.overspent(
                rehearsal.asked.tokensByDay, before.tokensByDay, plan.daily, "day of the company")
        }
        complaints += try promises.brokenNightly(rehearsal, without: "", counted: counted)
        if left >= need, ended.code != .complete {
            complaints.append(
                "\(need) tokens cover what is missing, \(left) may be spent, and the night ended with "
                    + "\(ended.code): \(ended.sentence)")
        }
        complaints += overspentShare(plan, ended)
        if ![.complete, .allowanceUsedUp].contains(ended.code) { complaints.append(ended.sentence) }
        story = told(plan, ended, need: need, left: left, complaints, knewReset: knewReset)
        let hours = random.pick([24, 24, 24, 24, 1, 5, 9] as [Int64])
        rehearsal.sleep(seconds: hours * 3600 + Int64.random(in: -600...600, using: &random))
        return complaints
    }

    /// The server's count by the days of the job file.
    private var counted: [String: Int] {
        isMisjudged ? rehearsal.countedByJobFile : rehearsal.asked.tokensByDay
    }

    /// Whether the program has seen that the job file is wrong.
    private func knowsReset() throws -> Bool {
        try isMisjudged && rehearsal.status().budgetReset?.agrees == false
    }

    /// Both days: with either the program begins to count anew.
    private static func day(of rehearsal: Rehearsal) -> String {
        "\(rehearsal.budgetDay) \(rehearsal.company.withAccount { $0.budgetDay })"
    }

    /// With `--spread` no request leaves that would spend more than the part of the day that has passed.
    private func overspentShare(_ plan: Plan, _ ended: EndedNight) -> [String] {
        guard plan.isSpread, let last = ended.requests.last else { return [] }
        let moment = Instant(milliseconds: last.milliseconds)
        let spent = counted[BudgetCalendar(rehearsal.job.budget).day(of: moment)] ?? 0
        let share = evenShare(plan, at: moment)
        return spent <= share ? [] : ["\(spent) tokens of the even share's \(share)"]
    }

    private func evenShare(_ plan: Plan, at moment: Instant) -> Int {
        Int(Double(plan.daily) * BudgetCalendar(rehearsal.job.budget).passedShare(at: moment))
    }

    private mutating func run(_ plan: Plan, _ before: AccountCounters, knowsReset: Bool) async throws -> EndedNight {
        let (company, rehearsal) = (rehearsal.company, rehearsal)
        let watching = Mutex(witness)
        company.beforeAnswer { number, _, account in
            let isNow = number - before.requests == plan.takenAt
            if isNow { account.othersSpend(plan.taken) }
            watching.withLock {
                $0.arrives(number - before.requests, taken: isNow ? plan.taken : 0, remaining: account.remainingTokens)
            }
        }
        defer { company.beforeAnswer(nil) }
        var night = WatchedNight(job: rehearsal.job)
        night.knowsReset = knowsReset
        night.beforeRequest = { number in
            let day = Self.day(of: rehearsal)
            watching.withLock { $0.isSent(number, day: day) }
        }
        night.options = plan.options
        night.afterAnswer = { number, response in
            let tokens = company.withAccount { $0.counters.log[before.requests + number - 1].tokens }
            let isTold = response.header("x-daily-ratelimit-token-remaining") != nil
            watching.withLock { $0.isAnswered(number, tokens: tokens, isTold: isTold, keepFree: plan.keepFreeTokens) }
        }
        var ended = try await rehearsal.watched(night, &refusals, chance: random.fractions())
        witness = watching.withLock { $0 }
        ended.complaints += witness.complaints
        return ended
    }

    private func told(
        _ plan: Plan, _ ended: EndedNight, need: Int, left: Int, _ complaints: [String], knewReset: Bool
    ) -> String {
        "night \(night) of seed \(seed) · \(rehearsal.now) · \(plan.daily) tokens a day, keep_free \(plan.keepFree), "
            + "\(plan.concurrency) in flight, header \(plan.header), others took \(plan.takenBefore) before"
            + (plan.takenAt > 0 ? ", \(plan.taken) at request \(plan.takenAt)" : "") + (plan.isSpread ? ", spread" : "")
            + (isMisjudged ? ", the job file is wrong about the day" + (knewReset ? " and that is known" : "") : "")
            + "\n  \(need) tokens needed, \(left) to be had; exit \(ended.code.rawValue), "
            + "\(ended.report?.tokens ?? 0) spent\n  "
            + (complaints.isEmpty ? "every promise holds" : complaints.map { "BROKEN \($0)" }.joined(separator: "\n  "))
    }

    /// What the allowance leaves for certain, whether the program is told of it or not.
    private func affordable(_ plan: Plan) -> Int {
        let today = counted[rehearsal.budgetDay] ?? 0
        guard let spent = isMisjudged ? spentAround(today) : today else { return 0 }
        let remaining = rehearsal.company.withAccount { $0.remainingTokens } - (plan.takenAt > 0 ? plan.taken : 0)
        let left = min(plan.daily - spent, remaining - plan.keepFreeTokens)
        guard plan.isSpread else { return left }
        // A run that could not pay for a look that is worth it does not begin.
        let share = min(left, evenShare(plan, at: rehearsal.now) - today)
        return share >= min(Self.leastSpreadTokens, plan.daily / 2) ? share : 0
    }

    /// What the program may take for spent at most, where it knows the company's day to hours only or not at all. Nil
    /// where it may think that nothing is left for another reason: a count of the day before, or a refusal.
    private func spentAround(_ today: Int) -> Int? {
        let since = (rehearsal.now.seconds - MisjudgedDay.longestSeconds) * 1000
        let recent = rehearsal.asked.log.reversed().prefix { $0.milliseconds >= since }
        let companyDay = rehearsal.company.withAccount { $0.budgetDay }
        let calendar = BudgetCalendar(rehearsal.job.budget)
        let isOneDay = recent.allSatisfy {
            $0.budgetDay == companyDay
                || calendar.day(of: Instant(milliseconds: $0.milliseconds)) != rehearsal.budgetDay
        }
        guard isOneDay, recent.allSatisfy({ $0.status != 429 }) else { return nil }
        return max(today, recent.reduce(0) { $0 + $1.tokens })
    }

    /// Three looks at everything, which is what begins a run with `--spread` at the most.
    private static let leastSpreadTokens = 200

    /// What it costs at most to read all that is missing, by the company's own books: whole pages of every gap, and one
    /// where a gap is empty. What the overlap holds may come on top of it.
    private func needed() throws -> Int {
        let views = try? IndexViews(rehearsal.folder.path)
        let covered = try views?.coverage() ?? [:]
        let bound = rehearsal.now - rehearsal.job.window.lagSeconds
        let account = rehearsal.company.withAccount { $0 }
        guard let target = Interval(since: rehearsal.job.window.start, until: bound) else { return 0 }
        var tokens = 0
        for selected in rehearsal.job.streams {
            let (stream, kind) = (selected.stream, RecordKind(rawValue: selected.stream.name))
            let rows = kind.map { account.rows($0) } ?? []
            guard !stream.isWholeList else {
                tokens += stream.lists[0].priceTokens
                continue
            }
            for list in stream.lists {
                let shown = rows.filter { stream.name != "deals" || $0.isArchived == list.name.hasSuffix("archived") }
                for gap in (covered[stream.name] ?? Coverage()).gaps(in: target) {
                    let overlap = Interval(since: gap.since - rehearsal.job.window.overlapSeconds, until: gap.until)
                    let count = shown.count { row in
                        overlap?.contains(Instant(milliseconds: row.updateMilliseconds)) ?? false
                    }
                    tokens += (count / Self.pageLimit + 1) * list.priceTokens
                }
            }
        }
        return tokens
    }
}

/// Knows what the program can know of the company's count at the moment it sends a request, and what the request left.
/// All of it stays in force from run to run until the budget day ends.
private struct BudgetWitness: Sendable {
    private struct Sent: Sendable {
        /// Of what others took, how much was contained in a count that had been heard; nil before any was.
        var known: Int?
        var remaining = 0
        var taken = 0
    }

    private var day = ""
    private var taken = 0
    private var known: Int?
    private var sent: [Int: Sent] = [:]
    private(set) var complaints: [String] = []

    mutating func begin(day: String, taken: Int) {
        (complaints, sent) = ([], [:])
        if day != self.day { (self.day, self.taken, known) = (day, 0, nil) }
        self.taken += taken
    }

    mutating func isSent(_ number: Int, day: String) {
        // What others took before is part of what is left now.
        if day != self.day { (self.day, taken, known) = (day, 0, nil) }
        sent[number] = Sent(known: known)
    }

    /// - Parameter remaining: what is left before the request is charged.
    mutating func arrives(_ number: Int, taken: Int, remaining: Int) {
        self.taken += taken
        sent[number]?.remaining = remaining
        sent[number]?.taken = self.taken
    }

    /// Before a count was heard keep_free is not applied; what others have taken since cannot be known.
    mutating func isAnswered(_ number: Int, tokens: Int, isTold: Bool, keepFree: Int) {
        guard let request = sent[number] else { return }
        let left = request.remaining - tokens
        if let known = request.known, tokens > 0, left + request.taken - known < keepFree {
            complaints.append("request \(number) left \(left) tokens of the company's, of \(keepFree) to be kept")
        }
        if isTold { known = max(known ?? 0, request.taken) }
    }
}
