import Testing

@testable import Planning

/// Lists that are read one page after another, beside lists that can be read in several places. What it brings over a
/// whole run is in RateTests.
@Suite struct ChainTests {
    private static let now = ModelLists.start + 10_010

    private static func interval(_ since: Int64, _ until: Int64) throws -> Interval {
        try #require(
            Interval(
                since: Instant(seconds: ModelLists.start + since), until: Instant(seconds: ModelLists.start + until)))
    }

    /// Deals and persons can be cut; products, with 50 pages left, and the longer notes, with 100, cannot. All of them
    /// have read ten pages, and wait for a place.
    private static func situation(tokens: Int) throws -> Situation {
        let notes = ModelLists.single("notes", 10, .since)
        var situation = ModelLists.situation(
            ModelLists.states(of: [ModelLists.deals, ModelLists.persons, ModelLists.products, notes]), now: now,
            tokens: tokens)
        situation.addLanes()
        for (name, covered) in [("deals", 5000), ("persons", 1000), ("products", 2000), ("notes", 1000)] {
            let index = try #require(situation.lists.firstIndex { $0.spec.name == name })
            let whole = try interval(0, 10_000)
            situation.lists[index].active = Walk(
                list: name, interval: whole, order: .descending, position: .cursor("x"),
                frontier: Instant(seconds: ModelLists.start + 10_000 - Int64(covered)), beganAt: whole.until)
            situation.lists[index].pagesThisRun = 10
            situation.lists[index].pace.pages = 10
            situation.lists[index].pace.seconds = Int64(covered)
            for lane in situation.lanes(of: index) {
                situation.lists[lane].covered = Coverage([try interval(10_000 - Int64(covered), 10_000)])
            }
        }
        situation.openPlaces = 1
        return situation
    }

    private static func asked(_ situation: Situation) -> [String] {
        if case .ask(let steps) = Planner.nextSteps(situation) { steps.map(\.request.list.name) } else { [] }
    }

    /// What they have left: deals 10 pages and their archive as many, persons 90, products 40, notes 90.
    @Test("The next place is the longest chain's, then the other's, then the turn's")
    func longestFirst() throws {
        var situation = try Self.situation(tokens: 10_000)
        #expect(Self.asked(situation) == ["notes"])
        situation.openPlaces = 4
        #expect(Self.asked(situation) == ["notes", "products", "deals", "persons"])
        // It has been read much more than its turn.
        for index in situation.lists.indices where situation.lists[index].spec.name == "notes" {
            situation.lists[index].pagesThisRun = 80
        }
        #expect(Self.asked(situation).first == "notes")
    }

    @Test("Where tokens are short of the history that is left, everybody has a turn")
    func tokensAreShared() throws {
        // 10 × (10 + 90 + 40 + 90) for what they have left, and 20 × 10 for the archive.
        let needed = 2500
        #expect(Self.asked(try Self.situation(tokens: needed)) == ["notes"])
        #expect(Self.asked(try Self.situation(tokens: needed - 1)) == ["deals"])
    }

    @Test("What was never read has a page before anybody's length is judged by")
    func unknownFirst() throws {
        var situation = try Self.situation(tokens: 10_000)
        let persons = try #require(situation.lists.firstIndex { $0.spec.name == "persons" })
        situation.lists[persons].pagesThisRun = 0
        situation.lists[persons].pace = ListState.Pace()
        #expect(Self.asked(situation) == ["persons"])
    }

    @Test("What is new goes before every chain")
    func newsFirst() throws {
        var situation = try Self.situation(tokens: 10_000)
        let fresh = ModelLists.states(
            of: [ModelLists.single("fresh", 10, .sinceAndUntil)],
            covered: ["fresh": Coverage([try Self.interval(0, 9000)])])
        situation.lists += fresh
        situation.openPlaces = 2
        #expect(Self.asked(situation) == ["fresh", "notes"])
    }

    @Test("Nothing is asked for without a place, and nothing is given up either")
    func noPlace() throws {
        var situation = try Self.situation(tokens: 10_000)
        situation.openPlaces = 0
        #expect(Planner.nextSteps(situation) == .wait)
        for index in situation.lists.indices { situation.lists[index].isOut = true }
        #expect(Planner.nextSteps(situation) == .done)
    }

    @Test("Requests are spread while a chain goes on, and only then")
    func spreading() throws {
        var situation = try Self.situation(tokens: 10_000)
        #expect(Planner.spreadsRequests(situation))
        for index in situation.lists.indices where situation.lists[index].isChain {
            situation.lists[index].active?.position = nil
            situation.lists[index].active?.frontier = nil
        }
        #expect(!Planner.spreadsRequests(situation), "a first page may be the only one")
        situation.lists.removeAll { $0.isChain }
        #expect(!Planner.spreadsRequests(situation) && !situation.lists.isEmpty)
    }
}
