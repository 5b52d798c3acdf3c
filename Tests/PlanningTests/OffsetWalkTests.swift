import TestSupport
import Testing

@testable import Planning

/// Lists paged by offset, read page by page while somebody edits, creates and deletes rows between any two pages.
/// The list is a model: it cannot show where Pipedrive's offsets behave otherwise.
@Suite struct OffsetWalkTests {
    private static let walks = 1000

    /// Every row that was there all the time, unchanged, has to be met.
    private func read(_ filter: TimeFilter, manyInOneSecond: Bool = false) throws {
        var goneBack = 0
        for seed in 0..<UInt64(Self.walks) {
            var random = SeededRandom(seed: seed)
            var list = ShiftingList(manyInOneSecond: manyInOneSecond, using: &random)
            var reader = OffsetReader(filter)
            let before = list.rows
            while let request = reader.request {
                reader.take(list.page(request))
                list.change(using: &random, isSorted: filter != .none)
            }
            let after = Set(list.rows)
            for row in before where after.contains(row) {
                #expect(reader.seen.contains(row), "seed \(seed): row \(row.id) of second \(row.time) was lost")
            }
            goneBack += reader.goneBack
        }
        // A seam that never tears would mean that the test shows nothing.
        #expect(goneBack > 0)
    }

    @Test func walksByKeyLoseNothing() throws { try read(.since, manyInOneSecond: true) }

    @Test func walksFromTheNewestLoseNothing() throws { try read(.newestFirst) }

    @Test func walksWithinOneSecondFromTheNewest() throws { try read(.newestFirst, manyInOneSecond: true) }

    @Test func wholeListsLoseNothing() throws { try read(.none) }

    /// Rows go at the top, between any two pages, of a list that stands in one second.
    @Test(arguments: [TimeFilter.since, .newestFirst], [3, 8, 15])
    func rowsThatGoDeepInOneSecond(filter: TimeFilter, count: Int) {
        var list = ShiftingList(rowsInOneSecond: 1200)
        var reader = OffsetReader(filter)
        var requests = 0
        while let request = reader.request, requests < 200 {
            reader.take(list.page(request))
            list.removeFirst(count, direction: request.direction)
            requests += 1
        }
        #expect(reader.request == nil && Set(list.rows).isSubset(of: reader.seen))
        #expect(reader.goneBack > 0 && requests < 1200 / 10, "\(requests) requests, \(reader.goneBack) times back")
    }

    /// What was changed since the walk began is not its to meet: nothing has to join on up there.
    @Test func aboveTheWindowNothingHasToJoinOn() {
        let list = OffsetReader.spec(.newestFirst)
        let interval = Interval(since: Instant(seconds: 0), until: Instant(seconds: 100))
        var walk = Walk(list: list.name, interval: interval, order: .descending, beganAt: Instant(seconds: 200))
        (walk.position, walk.frontier) = (.start(40), Instant(seconds: 150))
        func joins(_ second: Int64) -> Bool {
            let row = RecordSlice(bytes: 0..<0, key: .integer(1), updateTime: UpdateTime(seconds: second))
            return walk.joins(Page(body: [], records: [row], next: nil), of: list) { _ in false }
        }
        #expect(joins(150) && joins(100) && !joins(99))
        walk.frontier = Instant(seconds: 50)
        #expect(joins(51) && !joins(50))
        walk.seam = [.integer(1)]
        #expect(joins(50) && !joins(49), "a row that stands elsewhere now proves nothing")
    }

    @Test func historyIsCutFromTheTop() throws {
        let day: Int64 = 86_400
        var gap = try #require(Interval(since: Instant(seconds: 0), until: Instant(seconds: 4000 * day)))
        let top = gap.until
        var days: [Int64] = []
        while true {
            let window = Planner.cut(gap, top: top)
            days.append(window.lengthSeconds / day)
            guard let rest = Interval(since: gap.since, until: window.since) else { break }
            gap = rest
        }
        #expect(days == [30, 90, 360, 1440, 2080])
    }

    @Test func listsThatDoNotTellTheirEnd() {
        var list = OffsetReader.spec(.none)
        let walk = Walk(list: list.name, interval: nil, order: .unordered, beganAt: Instant(seconds: 0))
        #expect(list.nextPosition(after: walk, rowCount: 20, times: [], told: nil) == nil)
        list.endsSilently = true
        #expect(list.nextPosition(after: walk, rowCount: 20, times: [], told: nil) == .start(18))
        #expect(list.nextPosition(after: walk, rowCount: 19, times: [], told: nil) == nil)
    }
}
