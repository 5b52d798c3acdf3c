import Planning
import Storage

/// Where one budget day ends and the next one begins.
extension Extractor {
    /// For so long a run that has nothing left waits for tokens where the job file is wrong about the day: a nightly
    /// job that begins as its job file's day does may be a few minutes early, every night.
    static let patienceSeconds: Int64 = 600

    /// A new budget day, by the server's clock, begins with a new count, and with one request alone to learn the
    /// company's.
    func beginDayIfNew() throws {
        let serverNow = serverClock.now(ours: now)
        let days = presentDays(at: serverNow)
        if days.day != situation.allowance.day || days.companyBegan != companyDayBegan {
            try begin(days, at: serverNow)
        }
    }

    /// The job file's day, and when the company's began where that is another one.
    private func presentDays(at serverNow: Instant) -> (day: String, companyBegan: Instant?) {
        (calendar.day(of: serverNow), seenReset?.began(at: serverNow))
    }

    private func begin(_ days: (day: String, companyBegan: Instant?), at serverNow: Instant) throws {
        let (day, began) = days
        let ledger = try keeping { try store.ledger(calendar, byServer: serverNow) }
        companyDayBegan = began
        if day == situation.allowance.day {
            // The company's own day, or what is known of it.
            situation.allowance.spentElsewhere = ledger.spentElsewhere
            situation.allowance.company.isExhausted = ledger.company.isExhausted
            guard let began, situation.allowance.company.forget(before: began) else { return }
        } else {
            situation.allowance.begin(day: day, ledger)
        }
        client.beginDay()
        hasAnswerOfToday = false
    }

    /// When tokens come that this run lacks, by the server's clock, where that is soon and the job file does not say
    /// so: who knows the day begins when it does, and is told 75 before. The same where this machine's clock shows that
    /// day already, and only what an earlier run was told of it says otherwise: it may have been set right since. The
    /// planner is asked what it would do then, so nobody waits for what helps nothing.
    func comingTokens() throws -> Instant? {
        let serverNow = serverClock.now(ours: now)
        let isDayInDoubt = serverClock.isPresumed && calendar.day(of: now) != calendar.day(of: serverNow)
        guard isDayInDoubt || seenReset?.agrees == false else { return nil }
        let told = try keeping { try store.exhaustedUntil() }.map { serverClock.now(ours: $0) }
        let resets = [calendar.nextReset(after: serverNow), seenReset?.nextReset(after: serverNow), told]
        return try resets.compactMap(\.self).filter { $0 - serverNow <= Self.patienceSeconds }.sorted()
            .first { try hasTokens(at: $0) }
    }

    private func hasTokens(at moment: Instant) throws -> Bool {
        var then = situation
        then.serverNow = moment
        then.allowance.begin(
            day: calendar.day(of: moment),
            try keeping { try store.ledger(calendar, byServer: moment, ours: serverClock.ours(of: moment)) })
        then.allowance.spread(options, calendar, at: moment)
        if case .ask = Planner.nextSteps(then) { return true } else { return false }
    }

    /// An earlier run was told that the day is used up. One that is told so itself stops at once.
    /// - Returns: whether that is over, or will be soon and is waited for.
    func awaitTold(_ group: inout TaskGroup<Event>) throws -> Bool {
        guard askCount == 0, !isPastDeadline else { return false }
        if isWaitingForDay { return true }
        let serverNow = serverClock.now(ours: now)
        try begin(presentDays(at: serverNow), at: serverNow)
        guard situation.allowance.company.isExhausted else { return true }
        guard let coming = try comingTokens() else { return false }
        wait(until: coming, .tokensAreSpent, &group)
        return true
    }

    var isPastDeadline: Bool { options.deadlineSeconds.map { now - startedAt >= $0 } ?? false }

    /// Why nothing is asked for before another day has begun.
    enum ReasonToWait {
        case tokensAreSpent, dayIsEnding
    }

    /// - Parameter moment: by the server's clock.
    func wait(until moment: Instant, _ reason: ReasonToWait, _ group: inout TaskGroup<Event>) {
        guard !isWaitingForDay else { return }
        isWaitingForDay = true
        let waitSeconds = serverClock.ours(of: moment) - now
        let leftSeconds = options.deadlineSeconds.map { startedAt + $0 - now } ?? waitSeconds
        switch reason {
        case .tokensAreSpent: logger.info("nothing is left of this day's tokens; the next ones come at \(moment)")
        case .dayIsEnding: logger.info("the budget day ends at \(moment); the next request waits for that")
        }
        group.addTask { [clock] in
            try? await clock.sleep(milliseconds: min(waitSeconds, leftSeconds) * 1000)
            return .newDay
        }
    }
}
