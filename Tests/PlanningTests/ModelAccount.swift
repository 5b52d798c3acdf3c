import TestSupport

@testable import Planning

/// An account as plain values: records with update times, and lists that show them in pages. Its cursors are
/// keys (time and id of the last row), as Pipedrive's are; under a cursor that counts rows, an edit between two
/// pages would hide a row, and no walk could see it.
struct ModelAccount {
    struct Row: Hashable {
        var id: Int
        var time: Int64
        var version: Int
    }

    /// By list name, then by id.
    var rows: [String: [Int: Row]] = [:]
    var now: Int64
    private var nextID = 1

    init(now: Int64) { self.now = now }

    mutating func create(in list: String, at time: Int64) {
        rows[list, default: [:]][nextID] = Row(id: nextID, time: time, version: 1)
        nextID += 1
    }

    /// Edits a record now; it may move to the other list of its stream, as an archived deal does.
    mutating func edit(in list: String, movingTo other: String?, using random: inout SeededRandom) {
        let ids = (rows[list] ?? [:]).keys.sorted()
        guard let id = ids.randomElement(using: &random), var row = rows[list]?.removeValue(forKey: id) else { return }
        row.time = now
        row.version += 1
        rows[other ?? list, default: [:]][id] = row
    }

    mutating func delete(in list: String, using random: inout SeededRandom) {
        let ids = (rows[list] ?? [:]).keys.sorted()
        if let id = ids.randomElement(using: &random) { rows[list]?.removeValue(forKey: id) }
    }

    /// One page, and where the list goes on. A full last page may or may not come with a cursor.
    func page(_ request: PageRequest, using random: inout SeededRandom) -> (rows: [Row], next: PagePosition?) {
        let isFalling = request.direction == .descending
        let isWhole = request.list.timeFilter == .none
        func isBefore(_ a: Row, _ b: Row) -> Bool {
            let (x, y) = isWhole ? ((0, a.id), (0, b.id)) : ((a.time, a.id), (b.time, b.id))
            return isFalling ? x > y : x < y
        }
        var rest = (rows[request.list.name] ?? [:]).values.filter { row in
            row.time >= request.since?.seconds ?? .min && row.time < request.until?.seconds ?? .max
        }.sorted(by: isBefore)
        if case .cursor(let text) = request.position {
            let parts = text.split(separator: ":").compactMap { Int($0) }
            let last = Row(id: parts[1], time: Int64(parts[0]), version: 0)
            rest = rest.filter { isBefore(last, $0) }
        }
        if request.list.paging == .none { return (rest, nil) }
        let page = Array(rest.prefix(request.list.pageLimit))
        let isCut = page.count < rest.count || (!page.isEmpty && Int.random(in: 0..<4, using: &random) == 0)
        guard isCut, let last = page.last else { return (page, nil) }
        return (page, .cursor("\(last.time):\(last.id)"))
    }
}

/// The lists of the model: one of every kind.
enum ModelLists {
    static let start: Int64 = 1_000_000
    static let pageLimit = 3

    static let deals = StreamSpec(
        name: "deals", group: .core,
        lists: [list("deals", 10, .sinceAndUntil), list("deals/archived", 20, .sinceAndUntil)], keyMember: "id",
        updateTimeMember: "update_time", timeToLiveSeconds: nil)
    static let persons = single("persons", 10, .sinceAndUntil)
    static let products = single("products", 10, .since)
    static let pipelines = single("pipelines", 5, .none, timeToLive: 3600)

    static let users = single("users", 20, .none, timeToLive: 3600, paging: .none)

    static func list(_ name: String, _ price: Int, _ filter: TimeFilter, _ paging: Paging = .cursor) -> ListSpec {
        ListSpec(
            name: name, path: "/" + name, priceTokens: price, paging: paging, pageLimit: pageLimit, timeFilter: filter)
    }

    static func single(
        _ name: String, _ price: Int, _ filter: TimeFilter, timeToLive: Int64? = nil, paging: Paging = .cursor
    ) -> StreamSpec {
        StreamSpec(
            name: name, group: .core, lists: [list(name, price, filter, paging)], keyMember: "id",
            updateTimeMember: "update_time", timeToLiveSeconds: timeToLive)
    }

    static func states(
        of streams: [StreamSpec], covered: [String: Coverage] = [:], walks: [String: Walk] = [:]
    ) -> [ListState] {
        var states: [ListState] = []
        for stream in streams {
            for (place, spec) in stream.lists.enumerated() {
                states.append(
                    ListState(
                        spec: spec, stream: stream, predecessor: place == 0 ? nil : states.count - 1,
                        covered: covered[spec.name] ?? Coverage(), begunWalks: walks[spec.name].map { [$0] } ?? []))
            }
        }
        return states
    }

    static func situation(
        _ states: [ListState], now: Int64, overlap: Int64 = 0, tokens: Int, concurrency: Int = 4,
        mustAskAlone: Bool = false
    ) -> Situation {
        let window = Job.Window(
            start: Instant(seconds: start), lagSeconds: 10, overlapSeconds: overlap, sweepSeconds: 0)
        let allowance = Allowance(day: "2026-11-23", dailyTokens: tokens, keepFree: .tokens(0))
        return Situation(
            lists: states, window: window, bound: Instant(seconds: now - 10), serverNow: Instant(seconds: now),
            allowance: allowance, mustAskAlone: mustAskAlone, concurrency: concurrency)
    }
}
