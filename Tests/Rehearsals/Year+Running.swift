import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Storage
import Synchronization
import TestSupport

extension Year {
    mutating func run(_ job: Job, _ plan: NightPlan) async throws -> EndedNight {
        let rivals = Mutex<[String]>([])
        let (clock, folder) = (rehearsal.clock, rehearsal.folder.path)
        // The edits come through the company's own door, since a change of an account under way is its business.
        rehearsal.company.beforeAnswer { [first = rehearsal.asked.requests] number, _, account in
            guard number - first == plan.editsAt else { return }
            account.bulkEdit(Self.editedUnderWay[number % Self.editedUnderWay.count], count: plan.edits)
        }
        defer { rehearsal.company.beforeAnswer(nil) }
        var night = WatchedNight(job: job, options: plan.options, mishap: plan.mishap, skewSeconds: plan.skewSeconds)
        let (knew, before) = (knowsReset, rehearsal.asked.tokensByDay)
        night.knowsReset = knew
        night.beforeRequest = { number in
            guard number == plan.rivalAt, let what = Self.rivalComplaint(job.account, folder, clock) else { return }
            rivals.withLock { $0.append(what) }
        }
        var ended = try await rehearsal.watched(night, &refusals, chance: random.fractions())
        ended.complaints += rivals.withLock { $0 }
        if knew, knowsReset, rehearsal.now - booksLostAt > MisjudgedDay.longestSeconds {
            ended.complaints += MisjudgedDay.overspent(
                rehearsal.asked.tokensByDay, before, job.budget.dailyTokens, "day of the company")
        }
        return ended
    }

    private static let editedUnderWay: [RecordKind] = [.deals, .persons, .products, .notes, .leads, .activities]

    /// A second run of the account must find the door locked.
    private static func rivalComplaint(_ account: String, _ folder: String, _ clock: any WallClock) -> String? {
        do {
            try Vault(account: account, output: folder, disk: LocalDisk(), clock: clock).close()
            return "two runs at once"
        } catch {
            return (error as? Stop)?.code == .alreadyRunning ? nil : "a second run: \(error)"
        }
    }

    /// Everything that is promised, as far as it can be judged after this end.
    mutating func judge(_ ended: EndedNight, _ job: Job, _ plan: NightPlan) throws -> [String] {
        var complaints = ended.complaints
        // Opened once a night: SQLite reads the whole schema each time.
        let views = try? IndexViews(rehearsal.folder.path)
        describe(ended, covered: try views?.coverage() ?? [:])
        complaints += allowanceComplaints(ended, job, plan)
        if ended.code == .brokenInvariant { complaints.append(ended.sentence) }
        promises.note(ended.report)
        if ended.isUnsettled {
            complaints += try promises.brokenFiles()
        } else {
            complaints +=
                try night % Self.nightsBetweenFullChecks == 0
                ? promises.broken(rehearsal, views, without: booksWholeSince, counted: counted)
                : promises.brokenNightly(rehearsal, views, without: booksWholeSince, counted: counted)
        }
        if !ended.isKilled { complaints += try codeComplaints(ended, job, plan, views) }
        remember(ended, plan)
        return complaints
    }

    private mutating func remember(_ ended: EndedNight, _ plan: NightPlan) {
        let statuses = Set(ended.requests.map(\.status))
        let now = rehearsal.now
        if statuses.contains(403) { isBlockedUntil = now + 20 * 60 }
        let isRefused = !statuses.isDisjoint(with: [402, 403]) || plan.faults.contains { $0.kind == .notFound }
        if isRefused || ended.isListUnknown { isMarkedUntil = now + 25 * 3600 }
    }
}

extension EndedNight {
    /// Records that are gone answer 404 when their children are asked for; so many of them pass for a missing list.
    var isListUnknown: Bool { requests.count { $0.status == 404 } >= Extractor.mostUnknownParents }
}
