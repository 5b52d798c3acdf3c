import TestSupport
import Testing

@testable import Planning

/// A list that is read in several places at once. PlannerModelTests shows that nothing is lost by it; this, that it
/// happens, and what it costs.
@Suite struct LaneTests {
    /// One list of `rows` rows spread over its time, and nothing else to do.
    private static func night(rows: Int, concurrency: Int, seed: UInt64) -> (ModelNight, [Int]) {
        var account = ModelAccount(now: ModelLists.start + 100_000)
        for row in 0..<rows { account.create(in: "persons", at: ModelLists.start + Int64(row * 90_000 / rows)) }
        var situation = ModelLists.situation(
            ModelLists.states(of: [ModelLists.persons]), now: account.now, tokens: 1_000_000, concurrency: concurrency)
        situation.addLanes()
        var night = ModelNight(account, ModelMemory(), situation, SeededRandom(seed: seed), label: "seed \(seed)")
        night.isRough = false
        #expect(night.run() == .done)
        return (night, night.mostOut)
    }

    /// Some pages in hand are being committed, so not all of them are out.
    @Test(arguments: [3, 4, 8])
    func aLongListIsReadInSeveralPlaces(concurrency: Int) {
        let seed = SeededRandom.seed(concurrency)
        let (night, out) = Self.night(rows: 1500, concurrency: concurrency, seed: seed)
        let pages = night.pagesAsked["persons"] ?? 0
        #expect(night.cuts > 0 && (out.max() ?? 0) > concurrency / 2, "seed \(seed): \(night.cuts) cuts")
        // A last page of its own for each part, and one for the list; a full last page may be followed by an empty one.
        #expect(pages <= 500 + 2 * night.cuts + 2, "seed \(seed): \(pages) pages, \(night.cuts) cuts")
        #expect(night.cuts * 100 <= 3 * pages, "seed \(seed): \(night.cuts) cuts of \(pages) pages")
    }

    @Test func aShortListIsNotCut() {
        let (night, _) = Self.night(rows: 150, concurrency: 4, seed: 1)
        #expect(night.cuts == 0)
    }

    /// The records of the last minute promise a hundred thousand pages, and older time is empty: cuts stay few.
    @Test func aPaceThatDeceivesIsNotBelievedForLong() {
        var account = ModelAccount(now: ModelLists.start + 10_000_000)
        for row in 0..<900 { account.create(in: "persons", at: account.now - 1000 + Int64(row)) }
        var situation = ModelLists.situation(
            ModelLists.states(of: [ModelLists.persons]), now: account.now, tokens: 1_000_000)
        situation.addLanes()
        var night = ModelNight(account, ModelMemory(), situation, SeededRandom(seed: 3), label: "")
        night.isRough = false
        #expect(night.run() == .done)
        let pages = night.pagesAsked["persons"] ?? 0
        #expect(night.cuts > 0 && night.cuts * 100 <= 3 * pages, "\(night.cuts) cuts of \(pages) pages")
    }

    @Test func aWalkThatWasCutKeepsToItsPart() throws {
        func interval(_ since: Int64, _ until: Int64) -> Interval? {
            Interval(
                since: Instant(seconds: ModelLists.start + since), until: Instant(seconds: ModelLists.start + until))
        }
        // A run was killed after the lower part had come down to 3000, and before the upper one was remembered as cut.
        let whole = Walk(
            list: "persons", interval: interval(0, 9000), order: .descending, position: .cursor("x"),
            frontier: Instant(seconds: ModelLists.start + 8000), beganAt: Instant(seconds: ModelLists.start))
        let lower = Walk(
            list: "persons", interval: interval(0, 5000), order: .descending, position: .cursor("y"),
            frontier: Instant(seconds: ModelLists.start + 3000), beganAt: Instant(seconds: ModelLists.start))
        var states = ModelLists.states(of: [ModelLists.persons])
        states[0].covered = Coverage([interval(8001, 9990), interval(3001, 5000)].compactMap { $0 })
        states[0].begunWalks = [whole, lower]
        var situation = ModelLists.situation(states, now: ModelLists.start + 10_000, tokens: 1000)
        situation.addLanes()
        guard case .ask(let first) = Planner.nextSteps(situation), let step = first.first else {
            Issue.record("nothing is asked for")
            return
        }
        #expect(step.walk.interval == interval(5000, 8001) && step.begun == whole && step.request.position == nil)
        _ = situation.begin(step)
        guard case .ask(let second) = Planner.nextSteps(situation), let next = second.first else {
            Issue.record("the lower part waits")
            return
        }
        #expect(next.walk == lower && next.begun == lower && next.list != step.list)
    }
}
