import Testing

@testable import Planning

/// Who goes first, and that nobody is left out for ever. Cannot see what a page really brings.
@Suite struct RankTests {
    private static let now = ModelLists.start + 10_010
    private static let names = ["a", "b", "c"]

    private static func covered(_ since: Int64, _ until: Int64) -> Coverage {
        let interval = Interval(
            since: Instant(seconds: ModelLists.start + since), until: Instant(seconds: ModelLists.start + until))
        return Coverage([interval].compactMap { $0 })
    }

    private static func situation(
        _ streams: [StreamSpec], _ covered: [String: Coverage], tokens: Int
    ) -> Situation {
        ModelLists.situation(ModelLists.states(of: streams, covered: covered), now: now, tokens: tokens)
    }

    private static func asked(_ situation: Situation) -> [String] {
        if case .ask(let steps) = Planner.nextSteps(situation) { steps.map(\.request.list.name) } else { [] }
    }

    @Test func theKindDecides() {
        var fields = ModelLists.single("fields", 5, .none, timeToLive: 3600)
        fields.group = .metadata
        let streams = [
            ModelLists.single("old", 10, .sinceAndUntil), fields, ModelLists.single("new", 10, .sinceAndUntil),
        ]
        let covered = ["new": Self.covered(0, 9000), "old": Self.covered(5000, 10_000)]
        #expect(Self.asked(Self.situation(streams, covered, tokens: 1000)) == ["new", "fields", "old"])
        // Looking at everything costs 25 of 60 tokens: history goes first, and fields are part of it.
        #expect(Self.asked(Self.situation(streams, covered, tokens: 60)) == ["old", "fields", "new"])
        #expect(
            StepKind.allCases.sorted { $0.rank(isFreshCheap: true) < $1.rank(isFreshCheap: true) } == StepKind.allCases)
    }

    @Test func historyIsDealtOutInTurn() {
        var situation = Self.situation(Self.names.map { ModelLists.single($0, 10, .sinceAndUntil) }, [:], tokens: 1000)
        situation.concurrency = 1
        situation.lists[0].pagesThisRun = 1
        #expect(Self.asked(situation) == ["b"])
        situation.lists[1].pagesThisRun = 2
        situation.lists[2].pagesThisRun = 1
        #expect(Self.asked(situation) == ["a"])
    }

    /// The first reading of children takes turns with history; later ones go before it.
    @Test func childrenThatWereNeverReadAreHistory() throws {
        let deals = try #require(Catalogue.stream(named: "deals"))
        let flow = try #require(Catalogue.stream(named: "deal_flow"))
        let child = ListState(spec: flow.lists[0], stream: flow, predecessor: nil, purpose: .children)
        let states = ModelLists.states(
            of: [deals, ModelLists.single("old", 10, .sinceAndUntil)],
            covered: ["deals": Self.covered(0, 10_000), "deals/archived": Self.covered(0, 10_000)])
        var situation = ModelLists.situation(states + [child], now: Self.now, tokens: 10_000)
        situation.concurrency = 1
        var book = ChildBook()
        book.waiting = (1...3).map { ParentMark(key: .integer($0), seq: $0) }
        situation.children = ["deal_flow": book]
        let place = try #require(situation.lists.firstIndex { $0.purpose == .children })
        situation.lists[place].pagesThisRun = 1
        #expect(Self.asked(situation) == ["old"])
        situation.lists[place - 1].pagesThisRun = 2
        #expect(Self.asked(situation) == ["deal_flow"])
        situation.lists[place].pagesThisRun = 3
        situation.lists[place].covered = Self.covered(0, 10_000)
        #expect(Self.asked(situation) == ["deal_flow"])
    }

    /// One page a night for three lists: each of them gets one every third night, the dearest as well.
    @Test func aTinyAllowanceBeginsElsewhereInEveryRun() {
        let streams = [
            ModelLists.single("a", 10, .sinceAndUntil), ModelLists.single("dear", 40, .sinceAndUntil),
            ModelLists.single("b", 10, .sinceAndUntil),
        ]
        var first: [String] = []
        for run in 0..<6 {
            var situation = Self.situation(streams, [:], tokens: 40)
            situation.runNumber = run
            situation.concurrency = 1
            first += Self.asked(situation)
        }
        #expect(first == ["a", "dear", "b", "a", "dear", "b"])
    }

    /// Where not everything can be looked at, what was looked at longest ago goes first, so the end of the job's order
    /// has its day too.
    @Test func theLongestUnseenIsLookedAtFirst() {
        let streams = Self.names.map { ModelLists.single($0, 10, .sinceAndUntil) }
        let covered = ["a": Self.covered(0, 9000), "b": Self.covered(0, 7000), "c": Self.covered(0, 8000)]
        #expect(Self.asked(Self.situation(streams, covered, tokens: 20)) == ["b", "c"])
        #expect(Self.asked(Self.situation(streams, covered, tokens: 90)) == Self.names)
    }

    @Test func aShareIsNotExceededAndOthersGoOn() {
        var situation = Self.situation(Self.names.map { ModelLists.single($0, 10, .sinceAndUntil) }, [:], tokens: 1000)
        situation.allowance.ceilings = ["a": 25]
        #expect(Self.asked(situation) == Self.names)
        situation.allowance.spentByStream = ["a": 16]
        #expect(Self.asked(situation) == ["b", "c"])
        for index in [1, 2] { situation.lists[index].covered = Self.covered(0, 10_000) }
        #expect(Planner.nextSteps(situation) == .outOfAllowance)
        #expect(Planner.streamsAtTheirShare(in: situation) == ["a"])
        #expect(Planner.isAllRead(in: situation, exceptAtTheirShare: true) && !Planner.isAllRead(in: situation))
        situation.allowance.begin(day: "2026-11-24", DayLedger())
        #expect(Self.asked(situation) == ["a"])
    }

    /// A stream that waits for its share of tomorrow does not keep the others from being swept.
    @Test func sweepsDoNotWaitForAShare() throws {
        let persons = try #require(Catalogue.stream(named: "persons"))
        let swept = Catalogue.sweepLists(of: persons).map {
            ListState(spec: $0, stream: persons, predecessor: nil, purpose: .sweep(0))
        }
        let states = ModelLists.states(
            of: [ModelLists.single("a", 10, .sinceAndUntil), persons], covered: ["persons": Self.covered(0, 10_000)])
        var situation = ModelLists.situation(states + swept, now: Self.now, tokens: 1000)
        situation.window.sweepSeconds = 86_400
        #expect(Self.asked(situation) == ["a"])
        situation.allowance.ceilings = ["a": 5]
        #expect(Self.asked(situation) == ["persons (sweep)"])
    }
}
