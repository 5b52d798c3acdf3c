import TestSupport
import Testing

@testable import Planning

/// What outlives a night of the model: what the index would remember.
struct ModelMemory {
    var kept: [String: [Int: Int]] = [:]
    var covered: [String: Coverage] = [:]
    /// Several walks of one list can be under way: history, and what is new.
    var walks: [Walk] = []
}

/// One run of the model: the planner is asked, answers come in any order, pages are committed in the order in
/// which they came. It takes answers in as a run does, and checks every decision.
struct ModelNight {
    var account: ModelAccount
    var memory: ModelMemory
    var situation: Situation
    var random: SeededRandom
    /// Changes of records, refused cursors and lost answers happen.
    var isRough = true
    let label: String

    private(set) var cuts = 0
    /// How many pages were out after each asking.
    private(set) var mostOut: [Int] = []
    private(set) var pagesAsked: [String: Int] = [:]
    private(set) var changes = 0
    /// Versions that were committed a second time.
    private(set) var doubled = 0
    private var out: [Step] = []
    private var queue: [Entry] = []
    private var storedWalks: [Int: Walk] = [:]
    private var passed: [String: [Int: Int]]

    private struct Entry {
        var list: Int
        var rows: [ModelAccount.Row]
        var walkBefore: Walk?
        var walkAfter: Walk?
        var covered: Interval?
    }

    init(_ account: ModelAccount, _ memory: ModelMemory, _ situation: Situation, _ random: SeededRandom, label: String)
    {
        (self.account, self.memory, self.situation, self.random) = (account, memory, situation, random)
        self.label = label
        passed = memory.kept
        for index in situation.lists.indices {
            let name = situation.lists[index].spec.name
            self.situation.lists[index].covered = memory.covered[name] ?? Coverage()
            self.situation.lists[index].begunWalks = memory.walks.filter { $0.list == name }
        }
    }

    /// Runs to its end, or until it is killed after some events.
    mutating func run(killedAfter events: Int = .max) -> Decision? {
        for _ in 0..<min(events, 20_000) {
            let decision = Planner.nextSteps(situation)
            switch decision {
            case .ask(let steps): ask(steps)
            case .wait: #expect(situation.pagesInHand > 0, "waits for nothing: \(label)")
            case .done, .outOfAllowance:
                check(end: decision)
                return decision
            }
            something()
        }
        #expect(events <= 20_000, "never ends: \(label)")
        return nil
    }

    private mutating func ask(_ steps: [Step]) {
        #expect(!steps.isEmpty && steps.count + situation.pagesInHand <= situation.concurrency, "\(label)")
        #expect(Set(steps.map(\.list)).count == steps.count, "two pages of one list at once: \(label)")
        let price = steps.reduce(0) { $0 + $1.request.priceTokens }
        #expect(price <= situation.allowance.leftTokens, "\(label)")
        if situation.mustAskAlone { #expect(steps.count == 1 && situation.pagesInHand == 0, "\(label)") }
        for step in steps {
            begin(step)
            situation.allowance.reserve(step.request.priceTokens)
        }
        out += steps
        mostOut.append(out.count)
    }

    private mutating func begin(_ step: Step) {
        let list = situation.lists[step.list]
        if let predecessor = list.predecessor, let interval = step.walk.interval {
            #expect(situation.lists[predecessor].covered.covers(interval), "ahead of its predecessor: \(label)")
        }
        if let begun = situation.begin(step) { storedWalks[step.list] = begun }
        if step.isCut { cuts += 1 }
        pagesAsked[list.spec.name, default: 0] += 1
        // What is new reaches back as far as the overlap says, also over time that another lane reads.
        guard situation.window.overlapSeconds == 0 else { return }
        let claims = situation.lanes(of: step.list).compactMap { situation.lists[$0].claimed }
        for (place, claim) in claims.enumerated() {
            #expect(claims.dropFirst(place + 1).allSatisfy { $0.intersection(claim) == nil }, "two lanes: \(label)")
        }
    }

    /// One thing happens: an answer comes, a page is committed, somebody changes a record.
    private mutating func something() {
        let dice = Int.random(in: 0..<10, using: &random)
        if isRough && dice == 0 { return change() }
        if !queue.isEmpty && (dice < 5 || out.isEmpty) { return commit() }
        guard !out.isEmpty else { return }
        let step = out.remove(at: Int.random(in: 0..<out.count, using: &random))
        situation.lists[step.list].isAsking = false
        situation.mustAskAlone = false
        let fate = isRough ? Int.random(in: 0..<20, using: &random) : 20
        switch fate {
        case 0: situation.lists[step.list].pagesInHand -= 1
        case 1 where step.request.position != nil:
            situation.lists[step.list].pagesInHand -= 1
            situation.lists[step.list].active = step.walk.restarted(
                hasUpperFilter: step.request.list.timeFilter == .sinceAndUntil)
        default: accept(step)
        }
    }

    private mutating func change() {
        account.now += Int64.random(in: 0...2, using: &random)
        let spec = situation.lists.randomElement(using: &random)?.spec
        let others = ["deals": "deals/archived", "deals/archived": "deals"]
        guard let name = spec?.name else { return }
        changes += 1
        switch Int.random(in: 0..<8, using: &random) {
        case 0: account.create(in: name, at: account.now)
        case 1: account.delete(in: name, using: &random)
        default: account.edit(in: name, movingTo: Bool.random(using: &random) ? others[name] : nil, using: &random)
        }
    }

    private mutating func accept(_ step: Step) {
        let list = situation.lists[step.list]
        let (rows, next) = account.page(step.request, using: &random)
        let after = step.walk.advanced(past: rows.map { Instant(seconds: $0.time) }, to: next)
        var ended = (step.walk.interval != nil && after.remaining == nil) || after.isFinished
        let new = rows.filter { $0.version > passed[list.stream.name]?[$0.id] ?? 0 }
        for row in new { passed[list.stream.name, default: [:]][row.id] = row.version }
        var covered = ended ? step.walk.interval : after.covered
        if step.walk.interval == nil, ended {
            covered = Interval(since: situation.window.start, until: step.walk.beganAt)
        }
        if new.isEmpty, list.isInOverlap(after) { ended = true }
        queue.append(
            Entry(
                list: step.list, rows: new, walkBefore: storedWalks[step.list], walkAfter: ended ? nil : after,
                covered: covered))
        storedWalks[step.list] = ended ? nil : after
        let seconds = (covered?.lengthSeconds ?? 0) - (step.walk.covered?.lengthSeconds ?? 0)
        situation.lists[step.list].pace.add(rows.map { Instant(seconds: $0.time) }, covering: seconds)
        situation.lists[step.list].active = ended ? nil : after
    }

    private mutating func commit() {
        let entry = queue.removeFirst()
        let list = situation.lists[entry.list]
        for row in entry.rows {
            let before = memory.kept[list.stream.name, default: [:]].updateValue(row.version, forKey: row.id)
            if before ?? 0 >= row.version { doubled += 1 }
        }
        memory.walks.removeAll { $0.list == list.spec.name && $0.interval == entry.walkBefore?.interval }
        if let walk = entry.walkAfter { memory.walks.append(walk) }
        memory.walks.sort { $0.interval?.until ?? $0.beganAt > $1.interval?.until ?? $1.beganAt }
        if let covered = entry.covered { memory.covered[list.spec.name, default: Coverage()].add(covered) }
        situation.commit(entry.list, covered: memory.covered[list.spec.name] ?? Coverage())
        checkPromise(of: list)
    }

    /// Nothing is lost: whatever a covered interval holds now is kept in its present version.
    private func checkPromise(of list: ListState) {
        let covered = memory.covered[list.spec.name] ?? Coverage()
        for row in (account.rows[list.spec.name] ?? [:]).values {
            guard covered.intervals.contains(where: { $0.contains(Instant(seconds: row.time)) }) else { continue }
            #expect(memory.kept[list.stream.name]?[row.id] == row.version, "lost \(row) of \(list.spec.name): \(label)")
        }
    }

    private func check(end decision: Decision) {
        #expect(situation.pagesInHand == 0, "\(label)")
        let open = situation.lists.indices.filter { !Planner.isComplete($0, in: situation) }
        if decision == .done { #expect(open.isEmpty, "\(label)") }
        guard decision == .outOfAllowance else { return }
        let readable = open.filter { index in
            situation.lists[index].predecessor.map { Planner.isComplete($0, in: situation) } ?? true
        }
        let cheapest = readable.map { situation.lists[$0].spec.priceTokens }.min()
        #expect(
            !open.isEmpty && cheapest ?? 0 > situation.allowance.leftTokens, "stopped while a page still fits: \(label)"
        )
    }
}
