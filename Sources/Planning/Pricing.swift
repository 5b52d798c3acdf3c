/// What reading will cost, from what has been read: pages are whole numbers, and a window costs one at least.
package struct Pricing: Sendable {
    let readings: Readings

    package init(_ readings: Readings) { self.readings = readings }

    /// Nothing of the list was ever read, so that one page stands for all that may come.
    func isGuess(_ list: ListSpec) -> Bool {
        StepKind.allCases.allSatisfy { readings.all(list, $0).pages == 0 }
    }

    /// A look at what changed in so many seconds.
    func newsPages(of list: ListSpec, seconds: Int64) -> Int {
        let recent = readings.recent(list, .news)
        let usualSeconds = recent.ends > 0 ? Double(recent.seconds) / Double(recent.ends) : 0
        // A window as long as usual brings as many pages as usual, whatever they are made of.
        if recent.ends >= Self.leastLooks, abs(Double(seconds) - usualSeconds) <= usualSeconds * Self.usualDeviation {
            return max(1, Int((Double(recent.pages) / Double(recent.ends)).rounded()))
        }
        let learnt = recent.seconds > 0 ? recent : readings.windowed(list)
        guard learnt.seconds > 0 else { return 1 }
        let rows = Double(learnt.rows) / Double(learnt.seconds) * Double(seconds)
        return Int(rows / rowsPerPage(list)) + 1
    }

    private static let leastLooks = 2
    private static let usualDeviation = 0.25

    /// Time that was never read. Older time mostly holds fewer records than what was read of it so far, and never more
    /// than there are keys that were not met.
    func historyPages(of list: ListState, gaps: [Interval]) -> Int {
        let learnt = readings.windowed(list.spec)
        guard learnt.seconds > 0, !gaps.isEmpty else { return gaps.count }
        let seconds = gaps.reduce(0) { $0 + $1.lengthSeconds }
        var rows = Double(learnt.rows) / Double(learnt.seconds) * Double(seconds)
        if let unmet = unmetKeys(of: list) { rows = min(rows, unmet) }
        return Int((rows / rowsPerPage(list.spec)).rounded(.up)) + gaps.count - 1
    }

    /// Records that time which was never read may hold, by what was read so far.
    func records(of list: ListSpec, in gaps: [Interval]) -> Int {
        let learnt = readings.windowed(list)
        guard learnt.seconds > 0 else { return 0 }
        let seconds = gaps.reduce(0) { $0 + $1.lengthSeconds }
        return Int((Double(learnt.rows) / Double(learnt.seconds) * Double(seconds)).rounded())
    }

    /// How many keys up to the greatest were not met; of two lists of one stream each has the part that it had so far.
    private func unmetKeys(of list: ListState) -> Double? {
        guard let greatest = readings.greatestKeys[list.stream.name] else { return nil }
        let lists = list.stream.lists.map { readings.windowed($0).added }
        let met = lists.reduce(0, +)
        guard met > 0 else { return nil }
        let part = Double(max(1, readings.windowed(list.spec).added)) / Double(met)
        return max(0, Double(greatest - met)) * part
    }

    /// A listing of the whole.
    func listingPages(of list: ListSpec) -> Int {
        for learnt in [readings.recent(list, .metadata), readings.all(list, .metadata), readings.all(list, .history)]
        where learnt.ends > 0 {
            return max(1, Int((Double(learnt.pages) / Double(learnt.ends)).rounded()))
        }
        return 1
    }

    /// A sweep under way or due: what is left of its walk through all keys.
    func sweepPages(of stream: StreamSpec, _ sweep: Sweep?) -> [(list: ListSpec, pages: Int)] {
        let lists = Array(zip(stream.lists, Catalogue.sweepLists(of: stream)))
        return lists.dropFirst(sweep?.part ?? 0).enumerated().map { number, lists in
            let met = readings.windowed(lists.0).added
            let shown = number == 0 ? sweep?.shown ?? 0 : 0
            return (lists.1, max(1, Int((Double(met - shown) / rowsPerPage(lists.1)).rounded(.up))))
        }
    }

    /// What a sweep that misses something, or whose forerunner did, will read to learn what became of that.
    func movePages(of stream: StreamSpec, _ book: SweepBook, at now: Instant) -> [(list: ListSpec, pages: Int)] {
        let last = book.last.map { $0.gone + book.moved } ?? 0
        guard book.missing > 0 || (book.begun == nil && last > 0) else { return [] }
        let course = SweepCourse(of: stream)
        let done = max(0, (book.begun?.part ?? 0) - course.movesAt)
        let seconds = book.seenSince.map { now - $0 } ?? 0
        return course.moveLists.dropFirst(done).map { list in
            (list, Catalogue.readList(of: list).map { newsPages(of: $0, seconds: seconds) } ?? 1)
        }
    }

    /// What looking costs in a day, in tokens: at least one look, and each whole list as often as its copy ages.
    func dailyLookTokens(of list: ListSpec) -> Double {
        guard list.timeFilter == .none else {
            return Double(newsPages(of: list, seconds: 86_400) * list.priceTokens)
        }
        let days = max(1, ((list.timeToLiveSeconds ?? 0) + 86_399) / 86_400)
        return Double(listingPages(of: list) * list.priceTokens) / Double(days)
    }

    /// Pages by offset begin with some rows of the page before.
    private func rowsPerPage(_ list: ListSpec) -> Double {
        max(1, Double(list.pageLimit) * (list.paging == .offset ? 0.9 : 1))
    }
}
