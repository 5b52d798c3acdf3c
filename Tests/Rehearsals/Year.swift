import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Storage
import TestSupport

/// A working company, a job file that its operator edits, and the nights between them, with everything going wrong
/// now and then. After every night the promises are held against the company's own state.
///
/// Every fourth seed has a job file that is wrong about when the company's day begins (`MisjudgedDay`): then the
/// allowance holds by the job file's days all the time, and by the company's own from the night on whose beginning the
/// program knows of them. In every other one of these the machine's clock is wrong now and then as well.
///
/// All of it hangs on the seed. It finds what no list of cases thought of, but only of what the simulator can do.
package struct Year {
    package let seed: UInt64
    /// What happened in the last nights, in words.
    package internal(set) var story: [String] = []
    package var night = 0
    /// What has really happened, and in how many nights.
    var met: [String: Int] = [:]

    var random: SeededRandom
    var rehearsal: Rehearsal
    var promises: Promises
    /// The second job of the account, with streams of its own; the first is the rehearsal's.
    var otherJob: Job
    /// Since when our books have been whole; a lost index loses what runs without a manifest had spent.
    var booksWholeSince = ""
    /// When they were lost last.
    var booksLostAt = Instant(seconds: 0)
    let isMisjudged: Bool
    /// What may still hold from earlier nights: what the server refused, and lists marked unavailable.
    var refusals = Refusals()
    var isBlockedUntil = Instant(seconds: 0)
    var isMarkedUntil = Instant(seconds: 0)
    var rowsBefore: [RecordKind: [RecordRow]] = [:]

    /// Every way of being listed: windows by cursor and by key, an archive that is kept, the newest first by offsets,
    /// whole lists by cursor, at once, and two of one stream.
    static let streams = [
        "deals", "persons", "organizations", "activities", "products", "leads", "notes", "pipelines", "stages",
        "users", "files", "projects",
    ]
    /// Every way of hanging on a record: in batches, one by one, by offsets, and logs. Each seed begins with some.
    static let children = [
        "deal_products", "deal_followers", "deal_participants", "deal_changelog", "person_followers", "note_comments",
    ]
    static let pageLimit = 25
    /// Everything that was ever written is compared with the index so often; what is new, every night.
    static let nightsBetweenFullChecks = 10

    package init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        var options = AccountOptions.rehearsed(seed: seed, deals: 40)
        (options.size.products, options.size.leads, options.size.notes) = (8, 30, 30)
        options.life.edits = 12
        options.life.unarchives = 0.5
        options.life.merges = 0.3
        options.life.conversions = 0.3
        options.life.bulkEdits = 0.15
        options.life.listBulkEdits = 0.1
        options.life.bulkEditRecords = 40
        options.replicationLagSeconds = Self.replicationLagSeconds
        options.nullTimeShare = random.pick([0, 0.05])
        let resetsAtSeconds = random.pick([0, 0, 3600 * 7])
        isMisjudged = seed.isMultiple(of: 4)
        let misjudged = isMisjudged ? MisjudgedDay(&random) : nil
        options.budgetRenewsAtSeconds = misjudged?.renewsAtSeconds ?? Int64(resetsAtSeconds)
        var children: [String] = []
        for stream in Self.children where random.chance(0.2) { children.append(stream) }
        rehearsal = try Rehearsal(Self.streams + children, options) {
            $0.cutPages(to: Self.pageLimit)
            $0.output.rollAtBytes = 20_000
            $0.budget.resetsAtSeconds = resetsAtSeconds
            misjudged?.misguide(&$0.budget)
        }
        otherJob = rehearsal.job
        otherJob.streams = otherJob.streams.filter { ["persons", "users"].contains($0.stream.name) }
        promises = Promises(rehearsal.folder.path)
        promises.replicationLagSeconds = Self.replicationLagSeconds
    }

    private static let replicationLagSeconds: Int64 = 60

    /// One night and the day after it.
    /// - Returns: what is broken, in words.
    package mutating func nextNight() async throws -> [String] {
        night += 1
        let edits = editJob()
        var job = random.chance(0.15) ? otherJob : rehearsal.job
        let plan = NightPlan(&random, clockIsRight: isMisjudged && !seed.isMultiple(of: 8))
        job.cutPages(to: plan.pageLimit)
        rehearsal.change { $0.misbehave(plan.faults) }
        rehearsal.company.setReachable(plan.isReachable)
        changeByHand(plan)
        begin("\(edits)", job, plan)
        var complaints = try harmIndex(plan.indexFate, job)
        let ended = try await run(job, plan)
        count(ended, plan)
        complaints += try judge(ended, job, plan)
        if random.chance(0.1), !ended.isKilled { complaints += try verify() }
        for complaint in complaints { tell("BROKEN     \(complaint)") }
        if complaints.isEmpty { tell("verdict    every promise holds") }
        rehearsal.company.setReachable(true)
        let isShort = random.chance(0.1)
        rehearsal.sleep(
            seconds: isShort ? random.pick([60, 900, 7200]) : 24 * 3600 + Int64.random(in: -600...7200, using: &random))
        return complaints
    }

    /// Without faults and with tokens enough everything becomes complete.
    package mutating func lastNights() async throws -> [String] {
        rehearsal.change { $0.misbehave() }
        rehearsal = rehearsal.changing {
            $0.budget.dailyTokens = 20_000
            $0.budget.keepFree = .tokens(0)
            $0.window.sweepSeconds = 86_400
        }
        rehearsal.sleep(hours: 48)
        var report = try await rehearsal.night(RunOptions(acceptsDeletions: true), recovery: rehearsal.recovery)
        // So many records are gone that the list of their children passed for missing; the sweep has buried them.
        if report.code == .someStreamsFailed {
            rehearsal.sleep(hours: 48)
            report = try await rehearsal.night(RunOptions(acceptsDeletions: true), recovery: rehearsal.recovery)
        }
        let code = report.code == .complete ? [] : ["at the end \(report.code): \(report.sentence ?? "")"]
        return try code + promises.broken(rehearsal, without: booksWholeSince, counted: counted) + verify()
    }

    /// What the server counted, by the job file's days.
    var counted: [String: Int] { isMisjudged ? rehearsal.countedByJobFile : rehearsal.asked.tokensByDay }

    /// Whether the program has seen that the job file is wrong about the day.
    var knowsReset: Bool { isMisjudged && (try? rehearsal.status().budgetReset?.agrees) == false }

    package var lastNight: String {
        story[(story.lastIndex { $0.hasPrefix("night") } ?? 0)...].joined(separator: "\n")
    }

    mutating func tell(_ line: String) { story.append("  " + line.replacing(rehearsal.folder.path, with: "output")) }
}
