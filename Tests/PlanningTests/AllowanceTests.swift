import TestSupport
import Testing

@testable import Planning

/// What may still be spent, by both counts. Cannot see whether every request is reserved before it leaves.
@Suite struct AllowanceTests {
    private static func allowance(
        daily: Int = 1000, keepFree: Job.KeepFree = .tokens(0), spent: Int = 0, runLimit: Int? = nil
    ) -> Allowance {
        Allowance(
            day: "2026-11-23", dailyTokens: daily, keepFree: keepFree, spentToday: spent, runLimitTokens: runLimit)
    }

    @Test func countsReservations() {
        var allowance = Self.allowance(spent: 970)
        #expect(allowance.leftTokens == 30 && allowance.isCompanyUnknown)
        allowance.reserve(20)
        #expect(allowance.leftTokens == 10)
        allowance.reserve(20)
        #expect(allowance.leftTokens == 0, "never negative")
    }

    /// Raising `daily_tokens` would not help where others have used up the company's.
    @Test func tellsWhichLimitLeavesTheLeast() {
        var allowance = Self.allowance(daily: 1000, keepFree: .tokens(500), spent: 990)
        #expect(allowance.tightest == .day)
        allowance.company.learn(remaining: 520, limit: 3000, unansweredTokens: 0)
        #expect(allowance.tightest == .day, "10 of the day, 20 of the company's")
        allowance.company.learn(remaining: 505, limit: 3000, unansweredTokens: 0)
        #expect(allowance.tightest == .keepFree)
        allowance.runLimitTokens = 2
        #expect(allowance.tightest == .run)
    }

    @Test func keepsToTheLimitOfTheRun() {
        var allowance = Self.allowance(spent: 500, runLimit: 25)
        #expect(allowance.leftTokens == 25)
        allowance.reserve(10)
        #expect(allowance.leftTokens == 15)
        allowance.begin(day: "2026-11-24", DayLedger())
        #expect(allowance.leftTokens == 15, "the run's own limit goes on over midnight")
        #expect(allowance.day == "2026-11-24" && allowance.spentToday == 0)
    }

    @Test(
        arguments: [
            (.tokens(0), 300), (.tokens(100), 200), (.tokens(400), 0), (.percent(0), 300), (.percent(10), 200),
            (.percent(10.01), 199), (.percent(100), 0),
        ] as [(Job.KeepFree, Int)])
    func leavesToOthers(keepFree: Job.KeepFree, left: Int) {
        var allowance = Self.allowance(keepFree: keepFree)
        #expect(allowance.leftTokens == 1000, "not applied while the count is unknown")
        allowance.company.learn(remaining: 300, limit: 1000, unansweredTokens: 0)
        #expect(allowance.leftTokens == left)
    }

    /// Without a limit in the headers, a percentage is taken of the first count that was seen.
    @Test func percentWithoutALimit() {
        var allowance = Self.allowance(keepFree: .percent(50))
        allowance.company.learn(remaining: 600, limit: nil, unansweredTokens: 0)
        allowance.company.learn(remaining: 400, limit: nil, unansweredTokens: 0)
        #expect(allowance.company.keptTokens(allowance.keepFree) == 300 && allowance.leftTokens == 100)
    }

    @Test func learnsOnlyDownwards() {
        var company = Allowance.Company()
        company.learn(remaining: nil, limit: nil, unansweredTokens: 10)
        #expect(company.lowestRemaining == nil)
        company.learn(remaining: 80, limit: 100, unansweredTokens: 0)
        company.learn(remaining: 90, limit: 100, unansweredTokens: 0)
        company.learn(remaining: nil, limit: nil, unansweredTokens: 0)
        #expect(company.lowestRemaining == 80)
        company.learn(remaining: 5, limit: 100, unansweredTokens: 0)
        #expect(company.lowestRemaining == 5)
    }

    /// The header may vanish at any time: our own reservations go on counting against what was learnt.
    @Test func goesOnCountingWithoutTheHeader() {
        var allowance = Self.allowance(keepFree: .tokens(50))
        allowance.company.learn(remaining: 100, limit: 1000, unansweredTokens: 0)
        for _ in 0..<4 {
            allowance.reserve(10)
            allowance.company.learn(remaining: nil, limit: nil, unansweredTokens: 0)
        }
        #expect(allowance.leftTokens == 10)
    }

    @Test func exhaustionHoldsUntilTheReset() {
        var allowance = Self.allowance()
        allowance.company.isExhausted = true
        allowance.company.learn(remaining: 900, limit: 1000, unansweredTokens: 0)
        #expect(allowance.leftTokens == 0)
        allowance.begin(day: "2026-11-24", DayLedger(spent: 7))
        #expect(allowance.leftTokens == 993)
    }

    /// A server that counts exactly, answers that overtake each other, a header that comes and goes: what we
    /// believe to be left never exceeds what the server has left for us. The caller counts an answer without a
    /// header as unanswered while others are out: the next count may come from a request served before it.
    @Test func neverBelievesInMoreThanThereIs() {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var serverLeft = 2000
            var allowance = Self.allowance(daily: 5000, keepFree: .tokens(100))
            var out: [(price: Int, remaining: Int?)] = []
            var untoldTokens = 0
            for _ in 0..<60 {
                let price = [5, 10, 20, 40].randomElement(using: &random) ?? 10
                let isFirst = allowance.isCompanyUnknown
                if allowance.leftTokens >= price, out.count < (isFirst ? 1 : 4) {
                    allowance.reserve(price)
                    serverLeft -= price
                    // The first answer carries the header, so that the count is known from then on.
                    let isTold = isFirst || Int.random(in: 0..<4, using: &random) > 0
                    out.append((price, isTold ? serverLeft : nil))
                }
                if !out.isEmpty, isFirst || Bool.random(using: &random) {
                    let answer = out.remove(at: Int.random(in: 0..<out.count, using: &random))
                    if answer.remaining == nil { untoldTokens += answer.price }
                    let unanswered = out.reduce(untoldTokens) { $0 + $1.price }
                    allowance.company.learn(remaining: answer.remaining, limit: 5000, unansweredTokens: unanswered)
                    if out.isEmpty { untoldTokens = 0 }
                }
                if !allowance.isCompanyUnknown {
                    #expect(allowance.leftTokens <= max(0, serverLeft - 100), "seed \(seed)")
                }
            }
            #expect(serverLeft >= 100, "seed \(seed)")
        }
    }
}
