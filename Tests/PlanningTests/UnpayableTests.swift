import Testing

@testable import Planning

/// What no night can pay for, by plain values.
@Suite struct UnpayableTests {
    private static let streams = [ModelLists.deals, ModelLists.persons, ModelLists.pipelines]

    private static func allowance(
        _ dailyTokens: Int, keepFree: Job.KeepFree = .tokens(0), run: Int? = nil, limit: Int? = nil
    ) -> Allowance {
        Allowance(
            day: "2026-11-23", dailyTokens: dailyTokens, keepFree: keepFree, spentToday: dailyTokens,
            runLimitTokens: run,
            company: Allowance.Company(lowestRemaining: limit.map { _ in 0 }, limit: limit))
    }

    @Test func aDayThatPaysForThePageIsEnoughHoweverMuchOfItIsSpent() {
        #expect(Unpayable(Self.streams, Self.allowance(20)) == nil)
        #expect(Unpayable(Self.streams, Self.allowance(20, run: 20, limit: 30_000)) == nil)
        #expect(Unpayable(Self.streams, Self.allowance(20, keepFree: .tokens(29_980), limit: 30_000)) == nil)
    }

    @Test func theDearestPageCounts() throws {
        let unpayable = try #require(Unpayable(Self.streams, Self.allowance(19)))
        #expect(unpayable.streams == ["deals"] && unpayable.priceTokens == 20 && !unpayable.isEverything)
        let reason =
            "deals can never be read to the end: a page costs up to 20 tokens, and budget.daily_tokens allows 19 a day"
        #expect(unpayable.reason == reason)
        #expect(
            unpayable.hint == "set budget.daily_tokens to 20 or more, or leave deals out of the job's streams")
        let all = try #require(Unpayable(Self.streams, Self.allowance(4)))
        #expect(all.streams == ["deals", "persons", "pipelines"] && all.isEverything)
    }

    @Test(arguments: [
        (allowance(1000, run: 9), "one run may spend 9 (--max-tokens, budget.max_tokens_per_run)"),
        (allowance(1000, keepFree: .percent(100)), "budget.keep_free leaves nothing"),
        (
            allowance(1000, keepFree: .tokens(40_000), limit: 30_000),
            "budget.keep_free leaves 0 of the company's 30000 a day"
        ),
        (
            allowance(1000, keepFree: .percent(99.99), limit: 30_000),
            "budget.keep_free leaves 3 of the company's 30000 a day"
        ),
    ])
    func whatLeavesTheLeastIsNamed(allowance: Allowance, words: String) {
        #expect(Unpayable(Self.streams, allowance)?.reason.hasSuffix(words) == true)
    }

    @Test func whatIsReadNeedsNoMore() throws {
        let now = ModelLists.start + 86_400
        let done = Coverage(
            [Interval(since: Instant(seconds: ModelLists.start), until: Instant(seconds: now - 10))].compactMap { $0 })
        var situation = ModelLists.situation(
            ModelLists.states(of: [ModelLists.deals], covered: ["deals": done, "deals/archived": done]), now: now,
            tokens: 9)
        #expect(Unpayable(in: situation) == nil)
        situation.lists[1].covered = Coverage()
        let unpayable = try #require(Unpayable(in: situation))
        #expect(unpayable.isEverything && unpayable.streams == ["deals"])
        #expect(Forecast(situation, Readings()).days == nil, "no number of nights is enough")
        situation.lists[1].isOut = true
        #expect(Unpayable(in: situation) == nil)
    }

    @Test func manyStreamsAreCounted() throws {
        let unpayable = try #require(Unpayable(Catalogue.streams, Self.allowance(1)))
        #expect(
            unpayable.reason.hasPrefix(
                "deals, persons, organizations and \(unpayable.streams.count - 3) more streams can"))
    }
}
