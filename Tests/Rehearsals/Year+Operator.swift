import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Storage
import TestSupport

/// What the operator does to the job file and the index, and people in the company by hand.
extension Year {
    /// - Returns: what was edited, in words.
    mutating func editJob() -> String {
        var edits: [String] = []
        let daily = random.pick([60, 100, 200, 400, 20_000])
        let keepFree: Job.KeepFree = random.pick([.tokens(0), .tokens(0), .tokens(29_900), .percent(99.5)])
        let concurrency = random.pick([1, 2, 4])
        var window = rehearsal.job.window
        if random.chance(0.05) {
            window.start = Instant(seconds: random.pick([1_420_070_400, 1_704_067_200, 1_767_225_600, 1_785_000_000]))
            if window.start != rehearsal.job.window.start {
                meet(window.start < rehearsal.job.window.start ? "start moved back" : "start moved forward")
            }
            edits.append("start \(window.start)")
        }
        if random.chance(0.05) {
            window.overlapSeconds = random.pick([0, 600, 3600, 86_400])
            edits.append("overlap \(window.overlapSeconds) s")
        }
        if random.chance(0.05) {
            window.lagSeconds = random.pick([90, 120, 600])
            edits.append("lag \(window.lagSeconds) s")
        }
        if random.chance(0.05) {
            window.sweepSeconds = random.pick([0, 2 * 86_400, 7 * 86_400])
            edits.append("sweep \(window.sweepSeconds) s")
        }
        var streams = rehearsal.job.streams.map(\.stream.name)
        if random.chance(0.1) {
            let name = random.pick(Self.streams + Self.children)
            meet(streams.contains(name) ? "stream removed" : "stream added")
            streams = streams.contains(name) ? streams.filter { $0 != name } : streams + [name]
            streams = streams.filter { Self.isReadable($0, among: streams) }
            if streams.isEmpty { streams = Self.streams }
            edits.append("streams \(streams.joined(separator: ", "))")
        }
        let all = Job.rehearsed(Self.streams + Self.children, output: "")
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
        otherJob.budget.dailyTokens = random.pick([daily, 200])
        return edits.joined(separator: "; ")
    }

    /// Children are read where their parents are.
    private static func isReadable(_ stream: String, among streams: [String]) -> Bool {
        Catalogue.stream(named: stream)?.parent.map { streams.contains($0.stream) } ?? true
    }

    /// The small lists have no life of their own; and now and then somebody deletes far too much.
    mutating func changeByHand(_ plan: NightPlan) {
        if let kind = plan.massDeletion {
            let ids = rehearsal.living(kind, 100)
            rehearsal.change { account in for id in ids.dropLast(ids.count / 3) { account.delete(kind, id) } }
        }
        guard random.chance(0.1) else { return }
        let stage = Int.random(in: 1...15, using: &random)
        let isGone = random.chance(0.15)
        rehearsal.change { account in
            guard account.row(.stages, stage)?.isDeleted == false else { return }
            if isGone { account.delete(.stages, stage) } else { account.edit(.stages, stage) }
        }
    }

    /// What happens to the index while nobody looks.
    mutating func harmIndex(_ fate: NightPlan.IndexFate, _ job: Job) throws -> [String] {
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
            // What the server had refused is forgotten with the index.
            (booksWholeSince, refusals, booksLostAt) = (rehearsal.budgetDay, Refusals(), rehearsal.now)
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

    func verify() throws -> [String] {
        let report = try rehearsal.verify()
        return report.disagreements.prefix(3).map { "verify: \($0.path): \($0.what)" }
    }
}
