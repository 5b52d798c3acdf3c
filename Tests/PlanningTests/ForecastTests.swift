import Testing

@testable import Planning

/// Prices by plain values. Whether they come true, ForecastRehearsals shows.
@Suite struct ForecastTests {
    private static let day: Int64 = 86_400
    private static let now = ModelLists.start + 100 * day
    private static let persons = large(ModelLists.persons)

    private static func large(_ stream: StreamSpec) -> StreamSpec {
        var stream = stream
        for place in stream.lists.indices { stream.lists[place].pageLimit = 100 }
        return stream
    }

    private static func situation(coveredDays: Int64, tokens: Int) -> Situation {
        let bound = now - 10
        let covered = Interval(since: Instant(seconds: bound - coveredDays * day), until: Instant(seconds: bound - day))
        return ModelLists.situation(
            ModelLists.states(of: [persons], covered: ["persons": Coverage([covered].compactMap { $0 })]), now: now,
            tokens: tokens)
    }

    private static func readings(rows: Int, seconds: Int64, greatest: Int? = nil) -> Readings {
        let reading = Reading(pages: rows / 100, ends: 1, rows: rows, added: rows, seconds: seconds)
        return Readings(
            everything: [.init("persons", .history): reading], greatestKeys: greatest.map { ["persons": $0] } ?? [:])
    }

    @Test func onePageEachBeforeAnythingIsLearnt() {
        let situation = ModelLists.situation(ModelLists.states(of: [Self.persons]), now: Self.now, tokens: 100)
        let forecast = Forecast(situation, Readings())
        #expect(forecast.isGuess && forecast.backlog.requests == 1 && forecast.backlog.tokens == 10)
        #expect(forecast.days == 1)
    }

    /// What histories cost hangs on how many parents there are; the lists of one stream are read one after another.
    @Test func whatCannotBePricedYet() throws {
        let names = ["deals", "deal_changelog", "deal_products", "mail_threads", "leads"]
        let streams = names.compactMap(Catalogue.stream(named:))
        let lists = ModelLists.states(of: streams.filter { $0.parent == nil })
        var situation = ModelLists.situation(lists, now: Self.now, tokens: 100_000)
        situation.lists += streams.filter { $0.parent != nil }.map {
            ListState(spec: $0.lists[0], stream: $0, predecessor: nil, purpose: .children)
        }
        let forecast = Forecast(situation, Readings())
        #expect(
            forecast.unpriced == [
                .init(stream: "deal_changelog", parents: "deals", priceTokens: 20, parentsARequest: 1),
                .init(stream: "deal_products", parents: "deals", priceTokens: 10, parentsARequest: 100),
            ])
        #expect(forecast.lines.count { $0.stream == "mail_threads" } == 4, "\(forecast.lines)")
        #expect(forecast.lines.count { $0.stream == "leads" } == 2)
        // Once the parents are known their number is.
        situation.waitingParents = ["deal_changelog": 250, "deal_products": 250]
        let later = Forecast(situation, Readings())
        #expect(later.unpriced.isEmpty)
        #expect(later.lines.filter { $0.kind == .children }.map(\.tokens) == [5000, 30])
    }

    /// A thousand records a day were met over ten days; ninety days are missing, of which one is new.
    @Test func pagesFromWhatWasRead() throws {
        let readings = Self.readings(rows: 10_000, seconds: 10 * Self.day)
        let forecast = Forecast(Self.situation(coveredDays: 11, tokens: 1000), readings)
        #expect(!forecast.isGuess && forecast.lines.map(\.kind) == [.news, .history])
        let (news, history) = (forecast.lines[0], forecast.lines[1])
        #expect(news.pages == 11, "ten pages are full, and one is begun")
        #expect((885...895).contains(history.pages), "\(history.pages)")
        #expect(forecast.backlog.tokens == 10 * (news.pages + history.pages))
        #expect(forecast.nextRun.tokens == 1000, "as far as the allowance reaches")
        // Looking costs 110 a day, so 890 are left for history: 8,960 - 890 in about nine further days.
        #expect(forecast.days.map { (10...11).contains($0) } == true, "\(forecast.days ?? 0)")
    }

    @Test func noMoreRecordsThanKeys() {
        let readings = Self.readings(rows: 10_000, seconds: 10 * Self.day, greatest: 12_000)
        let forecast = Forecast(Self.situation(coveredDays: 11, tokens: 1000), readings)
        #expect(forecast.lines[1].pages == 20)
    }

    @Test func usualWindowsCostTheUsual() {
        let usual = Reading(pages: 21, ends: 7, rows: 100, added: 0, seconds: 7 * Self.day)
        let readings = Readings(
            everything: [.init("persons", .news): usual], recent: [.init("persons", .news): usual])
        let pricing = Pricing(readings)
        #expect(pricing.newsPages(of: Self.persons.lists[0], seconds: Self.day) == 3)
        #expect(pricing.newsPages(of: Self.persons.lists[0], seconds: 100 * Self.day) == 15)
    }

    @Test func neverAtAnAllowanceThatLookingEats() {
        var situation = Self.situation(coveredDays: 11, tokens: 1000)
        let readings = Self.readings(rows: 10_000, seconds: 10 * Self.day)
        (situation.allowance.dailyTokens, situation.allowance.spentToday) = (15, 15)
        let forecast = Forecast(situation, readings)
        #expect(forecast.nextRun == .init(), "nothing fits today")
        #expect(forecast.days != nil, "history goes before looking, so it ends one day")
        (situation.allowance.dailyTokens, situation.allowance.spentToday) = (9, 0)
        #expect(Forecast(situation, readings).days == nil, "no page fits in any day")
    }

    @Test func aCeilingSlowsItsStreamDown() {
        var situation = Self.situation(coveredDays: 11, tokens: 10_000)
        let readings = Self.readings(rows: 10_000, seconds: 10 * Self.day)
        #expect(Forecast(situation, readings).days == 1)
        situation.allowance.ceilings = ["persons": 1000]
        let days = Forecast(situation, readings).days ?? 0
        #expect((9...10).contains(days), "\(days)")
        #expect(Forecast(situation, readings).nextRun.tokens == 1000)
    }
}
