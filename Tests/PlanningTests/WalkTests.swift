import TestSupport
import Testing

@testable import Planning

/// What a walk vouches for after each page. Cannot see a server that leaves rows out of a page.
@Suite struct WalkTests {
    static func at(_ seconds: Int64) -> Instant { Instant(seconds: seconds) }
    static func span(_ since: Int64, _ until: Int64) -> Interval? { Interval(since: at(since), until: at(until)) }

    private static func walk(_ order: Walk.Order, _ since: Int64 = 100, _ until: Int64 = 200) -> Walk {
        Walk(list: "deals", interval: span(since, until), order: order, beganAt: at(1000))
    }

    private static func page(_ walk: Walk, _ times: [Int64], next: String? = "c") -> Walk {
        walk.advanced(past: times.map(at), to: next.map { .cursor($0) })
    }

    @Test func downwards() {
        let fresh = Self.walk(.descending)
        #expect(fresh.covered == nil && fresh.remaining == fresh.interval)
        let next = Self.page(fresh, [199, 150, 150, 140])
        #expect(next.order == .descending && next.position == .cursor("c") && next.frontier == Self.at(140))
        #expect(next.covered == Self.span(141, 200) && next.remaining == Self.span(100, 141))
        #expect(!next.isFinished)
        #expect(Self.page(next, [99]).isFinished, "the last row lies below what was wanted")
        #expect(Self.page(next, [120], next: nil).isFinished)
    }

    @Test func upwards() {
        let next = Self.page(Self.walk(.ascending), [100, 120, 120, 160])
        #expect(next.order == .ascending)
        #expect(next.covered == Self.span(100, 160) && next.remaining == Self.span(160, 200))
        #expect(!next.isFinished)
        #expect(!Self.page(next, [199]).isFinished)
        let beyond = Self.page(next, [160, 200])
        #expect(beyond.isFinished && beyond.remaining == nil && beyond.covered == Self.span(100, 200))
    }

    /// Rows of one second may fill many pages: that second is vouched for only when the walk has left it.
    @Test(arguments: [Walk.Order.ascending, .descending])
    func tiesOverManyPages(order: Walk.Order) {
        var walk = Self.walk(order)
        for _ in 0..<3 {
            walk = Self.page(walk, [150, 150, 150])
            #expect(walk.order == order && !walk.isFinished)
            #expect(walk.covered?.contains(Self.at(150)) == false)
            #expect(walk.remaining?.contains(Self.at(150)) == true)
        }
    }

    @Test func theFirstSecondOfTheInterval() {
        #expect(Self.page(Self.walk(.ascending), [100]).covered == nil)
        let bottom = Self.page(Self.walk(.descending), [100])
        #expect(bottom.covered == Self.span(101, 200) && !bottom.isFinished)
    }

    /// A list without an upper filter begins above the bound, where nothing was asked for.
    @Test func rowsAboveTheInterval() {
        let above = Self.page(Self.walk(.descending), [260, 230])
        #expect(above.covered == nil && above.remaining == Self.span(100, 200) && !above.isFinished)
        #expect(Self.page(above, [210, 180]).covered == Self.span(181, 200))
    }

    @Test func serversThatSortOtherwise() {
        let turned = Self.page(Self.walk(.descending), [110, 120])
        #expect(turned.order == .ascending && turned.covered == Self.span(100, 120))
        let turnedDown = Self.page(Self.walk(.ascending), [190, 170])
        #expect(turnedDown.order == .descending && turnedDown.covered == Self.span(171, 200))
        let unordered = Self.page(Self.walk(.descending), [150, 170, 120])
        #expect(unordered.order == .unordered && unordered.covered == nil && unordered.remaining == Self.span(100, 200))
        #expect(!unordered.isFinished)
        #expect(Self.page(unordered, [], next: nil).isFinished)
    }

    /// One row elsewhere than the others is no other order, which would vouch for what was not shown yet.
    @Test(arguments: [Walk.Order.ascending, .descending])
    func oneRowTurnsNoOrder(order: Walk.Order) {
        let elsewhere: Int64 = order == .descending ? 190 : 110
        let next = Self.page(Self.walk(order), [150, 150, 150, elsewhere])
        #expect(next.order == .unordered && next.covered == nil && !next.isFinished)
    }

    @Test func orderThatBreaksBetweenPages() {
        let down = Self.page(Self.walk(.descending), [180, 160])
        #expect(Self.page(down, [170, 150]).order == .unordered)
        #expect(Self.page(down, [170, 175]).order == .unordered)
        let up = Self.page(Self.walk(.ascending), [120, 140])
        #expect(Self.page(up, [130, 150]).order == .unordered)
    }

    @Test func pagesWithoutTimes() {
        let down = Self.page(Self.walk(.descending), [180, 160])
        let empty = Self.page(down, [])
        #expect(empty.frontier == Self.at(160) && empty.covered == down.covered && !empty.isFinished)
        #expect(Self.page(down, [], next: nil).isFinished)
    }

    @Test func goesOnFromTheLastKey() {
        let down = Self.page(Self.walk(.descending), [180, 160]).restarted(hasUpperFilter: true)
        #expect(down.position == nil && down.frontier == nil && down.order == .descending)
        #expect(down.interval == Self.span(100, 161), "inclusive of the last row's second")
        let up = Self.page(Self.walk(.ascending), [120, 140]).restarted(hasUpperFilter: true)
        #expect(up.interval == Self.span(140, 200) && up.order == .ascending)
        let unordered = Self.page(Self.walk(.descending), [150, 170, 120]).restarted(hasUpperFilter: true)
        #expect(unordered.interval == Self.span(100, 200) && unordered.order == .descending)
    }

    /// Without an upper filter the middle cannot be reached from above.
    @Test func goesOnFromBelow() {
        let list = Self.page(Self.walk(.descending), [180, 160]).restarted(hasUpperFilter: false)
        #expect(list.interval == Self.span(100, 161) && list.order == .ascending)
        #expect(Self.walk(.descending).restarted(hasUpperFilter: false).order == .descending)
    }

    @Test func wholeLists() {
        let whole = Walk(list: "users", interval: nil, order: .unordered, beganAt: Self.at(5))
        let next = Self.page(whole, [3, 1, 2])
        #expect(next.covered == nil && next.remaining == nil && !next.isFinished && next.order == .unordered)
        #expect(Self.page(next, [], next: nil).isFinished)
        #expect(next.restarted(hasUpperFilter: false).beganAt == Self.at(5))
    }

    /// Whatever is covered and whatever remains are the interval together, and do not overlap.
    @Test func coveredAndRemainingAreTheWhole() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var walk = Self.walk([.ascending, .descending].randomElement(using: &random) ?? .descending)
            for _ in 0..<6 {
                let rows = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    Int64.random(in: 90...210, using: &random)
                }
                let isSorted = Int.random(in: 0..<5, using: &random) > 0
                walk = Self.page(walk, isSorted ? rows.sorted { walk.order == .ascending ? $0 < $1 : $0 > $1 } : rows)
                let parts = [walk.covered, walk.remaining].compactMap { $0 }
                let whole = try #require(walk.interval)
                #expect(Coverage(parts).covers(whole), "seed \(seed)")
                #expect(parts.reduce(0) { $0 + $1.lengthSeconds } == whole.lengthSeconds, "seed \(seed)")
            }
        }
    }
}
