/// The price of the next run and of everything that is still to be read, before anything is bought. A pure function of
/// the situation and of what the index has learnt.
package struct Forecast: Sendable {
    package var lines: [Line] = []
    /// What the next run will take of it, as far as the allowance reaches.
    package var nextRun = Price()
    /// Everything that is missing now, sweeps that are due as well.
    package var backlog = Price()
    /// Budget days until history is complete, the present one counted; nil when this allowance never gets there.
    package var days: Int?
    /// At least one list has never been read.
    package var isGuess = false
    /// Children whose price nobody can know before their parents are read; in no sum.
    package var unpriced: [Unpriced] = []

    package struct Price: Hashable, Sendable {
        package var requests = 0
        package var tokens = 0
        package init() {}
    }

    /// What one request for children costs, and for how many parents that is.
    package struct Unpriced: Hashable, Sendable {
        package var stream: String
        package var parents: String
        package var priceTokens: Int
        package var parentsARequest: Int
    }

    /// One list's part for one purpose.
    package struct Line: Sendable {
        package var stream: String
        package var list: String
        package var kind: StepKind
        package var windows: [Interval] = []
        package var pages: Int
        package var priceTokens: Int
        package var tokens: Int { pages * priceTokens }
    }

    package init(_ situation: Situation, _ readings: Readings) {
        let pricing = Pricing(readings)
        lines = situation.lists.indices.flatMap { Self.lines(of: $0, situation, pricing) }
        lines += Self.childLines(beside: lines, situation, pricing)
        unpriced = Self.unpriced(beside: lines, situation, pricing)
        lines += Self.sweepLines(situation, pricing)
        isGuess = situation.lists.contains { list in
            list.isLookedAt && !list.isOut && pricing.isGuess(list.spec)
        }
        for line in lines { backlog.add(line.pages, of: line) }
        nextRun = Self.affordable(lines, situation)
        days = Self.days(lines, situation, pricing)
    }
}

extension Forecast.Price {
    fileprivate mutating func add(_ pages: Int, of line: Forecast.Line) {
        requests += pages
        tokens += pages * line.priceTokens
    }
}

extension Forecast {
    private static func lines(of index: Int, _ situation: Situation, _ pricing: Pricing) -> [Line] {
        let list = situation.lists[index]
        guard list.isLookedAt, !list.isOut, let target = situation.target else { return [] }
        func line(_ kind: StepKind, _ windows: [Interval], _ pages: Int) -> Line {
            Line(
                stream: list.stream.name, list: list.spec.name, kind: kind, windows: windows, pages: pages,
                priceTokens: list.spec.priceTokens)
        }
        guard list.spec.timeFilter != .none else {
            guard Planner.willBeListed(index, in: situation) else { return [] }
            let kind: StepKind = list.covered.intervals.isEmpty ? .history : .metadata
            return [line(kind, [], pricing.listingPages(of: list.spec))]
        }
        var gaps = list.covered.gaps(in: target)
        var lines: [Line] = []
        if let newest = gaps.last, newest.until == target.until, newest.since > target.since {
            gaps.removeLast()
            lines.append(line(.news, [newest], pricing.newsPages(of: list.spec, seconds: newest.lengthSeconds)))
        }
        if !gaps.isEmpty { lines.append(line(.history, gaps, pricing.historyPages(of: list, gaps: gaps))) }
        return lines
    }

    /// Children of the parents that wait for it, and of those that the other lines will bring.
    private static func childLines(beside lines: [Line], _ situation: Situation, _ pricing: Pricing) -> [Line] {
        situation.lists.filter { $0.purpose == .children && $0.lane == 0 && !$0.isOut }.compactMap { list in
            let lists = Catalogue.stream(named: list.stream.parent?.stream ?? "")?.lists ?? []
            let coming = lines.reduce(0) { sum, line in
                sum + (lists.first { $0.name == line.list }.map { pricing.records(of: $0, in: line.windows) } ?? 0)
            }
            let parents = (situation.waitingParents[list.stream.name] ?? 0) + coming
            let most = list.spec.selection.most
            guard parents > 0 else { return nil }
            return Line(
                stream: list.stream.name, list: list.spec.name, kind: .children, pages: (parents + most - 1) / most,
                priceTokens: list.spec.priceTokens)
        }
    }

    /// Children of parents of which nothing was ever read, and that are to be read.
    private static func unpriced(beside lines: [Line], _ situation: Situation, _ pricing: Pricing) -> [Unpriced] {
        situation.lists.filter { $0.purpose == .children && $0.lane == 0 && !$0.isOut }.compactMap { list in
            guard let parents = list.stream.parent.flatMap({ Catalogue.stream(named: $0.stream) }),
                parents.lists.allSatisfy(pricing.isGuess), !lines.contains(where: { $0.stream == list.stream.name })
            else { return nil }
            return Unpriced(
                stream: list.stream.name, parents: parents.name, priceTokens: list.spec.priceTokens,
                parentsARequest: list.spec.selection.most)
        }
    }

    private static func sweepLines(_ situation: Situation, _ pricing: Pricing) -> [Line] {
        guard situation.window.sweepSeconds > 0 else { return [] }
        let swept = situation.lists.filter { $0.purpose == .sweep(0) && !$0.isOut }.map(\.stream)
        return swept.flatMap { stream -> [Line] in
            let book = situation.sweeps[stream.name] ?? SweepBook()
            let isDue = book.isDue(at: situation.serverNow, every: situation.window.sweepSeconds)
            guard book.begun != nil || isDue, !book.isDoubtful(of: stream) else { return [] }
            let moves = pricing.movePages(of: stream, book, at: situation.serverNow)
            return (pricing.sweepPages(of: stream, book.begun) + moves).map {
                Line(
                    stream: stream.name, list: $0.list.name, kind: .sweep, pages: $0.pages,
                    priceTokens: $0.list.priceTokens)
            }
        }
    }

    /// Pages in the order in which they will be asked for, until the allowance ends. A sweep leaves some of it.
    private static func affordable(_ lines: [Line], _ situation: Situation) -> Price {
        let isFreshCheap = Planner.isFreshCheap(in: situation)
        var allowance = situation.allowance
        var price = Price()
        let lists = Dictionary(situation.lists.map { ($0.spec.name, $0) }) { first, _ in first }
        func rank(_ line: Line) -> Int {
            (lists[line.list]?.turn(of: line.kind) ?? line.kind).rank(isFreshCheap: isFreshCheap)
        }
        let order = lines.sorted { rank($0) < rank($1) }
        for line in order where line.priceTokens > 0 {
            if line.kind == .sweep, price.tokens < lines.workTokens { break }
            let kept = line.kind == .sweep ? Planner.keptForLaterTokens(of: line.stream, in: situation) : 0
            let left = min(allowance.leftTokens(for: line.stream), allowance.leftTodayTokens - kept)
            let pages = min(line.pages, max(0, left) / line.priceTokens)
            price.add(pages, of: line)
            allowance.reserve(pages * line.priceTokens, for: line.stream)
        }
        return price
    }

    /// Day by day: what looking leaves of an allowance goes to history.
    private static func days(_ lines: [Line], _ situation: Situation, _ pricing: Pricing) -> Int? {
        let work = lines.workTokens
        guard work > 0 else { return 0 }
        let most = situation.allowance.mostEver.tokens
        guard !lines.contains(where: { $0.kind == .history && $0.priceTokens > most }) else { return nil }
        let looks = situation.lists.filter { $0.isLookedAt && !$0.isOut }
        let aDay = looks.reduce(0.0) { $0 + pricing.dailyLookTokens(of: $1.spec) }
        let daily = Double(most)
        let forHistory = aDay <= daily * Planner.freshShareOfAllowance ? daily - aDay : daily
        let beyondToday = Double(work - situation.allowance.leftTokens)
        let today = situation.allowance.leftTokens > 0 ? 1 : 0
        let slowest =
            situation.allowance.ceilings.map { name, ceiling in
                let own = lines.filter { $0.stream == name && $0.kind == .history }.reduce(0) { $0 + $1.tokens }
                return Int((Double(own) / Double(max(1, ceiling))).rounded(.up))
            }.max() ?? 0
        guard beyondToday > 0 else { return max(today, slowest) }
        guard forHistory > 0 else { return nil }
        return max(today + Int((beyondToday / forHistory).rounded(.up)), slowest)
    }
}

extension [Forecast.Line] {
    /// All but sweeps.
    fileprivate var workTokens: Int { reduce(0) { $0 + ($1.kind == .sweep ? 0 : $1.tokens) } }
}
