/// Decides whether a request is let in: the block after abuse, the burst window, the day's tokens.
struct Doorkeeper: Sendable {
    static let burstWindowMilliseconds: Int64 = 2000
    static let abuseWindowMilliseconds: Int64 = 10_000
    static let blockMilliseconds: Int64 = 15 * 60 * 1000

    enum Verdict { case admitted, blocked, burst, exhausted }

    let options: AccountOptions
    private var admitted: [Int64] = []
    private var refused: [Int64] = []
    private var blockedUntil = Int64.min
    private var budgetDay = Int64.min
    private var spentTokens = 0
    private var drainedTokens = 0

    init(options: AccountOptions) { self.options = options }

    /// Forgets what has left its window and opens a new budget day when one has begun.
    mutating func turn(to now: Int64) {
        admitted.removeAll { $0 <= now - Doorkeeper.burstWindowMilliseconds }
        refused.removeAll { $0 <= now - Doorkeeper.abuseWindowMilliseconds }
        guard dayNumber(now) != budgetDay else { return }
        budgetDay = dayNumber(now)
        spentTokens = 0
        drainedTokens = 0
    }

    func isBlocked(_ now: Int64) -> Bool { now < blockedUntil }

    mutating func block(_ now: Int64) { blockedUntil = now + Doorkeeper.blockMilliseconds }

    /// Another integration uses up what is left of the day.
    mutating func drain(_ now: Int64) { drainedTokens += remainingTokens(now) }

    /// Another integration uses some of it, no more than there is.
    mutating func drain(_ tokens: Int, _ now: Int64) { drainedTokens += min(tokens, remainingTokens(now)) }

    /// Charges what it lets in. What is charged stays charged, also for answers of 400 or 500: undocumented, so the
    /// reading that costs more. A refused request costs nothing.
    mutating func admit(_ price: Int, _ now: Int64) -> Verdict {
        guard admitted.count < options.burstRequests else { return refuse(.burst, now) }
        guard remainingTokens(now) >= price else { return refuse(.exhausted, now) }
        admitted.append(now)
        spentTokens += price
        return .admitted
    }

    /// Counts a 429 towards the block.
    mutating func refuse(_ verdict: Verdict, _ now: Int64) -> Verdict {
        refused.append(now)
        if refused.count > options.abuseRequests { block(now) }
        return verdict
    }

    /// Others draw evenly over the day, so what is left hangs on the time alone and not on when it was asked.
    func remainingTokens(_ now: Int64) -> Int {
        let intoDay = Stamp.floored(now - options.budgetRenewsAtSeconds * 1000, Stamp.dayMilliseconds).rest
        let others = Int(Int64(options.otherTrafficTokensPerHour) * intoDay / Stamp.hourMilliseconds)
        return max(0, options.dailyBudgetTokens - spentTokens - drainedTokens - others)
    }

    var remainingRequests: Int { max(0, options.burstRequests - admitted.count) }

    /// The UTC date on which the budget day of this moment began.
    func budgetDayName(_ now: Int64) -> String {
        Stamp.day(dayNumber(now) * Stamp.dayMilliseconds + options.budgetRenewsAtSeconds * 1000)
    }

    private func dayNumber(_ now: Int64) -> Int64 {
        Stamp.floored(now - options.budgetRenewsAtSeconds * 1000, Stamp.dayMilliseconds).quotient
    }
}
