import TestSupport

@testable import Planning

/// Rows that somebody changes while they are read: an edited row gets the present second, a new one too.
struct ShiftingList {
    struct Row: Hashable {
        var id: Int64
        var time: Int64
    }

    static let now: Int64 = 10_000
    private(set) var rows: [Row] = []
    private var nextID: Int64 = 1
    private var clock = ShiftingList.now

    init(manyInOneSecond: Bool, using random: inout SeededRandom) {
        let count = Int.random(in: 0...150, using: &random)
        for _ in 0..<count {
            let isCrowded = manyInOneSecond && Int.random(in: 0..<4, using: &random) > 0
            rows.append(Row(id: nextID, time: isCrowded ? 5000 : Int64.random(in: 1000..<Self.now, using: &random)))
            nextID += 1
        }
    }

    init(rowsInOneSecond count: Int) { rows = (1...Int64(count)).map { Row(id: $0, time: 5000) } }

    /// The first rows of the list as it is sorted go.
    mutating func removeFirst(_ count: Int, direction: WalkDirection?) {
        rows = direction == .descending ? rows.dropLast(count) : Array(rows.dropFirst(count))
    }

    /// - Parameter isSorted: edited rows move, so there may be any number of them.
    mutating func change(using random: inout SeededRandom, isSorted: Bool) {
        clock += 1
        // Now and then the walk goes on another night.
        let isAnotherNight = Int.random(in: 0..<10, using: &random) == 0
        for _ in 0..<Int.random(in: 0...(isAnotherNight ? 60 : 3), using: &random) where !rows.isEmpty {
            let place = Int.random(in: rows.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1: rows.remove(at: place)
            case 2: rows[place].time = clock
            default:
                rows.append(Row(id: nextID, time: clock))
                nextID += 1
            }
        }
    }

    func page(_ request: PageRequest) -> (rows: [Row], hasMore: Bool) {
        var sorted = rows
        switch request.direction {
        case .ascending: sorted.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        case .descending: sorted.sort { ($0.time, $0.id) > ($1.time, $1.id) }
        case nil: break
        }
        if let since = request.since { sorted.removeAll { $0.time < since.seconds } }
        let start = if case .start(let start) = request.position { start } else { 0 }
        let page = Array(sorted.dropFirst(start).prefix(request.list.pageLimit))
        return (page, start + page.count < sorted.count)
    }
}

/// What the extraction does with the pages of an offset list, and nothing else of it.
struct OffsetReader {
    static func spec(_ filter: TimeFilter) -> ListSpec {
        ListSpec(
            name: "notes", path: "/v1/notes", priceTokens: 20, paging: .offset, pageLimit: 20, timeFilter: filter)
    }

    let list: ListSpec
    private(set) var seen: Set<ShiftingList.Row> = []
    private(set) var goneBack = 0
    private var walk: Walk?

    init(_ filter: TimeFilter) {
        list = Self.spec(filter)
        let interval = Interval(since: Instant(seconds: 0), until: Instant(seconds: ShiftingList.now))
        walk = Walk(
            list: list.name, interval: filter == .none ? nil : interval,
            order: filter == .since ? .ascending : filter == .none ? .unordered : .descending,
            beganAt: Instant(seconds: ShiftingList.now))
    }

    /// Nil when the walk has come to its end.
    var request: PageRequest? { walk.map { $0.nextRequest(of: list) } }

    mutating func take(_ answer: (rows: [ShiftingList.Row], hasMore: Bool)) {
        guard let walk else { return }
        var page = Page(
            body: [],
            records: answer.rows.map {
                RecordSlice(bytes: 0..<0, key: .integer($0.id), updateTime: UpdateTime(seconds: $0.time))
            }, next: answer.hasMore ? .start(1) : nil)
        let ids = Set(seen.map(\.id))
        guard walk.joins(page, of: list, hasShown: { ids.contains(Int64($0.description) ?? 0) }) else {
            self.walk = walk.goneBack(in: list)
            goneBack += 1
            return
        }
        page.next = list.nextPosition(
            after: walk, rowCount: page.records.count, times: walk.seconds(of: page, in: list), told: page.next)
        seen.formUnion(answer.rows)
        let after = walk.advanced(past: page, of: list)
        self.walk = after.isFinished ? nil : after
    }
}
