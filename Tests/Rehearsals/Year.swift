package import Extraction
import Foundation
package import Planning
import Platform
import Simulator
import Storage
import TestSupport

/// A working company, a job file that its operator edits, and the nights between them, with everything going wrong
/// now and then. After every night the promises are held against the company's own state.
///
/// All of it hangs on the seed. It finds what no list of cases thought of, but only of what the simulator can do.
package struct Year {
    package let seed: UInt64
    /// What happened in the last nights, in words.
    package private(set) var story: [String] = []
    package var night = 0

    var random: SeededRandom
    var rehearsal: Rehearsal
    var promises: Promises
    /// The second job of the account, with streams of its own; the first is the rehearsal's.
    var otherJob: Job
    /// Since when our books have been whole; a lost index loses what runs without a manifest had spent.
    var booksWholeSince = ""
    /// What may still hold from earlier nights: the gateway's block, lists marked unavailable, a day used up.
    var isBlockedUntil = Instant(seconds: 0)
    var isMarkedUntil = Instant(seconds: 0)
    var exhaustedDay = ""
    private var rowsBefore: [RecordKind: [RecordRow]] = [:]

    static let streams = [
        "deals", "persons", "organizations", "activities", "products", "pipelines", "stages", "users",
    ]
    static let pageLimit = 25

    package init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        var options = AccountOptions(seed: seed, size: AccountSize(deals: 40))
        options.size.cluster = 20
        options.life.edits = 12
        options.life.creates = 3
        options.life.deletes = 1.5
        options.life.archives = 1.5
        options.life.unarchives = 0.5
        options.life.merges = 0.3
        options.life.bulkEdits = 0.15
        options.life.bulkEditRecords = 40
        options.latencyMilliseconds = 400
        options.latencyJitterMilliseconds = 3000
        options.replicationLagSeconds = 60
        let resetsAtSeconds = [0, 0, 3600 * 7][Int.random(in: 0...2, using: &random)]
        options.budgetRenewsAtSeconds = Int64(resetsAtSeconds)
        rehearsal = try Rehearsal(Self.streams, options) {
            $0.cutPages(to: Self.pageLimit)
            $0.output.rollAtBytes = 20_000
            $0.budget.resetsAtSeconds = resetsAtSeconds
        }
        otherJob = rehearsal.job
        otherJob.streams = otherJob.streams.filter { ["persons", "users"].contains($0.stream.name) }
        promises = Promises(rehearsal.folder.path)
    }

    /// One night and the day after it.
    /// - Returns: what is broken, in words.
    package mutating func nextNight() async throws -> [String] {
        night += 1
        let edits = editJob()
        let job = chance(0.15) ? otherJob : rehearsal.job
        let plan = NightPlan(&random)
        rehearsal.change { $0.misbehave(plan.faults) }
        rehearsal.company.setReachable(plan.isReachable)
        changeMetadata()
        begin("\(edits)", job, plan)
        var complaints = try harmIndex(plan.indexFate, job)
        let ended = try await run(job, plan)
        complaints += try judge(ended, job, plan)
        if chance(0.04), !ended.isKilled { complaints += try verify() }
        for complaint in complaints { tell("BROKEN     \(complaint)") }
        if complaints.isEmpty { tell("verdict    every promise holds") }
        rehearsal.company.setReachable(true)
        let isShort = chance(0.1)
        rehearsal.sleep(
            seconds: isShort ? pick([60, 900, 7200]) : 24 * 3600 + Int64.random(in: -600...7200, using: &random))
        return complaints
    }

    /// Without faults and with tokens enough everything becomes complete.
    package mutating func lastNights() async throws -> [String] {
        rehearsal.change { $0.misbehave() }
        rehearsal = rehearsal.changing {
            $0.budget.dailyTokens = 20_000
            $0.budget.keepFree = .tokens(0)
        }
        rehearsal.sleep(hours: 48)
        let report = try await rehearsal.night(recovery: rehearsal.recovery)
        let code = report.code == .complete ? [] : ["at the end \(report.code): \(report.sentence ?? "")"]
        return try code + promises.broken(rehearsal, without: booksWholeSince) + verify()
    }

    package var lastNight: String {
        story[(story.lastIndex { $0.hasPrefix("night") } ?? 0)...].joined(separator: "\n")
    }

    mutating func tell(_ line: String) { story.append("  " + line.replacing(rehearsal.folder.path, with: "output")) }

    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }
}

// MARK: The operator and the company

extension Year {
    /// - Returns: what was edited, in words.
    private mutating func editJob() -> String {
        var edits: [String] = []
        let daily = pick([40, 60, 100, 300, 20_000])
        let keepFree: Job.KeepFree = pick([.tokens(0), .tokens(0), .tokens(29_900), .percent(99.5)])
        let concurrency = pick([1, 2, 4])
        var window = rehearsal.job.window
        if chance(0.05) {
            window.start = Instant(seconds: pick([1_420_070_400, 1_704_067_200, 1_767_225_600, 1_785_000_000]))
            edits.append("start \(window.start)")
        }
        if chance(0.05) {
            window.overlapSeconds = pick([0, 600, 3600, 86_400])
            edits.append("overlap \(window.overlapSeconds) s")
        }
        if chance(0.05) {
            window.lagSeconds = pick([90, 120, 600])
            edits.append("lag \(window.lagSeconds) s")
        }
        var streams = rehearsal.job.streams.map(\.stream.name)
        if chance(0.1) {
            let name = pick(Self.streams)
            streams = streams.contains(name) ? streams.filter { $0 != name } : streams + [name]
            if streams.isEmpty { streams = Self.streams }
            edits.append("streams \(streams.joined(separator: ", "))")
        }
        let all = Job.rehearsed(Self.streams, output: "")
        rehearsal = rehearsal.changing { job in
            job.budget.dailyTokens = daily
            job.budget.keepFree = keepFree
            job.concurrency = concurrency
            job.window = window
            job.streams = streams.compactMap { name in all.streams.first { $0.stream.name == name } }
            job.cutPages(to: Self.pageLimit)
        }
        let others = otherJob.streams
        otherJob = rehearsal.job
        otherJob.streams = others
        otherJob.budget.dailyTokens = pick([daily, 200])
        return edits.joined(separator: "; ")
    }

    /// The small lists change by hand: they have no life of their own.
    private mutating func changeMetadata() {
        guard chance(0.1) else { return }
        let stage = Int.random(in: 1...15, using: &random)
        let isGone = chance(0.15)
        rehearsal.change { account in
            guard account.row(.stages, stage)?.isDeleted == false else { return }
            if isGone { account.delete(.stages, stage) } else { account.edit(.stages, stage) }
        }
    }

    /// What happens to the index while nobody looks.
    private mutating func harmIndex(_ fate: NightPlan.IndexFate, _ job: Job) throws -> [String] {
        let folder = rehearsal.folder.path
        let index = "\(folder)/index/acme.sqlite"
        let manifests = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/manifests/account=acme")) ?? []
        guard fate != .kept, manifests.contains(where: { $0.hasSuffix(".json") }) else { return [] }
        tell("index      \(fate)")
        if fate != .rebuilt {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/index")
            for name in files where name.hasPrefix("acme.sqlite") {
                try FileManager.default.removeItem(atPath: "\(folder)/index/\(name)")
            }
            booksWholeSince = rehearsal.budgetDay
        }
        switch fate {
        case .garbled:
            try Data(repeating: 0x42, count: 5000).write(to: URL(fileURLWithPath: index))
            return try expectGarbled(job)
        case .rebuilt:
            _ = try Vault.rebuild(
                account: job.account, output: folder, disk: LocalDisk(), clock: rehearsal.clock,
                recovery: rehearsal.recovery)
        default: break
        }
        return []
    }

    /// A damaged index is said so with exit code 65, and `rebuild` mends it.
    private func expectGarbled(_ job: Job) throws -> [String] {
        var complaints: [String] = []
        do {
            let vault = try Vault(
                account: job.account, output: rehearsal.folder.path, disk: LocalDisk(), clock: rehearsal.clock,
                recovery: rehearsal.recovery)
            vault.close()
            complaints.append("a garbled index was opened")
        } catch let stop as Stop {
            if stop.code != .badData { complaints.append("a garbled index: \(stop.code) \(stop)") }
        }
        _ = try Vault.rebuild(
            account: job.account, output: rehearsal.folder.path, disk: LocalDisk(), clock: rehearsal.clock,
            recovery: rehearsal.recovery)
        return complaints
    }

    private func verify() throws -> [String] {
        let report = try rehearsal.verify()
        return report.disagreements.prefix(3).map { "verify: \($0.path): \($0.what)" }
    }
}

// MARK: The story

extension Year {
    /// The last nights alone: each knows what is needed to understand it.
    private mutating func begin(_ edits: String, _ job: Job, _ plan: NightPlan) {
        let starts = story.indices.filter { story[$0].hasPrefix("night") }
        if starts.count > 3 { story.removeFirst(starts[1]) }
        let window = job.window
        let streams = job.streams.map(\.stream.name).joined(separator: ", ")
        story.append("night \(night) of seed \(seed) · \(rehearsal.now) · \(streams)")
        tell(
            "job file   \(job.budget.dailyTokens) tokens a day, keep_free \(job.budget.keepFree), "
                + "\(job.concurrency) in flight, start \(window.start), lag \(window.lagSeconds) s, "
                + "overlap \(window.overlapSeconds) s" + (edits.isEmpty ? "" : "; edited: \(edits)"))
        tell("company    " + changes())
        let faults =
            plan.faults.map { "\($0.kind.rawValue) \($0.occasion)" } + (plan.isReachable ? [] : ["nobody there"])
        var troubles = faults
        if plan.mishap != .none { troubles.append("\(plan.mishap)") }
        if plan.skewSeconds != 0 { troubles.append("our clock is \(plan.skewSeconds) s ahead") }
        if let request = plan.rivalAt { troubles.append("a second run begins at request \(request)") }
        if let request = plan.editsAt { troubles.append("\(plan.edits) records change at request \(request)") }
        let options = plan.options
        if let most = options.maxTokens { troubles.append("--max-tokens \(most)") }
        if let deadline = options.deadlineSeconds { troubles.append("--deadline \(deadline)s") }
        if let narrowed = options.streams { troubles.append("--streams \(narrowed.joined(separator: ","))") }
        if !troubles.isEmpty { tell("troubles   " + troubles.joined(separator: "; ")) }
    }

    /// What people did since the last night.
    private mutating func changes() -> String {
        let account = rehearsal.company.withAccount { $0 }
        var words: [String] = []
        for kind in RecordKind.living {
            let (before, after) = (rowsBefore[kind] ?? [], account.rows(kind))
            let (edited, gone) = zip(before, after).reduce(into: (0, 0)) { count, pair in
                guard pair.0.revision != pair.1.revision else { return }
                if pair.1.isDeleted && !pair.0.isDeleted { count.1 += 1 } else { count.0 += 1 }
            }
            let new = after.count - before.count
            guard new + edited + gone > 0 else { continue }
            words.append("\(kind.rawValue) +\(new) ~\(edited) -\(gone)")
            rowsBefore[kind] = after
        }
        return words.isEmpty ? "nothing changed" : words.joined(separator: ", ")
    }
}
