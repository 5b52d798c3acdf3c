import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Synchronization
import TestSupport
import Testing

/// Months of nights over a working company, with everything going wrong now and then: faults, a small allowance,
/// crashes, edits of the job file. After every night the promises are held against the company's truth.
///
/// It finds what no list of cases thought of, but only of what the simulator can do, and only within its seeds:
/// PIPESNAP_SEED runs another.
@Suite("Years")
struct YearsTests {
    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["PIPESNAP_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? Array(1...6)

    @Test("Fifty nights", arguments: seeds)
    func nights(seed: UInt64) async throws {
        var year = try Year(seed: seed)
        for night in 1...50 {
            let complaints = try await year.night(number: night)
            #expect(complaints == [], "seed \(seed), night \(night)")
            if !complaints.isEmpty { return }
        }
        let complaints = try await year.lastNights()
        #expect(complaints == [], "seed \(seed), at the end")
    }
}

/// One company's nights, all of them from one seed.
private struct Year {
    private var random: SeededRandom
    private var rehearsal: Rehearsal
    private var promises: Promises

    /// A null where a list should be is left out: of a whole list it says, when said twice, that all is gone.
    private static let faults = Misbehaviour.Kind.allCases.filter { $0 != .dataNull }

    private static let mostTokens = 20_000

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        var options = AccountOptions(seed: seed, size: AccountSize(deals: 60), life: LifeRates.office(deals: 60))
        options.size.cluster = 20
        options.latencyMilliseconds = 400
        options.latencyJitterMilliseconds = 3000
        options.replicationLagSeconds = 60
        rehearsal = try Rehearsal(["deals", "persons", "products", "stages"], options) {
            $0.cutPages(to: 25)
            $0.output.rollAtBytes = 20_000
        }
        promises = Promises(rehearsal.folder.path)
    }

    /// - Returns: what is broken afterwards.
    mutating func night(number: Int) async throws -> [String] {
        editJob()
        let faults = chance(0.4) ? [Misbehaviour(pick(Self.faults), .probability(pick([0.05, 0.3, 1])))] : []
        rehearsal.change { $0.misbehave(faults) }
        let daily = rehearsal.job.budget.dailyTokens
        let deathAt = chance(0.3) ? Int.random(in: 1...60, using: &random) : .max
        let disk = DyingDisk(LocalDisk(), diesAt: deathAt, pick(DyingDisk.Death.allCases))
        let startedAt = rehearsal.now
        var complaints: [String] = []
        do {
            let report = try await rehearsal.night(disk: disk)
            let isOneDay = rehearsal.now.utcDay == startedAt.utcDay
            if isOneDay && report.tokens > daily { complaints.append("\(report.tokens) tokens spent of \(daily)") }
            if report.code == .brokenInvariant { complaints.append(report.sentence ?? "70") }
            complaints += try check(number, wasKilled: report.code == .cannotWriteOutput)
        } catch let stop as Stop {
            if !disk.isDead { complaints.append("\(stop)") }
        }
        if !complaints.isEmpty { complaints.append("\(faults), the disk dies at \(deathAt), \(rehearsal.job.budget)") }
        rehearsal.sleep(seconds: 24 * 3600 + Int64.random(in: -600...7200, using: &random))
        return complaints
    }

    /// Without faults and with tokens enough everything becomes complete.
    mutating func lastNights() async throws -> [String] {
        rehearsal.change { $0.misbehave() }
        rehearsal = rehearsal.changing {
            $0.budget.dailyTokens = Self.mostTokens
            $0.budget.keepFree = .tokens(0)
        }
        rehearsal.sleep(hours: 24)
        let report = try await rehearsal.night()
        let code = report.code == .complete ? [] : ["\(report.code): \(report.sentence ?? "")"]
        return try code + promises.broken(rehearsal)
    }

    private mutating func check(_ night: Int, wasKilled: Bool) throws -> [String] {
        // What a killed run left in staging and without manifest is the next one's to tidy up.
        if wasKilled { return [] }
        return try night % 10 == 0
            ? promises.broken(rehearsal, dailyTokens: Self.mostTokens)
            : promises.brokenNightly(rehearsal, dailyTokens: Self.mostTokens)
    }

    private mutating func editJob() {
        let daily = pick([40, 60, 100, 300, Self.mostTokens])
        let keepFree = pick([0, 0, 0, 29_900])
        let concurrency = pick([1, 2, 4])
        let start: Int64? = chance(0.1) ? pick([1_420_070_400, 1_704_067_200, 1_767_225_600]) : nil
        let dropped = chance(0.1) ? pick(["deals", "persons", "products", "stages"]) : nil
        let all = Job.rehearsed(["deals", "persons", "products", "stages"], output: "")
        rehearsal = rehearsal.changing { job in
            job.budget.dailyTokens = daily
            job.budget.keepFree = .tokens(keepFree)
            job.concurrency = concurrency
            if let start { job.window.start = Instant(seconds: start) }
            job.streams = all.streams.filter { $0.stream.name != dropped }
            job.cutPages(to: 25)
        }
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }
}
