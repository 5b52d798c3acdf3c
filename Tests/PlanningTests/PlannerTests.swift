import Testing

@testable import Planning

/// Single decisions. Cannot see how decisions add up over a night; PlannerModelTests does.
@Suite struct PlannerTests {
    private static let start = ModelLists.start
    private static let bound = start + 10_000
    private static let now = bound + 10

    private static func span(_ since: Int64, _ until: Int64) -> Interval {
        let since = Instant(seconds: start + since)
        return Interval(since: since, until: Instant(seconds: start + until))
            ?? Interval(since: since, until: since + 1) ?? Coverage().intervals[0]
    }

    private static func situation(
        _ streams: [StreamSpec], covered: [String: Coverage] = [:], walks: [String: Walk] = [:], overlap: Int64 = 0,
        tokens: Int = 100_000
    ) -> Situation {
        ModelLists.situation(
            ModelLists.states(of: streams, covered: covered, walks: walks), now: now, overlap: overlap, tokens: tokens)
    }

    private static func steps(_ situation: Situation) -> [Step] {
        if case .ask(let steps) = Planner.nextSteps(situation) { steps } else { [] }
    }

    @Test func beginsWithTheWholeWindow() throws {
        let step = try #require(Self.steps(Self.situation([ModelLists.persons])).first)
        #expect(step.walk.interval == Self.span(0, 10_000) && step.walk.order == .descending)
        #expect(step.request.direction == .descending && step.request.position == nil)
        #expect(step.request.since?.seconds == Self.start && step.request.until?.seconds == Self.bound)
    }

    @Test func sendsNoUpperBoundWhereThereIsNone() throws {
        let step = try #require(Self.steps(Self.situation([ModelLists.products])).first)
        #expect(step.request.until == nil && step.request.direction == .descending)
        let whole = try #require(Self.steps(Self.situation([ModelLists.pipelines])).first)
        #expect(whole.request.since == nil && whole.request.until == nil && whole.request.direction == nil)
    }

    @Test func newestGapFirst() throws {
        let covered = ["persons": Coverage([Self.span(2000, 3000), Self.span(5000, 6000)])]
        let first = try #require(Self.steps(Self.situation([ModelLists.persons], covered: covered, overlap: 50)).first)
        #expect(first.walk.interval == Self.span(5950, 10_000), "the newest reaches back over what was covered")
        var next = covered
        next["persons"]?.add(Self.span(6000, 10_000))
        let second = try #require(Self.steps(Self.situation([ModelLists.persons], covered: next, overlap: 50)).first)
        #expect(second.walk.interval == Self.span(3000, 5000), "history has no overlap")
        next["persons"]?.add(Self.span(3000, 5000))
        let third = try #require(Self.steps(Self.situation([ModelLists.persons], covered: next, overlap: 50)).first)
        #expect(third.walk.interval == Self.span(0, 2000))
        next["persons"]?.add(Self.span(0, 2000))
        #expect(Planner.nextSteps(Self.situation([ModelLists.persons], covered: next)) == .done)
    }

    @Test func theOverlapStopsAtTheStart() throws {
        let covered = ["persons": Coverage([Self.span(0, 9000)])]
        let step = try #require(
            Self.steps(Self.situation([ModelLists.persons], covered: covered, overlap: 1_000_000)).first)
        #expect(step.walk.interval == Self.span(0, 10_000))
    }

    /// A list without an upper filter is read from above only at the very top.
    @Test func historyWithoutAnUpperFilterComesFromBelow() throws {
        let covered = ["products": Coverage([Self.span(4000, 10_000)])]
        let step = try #require(Self.steps(Self.situation([ModelLists.products], covered: covered)).first)
        #expect(step.walk.interval == Self.span(0, 4000) && step.request.direction == .ascending)
    }

    @Test func goesOnWithTheWalkThatWasBegun() throws {
        var walk = Walk(
            list: "persons", interval: Self.span(0, 8000), order: .descending, beganAt: Instant(seconds: Self.start))
        walk.position = .cursor("x")
        walk.frontier = Instant(seconds: Self.start + 5000)
        let covered = ["persons": Coverage([Self.span(5001, 10_000)])]
        let step = try #require(
            Self.steps(Self.situation([ModelLists.persons], covered: covered, walks: ["persons": walk])).first)
        #expect(step.walk == walk && step.request.position == .cursor("x") && step.kind == .history)
        #expect(step.request.since == walk.interval?.since && step.request.until == walk.interval?.until)
    }

    @Test func theArchiveIsReadBehindTheLiveList() throws {
        func lists(_ covered: [String: Coverage]) -> [String] {
            Self.steps(Self.situation([ModelLists.deals], covered: covered)).map(\.request.list.name)
        }
        #expect(lists([:]) == ["deals"])
        #expect(lists(["deals": Coverage([Self.span(500, 10_000)])]) == ["deals"], "the live list has not come down")
        #expect(lists(["deals": Coverage([Self.span(0, 10_000)])]) == ["deals/archived"])
        let older = Coverage([Self.span(0, 7000)])
        #expect(lists(["deals": older, "deals/archived": older]) == ["deals"])
        var half = older
        half.add(Self.span(9000, 10_000))
        #expect(lists(["deals": half, "deals/archived": older]) == ["deals"])
    }

    @Test func asksAloneUntilTheServerHasAnswered() {
        var situation = Self.situation([ModelLists.persons, ModelLists.products, ModelLists.pipelines])
        #expect(Self.steps(situation).count == 3)
        situation.mustAskAlone = true
        #expect(Self.steps(situation).count == 1)
        situation.lists[0].isAsking = true
        situation.lists[0].pagesInHand = 1
        #expect(Planner.nextSteps(situation) == .wait)
    }

    @Test func keepsToTheAllowance() {
        let streams = [ModelLists.persons, ModelLists.products, ModelLists.pipelines]
        #expect(Self.steps(Self.situation(streams, tokens: 25)).map(\.request.priceTokens).reduce(0, +) == 25)
        #expect(Self.steps(Self.situation(streams, tokens: 9)).map(\.request.list.name) == ["pipelines"])
        #expect(Planner.nextSteps(Self.situation(streams, tokens: 4)) == .outOfAllowance)
        var waiting = Self.situation(streams, tokens: 4)
        waiting.lists[0].isAsking = true
        waiting.lists[0].pagesInHand = 1
        #expect(Planner.nextSteps(waiting) == .wait, "what is out is waited for")
    }

    @Test func keepsToTheConcurrency() {
        var situation = Self.situation([ModelLists.persons, ModelLists.products, ModelLists.pipelines])
        situation.concurrency = 2
        #expect(Self.steps(situation).count == 2)
        situation.lists[2].pagesInHand = 1
        situation.lists[2].isAsking = true
        #expect(Self.steps(situation).count == 1)
    }

    @Test func leavesOutWhatIsOut() {
        var situation = Self.situation([ModelLists.persons, ModelLists.deals])
        situation.lists[1].isOut = true
        #expect(Self.steps(situation).map(\.list) == [0], "the archive does not go on without the live list")
        situation.lists[0].isOut = true
        #expect(Planner.nextSteps(situation) == .done)
        #expect(!Planner.isComplete(0, in: situation))
    }

    @Test func wholeListsByTheirAge() {
        func decision(age: Int64) -> Decision {
            let covered = ["pipelines": Coverage([Self.span(0, 10_010 - age)])]
            return Planner.nextSteps(Self.situation([ModelLists.pipelines], covered: covered))
        }
        #expect(decision(age: 3599) == .done)
        #expect(decision(age: 3600) != .done)
    }

    @Test func aStartMovedBackNeedsAnotherListing() {
        let copy = Self.span(100, 10_000)
        var situation = Self.situation([ModelLists.pipelines], covered: ["pipelines": Coverage([copy])])
        situation.window.start = copy.since
        #expect(Planner.nextSteps(situation) == .done)
        situation.window.start = copy.since - 1
        #expect(Planner.nextSteps(situation) != .done)
    }

    @Test func nothingToDoBeforeTheStart() {
        var situation = Self.situation([ModelLists.persons])
        situation.bound = situation.window.start
        #expect(Planner.nextSteps(situation) == .done && Planner.isComplete(0, in: situation))
        var whole = Self.situation([ModelLists.pipelines])
        whole.window.start = whole.serverNow
        #expect(Planner.nextSteps(whole) == .done, "it would be listed again and again")
    }
}
