import Extraction
import Planning
import Simulator
import TestSupport

/// A key sweep of many persons, of whom some are gone, killed at every one of its pages; what it comes to is compared
/// with the sweep that nobody disturbs.
package struct BrokenSweep: Sendable, CustomStringConvertible {
    /// Keys that the undisturbed sweep was shown, and what it cost.
    package var (shown, tokens) = (0, 0)
    /// Runs that were killed, pages of the sweep that all runs asked for, and records that were buried.
    package var (kills, pages, buried) = (0, 0, 0)
    package var complaints: [String] = []

    private static let seed: UInt64 = 1
    private static let oneInSoManyIsGone = 40
    private static let pageTokens = 10

    /// How many tokens it cost beyond one page for so many keys, in percent of these.
    package func surplusPercent(keysAPage: Int) -> Double {
        let fullPages = max(1, (shown + keysAPage - 1) / keysAPage)
        return 100 * (Double(tokens) / Double(Self.pageTokens * fullPages) - 1)
    }

    package var description: String {
        "\(shown) persons swept for \(tokens) tokens; killed \(kills) times, \(pages) pages, \(buried) buried, "
            + "\(complaints.count) complaints"
    }

    /// - Parameter pageLimit: nil for the API's own.
    package static func result(persons: Int, pageLimit: Int?) async throws -> BrokenSweep {
        var size = AccountSize(deals: 0)
        size.persons = persons
        let whole = try Rehearsal(["persons"], AccountOptions(size: size)) { job in
            job.window.sweepSeconds = 7 * 86_400
            job.budget.dailyTokens = 1_000_000
            // One page after the other, so that each is a place to be killed at.
            job.concurrency = 1
            if let pageLimit { job.cutPages(to: pageLimit) }
        }
        try await whole.night()
        whole.sleep(hours: 8 * 24)
        let living = whole.living(.persons, persons)
        whole.change { account in
            for id in stride(from: 1, to: living.count, by: oneInSoManyIsGone) { account.delete(.persons, living[id]) }
        }
        let broken = try whole.copy()
        var result = BrokenSweep()
        try await result.playWhole(whole)
        try await result.playBroken(broken, like: whole)
        return result
    }

    private mutating func playWhole(_ rehearsal: Rehearsal) async throws {
        let (report, asked) = try await rehearsal.watchedNight()
        shown = report.sweeps.first?.shown ?? 0
        tokens = Self.sweepPages(asked).reduce(0) { $0 + $1.tokens }
        if report.sweeps.map(\.state) != [.done] { complaints.append("the undisturbed sweep is \(report.sweeps)") }
    }

    /// Of each run the look at what is new and one page of the sweep are answered, and with the next one it dies.
    private mutating func playBroken(_ rehearsal: Rehearsal, like whole: Rehearsal) async throws {
        var (refusals, random) = (Refusals(), SeededRandom(seed: Self.seed))
        let night = WatchedNight(job: rehearsal.job, options: RunOptions(), mishap: .killedAsking(request: 3))
        var isDone = false
        while !isDone, kills <= 2 * shown {
            let ended = try await rehearsal.watched(night, &refusals, chance: random.fractions())
            complaints += ended.complaints
            pages += Self.sweepPages(ended.requests).count
            isDone = ended.report?.sweeps.contains { $0.state == .done } ?? false
            if ended.hasStruck { kills += 1 }
            rehearsal.sleep(seconds: 2)
        }
        if !isDone { complaints.append("the sweep does not end") }
        var promises = Promises(rehearsal.folder.path)
        complaints += try promises.broken(rehearsal)
        let (ours, theirs) = (try Self.tombstones(rehearsal), try Self.tombstones(whole))
        buried = ours.count
        if ours != theirs { complaints.append("\(ours.count) buried and not \(theirs.count)") }
    }

    private static func sweepPages(_ asked: [RequestRecord]) -> [RequestRecord] {
        asked.filter { $0.query.contains("sort_by=id") }
    }

    private static func tombstones(_ rehearsal: Rehearsal) throws -> Set<String> {
        var lake = PulledLake(rehearsal.folder.path)
        try lake.refresh()
        return Set(lake.latest("persons").filter(\.value.isDelete).keys)
    }
}
