import GRDB
import Planning

/// What a group of pages adds to the coverage. An interval of a stream is covered when all its lists are done.
struct CoverageChange {
    /// After the change, by list.
    var lists: [String: Coverage]
    private var changedLists: Set<String> = []
    private var streams: [String: Coverage] = [:]
    private var finished: [(stream: String, interval: Interval)] = []

    init(lists: [String: Coverage]) { self.lists = lists }

    mutating func add(_ interval: Interval, to list: ListSpec, of stream: StreamSpec) {
        let before = stream.coverage(of: lists)
        lists[list.name, default: Coverage()].add(interval)
        changedLists.insert(list.name)
        let whole = stream.coverage(of: lists)
        streams[stream.name] = whole
        // A list that vouches for longer than it was read for may end what another one was read for before.
        var done = whole.intersection(Coverage([interval]))
        for part in whole.intervals.flatMap(before.gaps) { done.add(part) }
        for part in done.intervals { finished.append((stream.name, part)) }
    }

    /// No parent of a child stream is left to be read: it is done as far as they are.
    mutating func addCovered(_ child: StreamSpec) {
        guard let list = child.lists.first, let parent = child.parent.flatMap({ Catalogue.stream(named: $0.stream) })
        else { return }
        let done = lists[list.name] ?? Coverage()
        for interval in parent.coverage(of: lists).intervals.flatMap(done.gaps) { add(interval, to: list, of: child) }
    }

    func save(in db: Database, run: Int64) throws {
        for list in changedLists {
            try Index.setCoverage("list_coverage", "list", list, lists[list] ?? Coverage(), in: db)
        }
        for (stream, coverage) in streams {
            try Index.setCoverage("stream_coverage", "stream", stream, coverage, in: db)
        }
        for (stream, interval) in finished { try Index.addCoverage(interval, of: stream, to: run, in: db) }
    }
}
