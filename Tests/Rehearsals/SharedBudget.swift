import Extraction
import Planning
import Platform
import Simulator
import Synchronization
import TestSupport

/// Nights on a budget that other integrations of the company draw from as well, by the seed: now little, now all of
/// it, before a run and in the middle of it; the header that tells of it is there, missing, late or now and then.
///
/// Nothing else goes wrong here, so what must be reached can be said exactly.
package struct SharedBudget {
    private let seed: UInt64
    private var random: SeededRandom
    private var rehearsal: Rehearsal
    private var promises: Promises
    private var night = 0
    private var exhaustedDay = ""
    package private(set) var story = ""

    private static let streams = ["deals", "persons", "organizations", "activities", "stages"]
    private static let pageLimit = 25

    package init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        var options = AccountOptions(seed: seed, size: AccountSize(deals: 60))
        options.size.cluster = 20
        options.life.edits = 40
        options.life.creates = 4
        options.life.deletes = 1
        options.life.archives = 2
        options.life.bulkEdits = 0.2
        options.life.bulkEditRecords = 60
        options.latencyMilliseconds = 300
        options.latencyJitterMilliseconds = 1500
        options.dailyBudgetTokens = 3000
        rehearsal = try Rehearsal(Self.streams, options) { $0.cutPages(to: Self.pageLimit) }
        promises = Promises(rehearsal.folder.path)
    }

    private struct Witness: Sendable {
        /// What the answers of this budget day have told so far: since then only others can have taken more.
        var isTold = false
        /// Requests that may have left before the first answer that told.
        var grace = 0
        var takenSince = 0
        var complaints: [String] = []
    }

    /// One night and the day after it.
    /// - Returns: what is broken, in words.
    package mutating func nextNight() async throws -> [String] {
        night += 1
        let daily = pick([60, 120, 300, 3000])
        let keepFree = pick([0, 500, 2000, 2900])
        rehearsal = rehearsal.changing {
            $0.budget.dailyTokens = daily
            $0.budget.keepFree = .tokens(keepFree)
            $0.concurrency = pick([1, 2, 4])
        }
        let before = pick([0, 100, 1000, 2500, 3000])
        let asked = rehearsal.asked
        let (header, faults) = headers(after: asked.requests)
        rehearsal.change { account in
            account.misbehave(faults)
            account.othersSpend(before)
        }
        let (takenAt, taken) = (chance(0.4) ? Int.random(in: 2...8, using: &random) : 0, pick([50, 500, 3000]))
        let (left, need) = try (affordable(daily, keepFree), needed())
        let isQuiet = takenAt == 0
        let witness = Mutex(Witness())
        let inFlight = rehearsal.job.concurrency - 1
        let company = rehearsal.company
        company.beforeAnswer { number, _, account in
            guard number - asked.requests == takenAt else { return }
            account.othersSpend(taken)
            witness.withLock { $0.takenSince += taken }
        }
        defer { company.beforeAnswer(nil) }
        let wire = BudgetWire(company) { isTold, remaining, status in
            witness.withLock { witness in
                // Before the header was seen keep_free is not applied.
                guard status != 429 else { return }
                witness.grace -= 1
                if witness.isTold, witness.grace < 0, remaining + witness.takenSince < keepFree {
                    witness.complaints.append("\(remaining) tokens were left by the server's count, of \(keepFree)")
                }
                if isTold, !witness.isTold { (witness.isTold, witness.grace) = (true, inFlight) }
            }
        }
        let machine = Machine(.none, folder: rehearsal.folder.path, account: "acme")
        let watched = WatchedWire(company, machine, wasExhausted: exhaustedDay == rehearsal.budgetDay) { _ in }
        let dice = Mutex(SeededRandom(seed: random.next()))
        let report = try await rehearsal.night(transport: Both(first: watched, second: wire)) {
            dice.withLock { Double.random(in: 0...1, using: &$0) }
        }
        if watched.isExhausted { exhaustedDay = rehearsal.budgetDay }
        var complaints = watched.complaints + witness.withLock { $0.complaints }
        complaints += rehearsal.asked.tokensByDay.filter {
            $0.value > asked.tokensByDay[$0.key] ?? 0 && $0.value > daily
        }
        .map { "\($0.value) tokens on \($0.key) by the server's count, \(daily) allowed" }
        complaints += try promises.brokenNightly(rehearsal, without: "")
        if isQuiet, left >= need, report.code != .complete {
            complaints.append(
                "\(need) tokens cover what is missing, \(left) may be spent, and the night ended with "
                    + "\(report.code): \(report.sentence ?? "")")
        }
        if ![.complete, .allowanceUsedUp].contains(report.code) { complaints.append(report.sentence ?? "no sentence") }
        story =
            "night \(night) of seed \(seed) · \(rehearsal.now) · \(daily) tokens a day, keep_free \(keepFree), "
            + "header \(header), others took \(before) before" + (takenAt > 0 ? ", \(taken) at request \(takenAt)" : "")
            + "\n  \(need) tokens needed, \(left) to be had; exit \(report.code.rawValue), \(report.tokens) spent\n  "
            + (complaints.isEmpty ? "every promise holds" : complaints.map { "BROKEN \($0)" }.joined(separator: "\n  "))
        rehearsal.sleep(seconds: chance(0.15) ? 3600 : 24 * 3600 + Int64.random(in: -600...600, using: &random))
        return complaints
    }

    private mutating func headers(after requests: Int) -> (String, [Misbehaviour]) {
        let late = Int.random(in: 1...6, using: &random)
        return pick([
            ("present", []), ("present", []), ("missing", [Misbehaviour(.missingDailyHeaders, .probability(1))]),
            ("late by \(late)", [Misbehaviour(.missingDailyHeaders, .requests(Set(requests + 1...requests + late)))]),
            ("now and then", [Misbehaviour(.missingDailyHeaders, .probability(0.3))]),
        ])
    }

    /// What the allowance leaves, whether the program is told of it or not.
    private func affordable(_ daily: Int, _ keepFree: Int) -> Int {
        let spent = rehearsal.asked.tokensByDay[rehearsal.budgetDay] ?? 0
        let remaining = rehearsal.company.withAccount { $0.remainingTokens }
        return min(daily - spent, remaining - keepFree)
    }

    /// What it costs at most to read all that is missing, by the company's own books: whole pages of every gap, and one
    /// where a gap is empty. What the overlap holds may come on top of it.
    private func needed() throws -> Int {
        let views = try? IndexViews(rehearsal.folder.path)
        let covered = try views?.coverage() ?? [:]
        let bound = rehearsal.now - rehearsal.job.window.lagSeconds
        let account = rehearsal.company.withAccount { $0 }
        guard let target = Interval(since: rehearsal.job.window.start, until: bound) else { return 0 }
        var tokens = 0
        for selected in rehearsal.job.streams {
            let (stream, kind) = (selected.stream, RecordKind(rawValue: selected.stream.name))
            let rows = kind.map { account.rows($0) } ?? []
            guard !stream.isWholeList else {
                tokens += stream.lists[0].priceTokens
                continue
            }
            for list in stream.lists {
                let shown = rows.filter { stream.name != "deals" || $0.isArchived == list.name.hasSuffix("archived") }
                for gap in (covered[stream.name] ?? Coverage()).gaps(in: target) {
                    let overlap = Interval(since: gap.since - rehearsal.job.window.overlapSeconds, until: gap.until)
                    let count = shown.count { row in
                        overlap?.contains(Instant(milliseconds: row.updateMilliseconds)) ?? false
                    }
                    tokens += (count / Self.pageLimit + 1) * list.priceTokens
                }
            }
        }
        return tokens
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }
}

/// Looks at the company's count after every request.
private struct BudgetWire: Sendable {
    let company: SimulatorTransport
    let look: @Sendable (_ isTold: Bool, _ remaining: Int, _ status: Int) -> Void

    init(_ company: SimulatorTransport, _ look: @escaping @Sendable (Bool, Int, Int) -> Void) {
        (self.company, self.look) = (company, look)
    }

    func see(_ response: TransportResponse) {
        let remaining = company.withAccount { $0.remainingTokens }
        look(response.header("x-daily-ratelimit-token-remaining") != nil, remaining, response.status)
    }
}

private struct Both: HTTPTransport {
    let first: WatchedWire
    let second: BudgetWire

    func get(_ request: TransportRequest) async throws -> TransportResponse {
        let response = try await first.get(request)
        second.see(response)
        return response
    }

    func reach(_ url: String) async throws { try await first.reach(url) }
}
