import TestSupport
import Testing

@testable import Planning

/// The planner over a model account, many nights at a time, under every mishap that a list can have between two
/// pages. It cannot see a server that breaks its own sorting or leaves out rows, nor what a run does with
/// headers, retries and files.
@Suite struct PlannerModelTests {
    private static let streams = [
        ModelLists.deals, ModelLists.persons, ModelLists.products, ModelLists.pipelines,
    ]
    private static let names = streams.flatMap { $0.lists.map(\.name) }

    private static func account(_ random: inout SeededRandom) -> ModelAccount {
        var account = ModelAccount(now: ModelLists.start + 5000)
        // Few distinct seconds, so that ties fill more than a page.
        let spread = [3, 40, 4000].randomElement(using: &random) ?? 40
        for name in names {
            for _ in 0..<Int.random(in: 0...25, using: &random) {
                account.create(in: name, at: ModelLists.start + Int64.random(in: 0..<Int64(spread), using: &random))
            }
        }
        return account
    }

    @Test(arguments: 0..<30)
    func nothingCoveredIsMissing(round: Int) {
        let seed = SeededRandom.seed(round)
        var random = SeededRandom(seed: seed)
        let label = "seed \(seed)"
        var (account, memory) = (Self.account(&random), ModelMemory())
        let overlap = Int64([0, 5, 600, 1_000_000].randomElement(using: &random) ?? 0)
        let concurrency = Int.random(in: 1...6, using: &random)
        func night(_ account: ModelAccount, _ memory: ModelMemory, _ tokens: Int, _ seed: UInt64) -> ModelNight {
            var situation = ModelLists.situation(
                ModelLists.states(of: Self.streams), now: account.now, overlap: overlap, tokens: tokens,
                concurrency: concurrency, mustAskAlone: true)
            situation.addLanes()
            // Lists of the model have a dozen pages rather than thousands.
            (situation.lanes.pagesPerCut, situation.lanes.leastPages) = (2, 2)
            return ModelNight(account, memory, situation, SeededRandom(seed: seed), label: label)
        }
        for _ in 0..<12 {
            var next = night(account, memory, Int.random(in: 0...220, using: &random), random.next())
            // Every third night is killed at some instant.
            let isKilled = Int.random(in: 0..<3, using: &random) == 0
            _ = next.run(killedAfter: isKilled ? Int.random(in: 0..<30, using: &random) : .max)
            (account, memory) = (next.account, next.memory)
            account.now += Int64.random(in: 1...5000, using: &random)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                account.create(in: Self.names.randomElement(using: &random) ?? "deals", at: account.now)
            }
        }
        var last = night(account, memory, 1_000_000, random.next())
        #expect(last.run() == .done, "\(label)")
        (account, memory) = (last.account, last.memory)
        #expect(memory.walks.isEmpty || !memory.walks.contains { $0.interval == nil }, "\(label)")
        checkIdleNights(account, memory, label, night)
    }

    private static let walks: UInt64 = 1000

    /// Lists by cursor and lists in one piece; those by offset stand in `OffsetWalkTests`. What a commit covers is
    /// compared with the account there and then.
    @Test(arguments: [
        ModelLists.deals, ModelLists.persons, ModelLists.products, ModelLists.pipelines, ModelLists.users,
    ])
    func walksLoseNothing(stream: StreamSpec) {
        let names = stream.lists.map(\.name)
        var (changes, pages) = (0, 0)
        for seed in 0..<Self.walks {
            var random = SeededRandom(seed: seed)
            var account = ModelAccount(now: ModelLists.start + 5000)
            let spread = [3, 40, 4000].randomElement(using: &random) ?? 40
            for name in names {
                for _ in 0..<Int.random(in: 0...25, using: &random) {
                    account.create(in: name, at: ModelLists.start + Int64.random(in: 0..<Int64(spread), using: &random))
                }
            }
            let situation = ModelLists.situation(
                ModelLists.states(of: [stream]), now: account.now, tokens: 1_000_000, mustAskAlone: true)
            var night = ModelNight(account, ModelMemory(), situation, random, label: "\(stream.name), seed \(seed)")
            #expect(night.run() == .done && night.doubled == 0, "\(night.label)")
            changes += night.changes
            pages += night.pagesAsked.values.reduce(0, +)
        }
        // Without changes nothing would be shown.
        #expect(changes > pages / 10, "\(changes) changes in \(pages) pages")
    }

    /// With nothing new, a night asks one page of every list, however far the window reaches back; a list as a
    /// whole is not asked for while its copy is young.
    private func checkIdleNights(
        _ account: ModelAccount, _ memory: ModelMemory, _ label: String,
        _ night: (ModelAccount, ModelMemory, Int, UInt64) -> ModelNight
    ) {
        var (account, memory) = (account, memory)
        // What was edited in the last night is picked up first, and the whole list is listed anew.
        for isIdle in [false, true, true] {
            account.now += isIdle ? 100 : 4000
            var next = night(account, memory, 100_000, 1)
            next.isRough = false
            #expect(next.run() == .done, "\(label)")
            (account, memory) = (next.account, next.memory)
            guard isIdle else { continue }
            let windowed = Self.names.filter { $0 != "pipelines" }
            #expect(next.pagesAsked == Dictionary(uniqueKeysWithValues: windowed.map { ($0, 1) }), "\(label)")
        }
    }
}
