import Extraction
import Planning
import Platform
import Rehearsals
import Simulator
import Storage
import TestSupport
import Testing

/// A company whose tokens are renewed at 02:00 UTC, and a job file that says otherwise. `ResetWatchTests` shows what is
/// made of counts; here whole nights tell it, remember it and act on it.
@Suite("A reset that the job file does not know")
struct ResetTests {
    private static let day: Int64 = 86_400
    private static let renewsAt: Int64 = 2 * 3600
    private static let midnight = Instant(milliseconds: AccountOptions.defaultStartMilliseconds) + day
    private static let daily = 300

    private func rehearsal(_ change: (inout AccountOptions) -> Void = { _ in }) throws -> Rehearsal {
        var options = AccountOptions(size: AccountSize(deals: 400))
        options.budgetRenewsAtSeconds = Self.renewsAt
        options.dailyBudgetTokens = 1000
        change(&options)
        return try Rehearsal(["deals", "persons", "activities"], options) {
            $0.budget.dailyTokens = Self.daily
            $0.cutPages(to: 5)
        }
    }

    private func night(_ rehearsal: Rehearsal, _ hour: Int64, _ options: RunOptions = RunOptions()) async throws
        -> (RunReport, asked: [RequestRecord])
    {
        rehearsal.clock.set(milliseconds: (Self.midnight.seconds + hour * 3600) * 1000)
        return try await rehearsal.watchedNight(options)
    }

    /// What others use up is what makes the jump large enough to be sure of.
    private func taught(_ rehearsal: Rehearsal) async throws {
        _ = try await night(rehearsal, 0, RunOptions(maxTokens: 20))
        rehearsal.change { $0.othersSpend(500) }
        _ = try await night(rehearsal, 1, RunOptions(maxTokens: 20))
        _ = try await night(rehearsal, 3, RunOptions(maxTokens: 20))
    }

    /// Where answers take their time.
    private func overTheReset(_ rehearsal: Rehearsal) async throws -> RunReport {
        rehearsal.change { $0.othersSpend(500) }
        rehearsal.clock.set(milliseconds: (Self.midnight.seconds + Self.renewsAt - 120) * 1000)
        return try await rehearsal.night()
    }

    private func status(_ rehearsal: Rehearsal) throws -> StatusReport {
        let folder = AccountFolder(account: "acme", output: rehearsal.folder.path, disk: LocalDisk())
        return try StatusReport(job: rehearsal.job, index: try folder.index(), now: rehearsal.now)
    }

    @Test("It is said once it is sure, and no more when the job file is right")
    func said() async throws {
        let rehearsal = try rehearsal()
        #expect(try await night(rehearsal, 0, RunOptions(maxTokens: 20)).0.budgetReset == nil)
        #expect(try status(rehearsal).budgetReset == nil)
        rehearsal.change { $0.othersSpend(500) }
        #expect(try await night(rehearsal, 1, RunOptions(maxTokens: 20)).0.budgetReset == nil)
        let report = try await night(rehearsal, 3, RunOptions(maxTokens: 20)).0
        let reset = try #require(report.budgetReset)
        #expect(!reset.agrees && reset.earliest < "02:00:00" && reset.latest > "02:00:00" && reset.days == 1)
        #expect(reset.warning?.contains("the job file says 00:00: set budget.resets_at") == true)
        #expect(try status(rehearsal).budgetReset == reset)
        let mended = rehearsal.changing { $0.budget.resetsAtSeconds = Int(Self.renewsAt) }
        let after = try await night(mended, 4, RunOptions(maxTokens: 20)).0.budgetReset
        #expect(after?.agrees == true && after?.warning == nil)
    }

    @Test("A run over the reset sees it to the minute")
    func underway() async throws {
        let rehearsal = try rehearsal { $0.latencyMilliseconds = 20_000 }
        let reset = try await overTheReset(rehearsal).budgetReset
        #expect(reset?.sentence.contains("came back at 02:00 UTC (seen once)") == true, "\(reset?.sentence ?? "")")
    }

    @Test("Headers that are missing teach nothing, late ones later", arguments: ["missing", "late", "without limit"])
    func headers(kind: String) async throws {
        let rehearsal = try rehearsal { $0.sendsDailyHeaders = kind == "late" }
        if kind == "late" {
            rehearsal.change { $0.misbehave([Misbehaviour(.missingDailyHeaders, .requests([1, 3, 5]))]) }
        }
        try await taught(rehearsal)
        // The first one of each of three runs.
        let reset = try await night(rehearsal, 4, RunOptions(maxTokens: 20)).0.budgetReset
        #expect((reset != nil) == (kind == "late") && reset?.agrees != true, "\(reset?.sentence ?? "")")
    }

    @Test("By the company's own days not a token too many, from then on", arguments: [3, 9, 22] as [Int64])
    func allowance(firstHour: Int64) async throws {
        let rehearsal = try rehearsal()
        try await taught(rehearsal)
        let before = rehearsal.asked.tokensByDay
        for hour in stride(from: firstHour, through: 96, by: 2) { _ = try await night(rehearsal, 1 + hour) }
        let days = rehearsal.asked.tokensByDay
        #expect(days.count >= 4 && days.allSatisfy { $0.value <= max(Self.daily, before[$0.key] ?? 0) }, "\(days)")
        #expect(days.values.filter { $0 >= Self.daily - 30 }.count >= 3, "what may be spent is spent: \(days)")
    }

    @Test("After a daily 429 nobody asks before both days have ended", arguments: [2, 22] as [Int64])
    func exhausted(renewsAtHour: Int64) async throws {
        let rehearsal = try rehearsal { $0.budgetRenewsAtSeconds = renewsAtHour * 3600 }
        let jobEndsLast = renewsAtHour == 22
        _ = try await night(rehearsal, renewsAtHour - 1, RunOptions(maxTokens: 20))
        rehearsal.change { $0.othersSpend(500) }
        _ = try await night(rehearsal, renewsAtHour - 1, RunOptions(maxTokens: 20))
        _ = try await night(rehearsal, renewsAtHour + 1, RunOptions(maxTokens: 20))
        let drainAt: Int64 = 30
        rehearsal.clock.set(milliseconds: (Self.midnight.seconds + drainAt * 3600) * 1000)
        rehearsal.change { $0.drainBudget() }
        #expect(try await night(rehearsal, drainAt).0.code == .allowanceUsedUp)
        // Drained at 06:00. The company's day ends at 22:00 or at 02:00, the job file's at 00:00.
        let quiet: [Int64] = jobEndsLast ? [45, 47] : [47, 49]
        for hour in quiet { #expect(try await night(rehearsal, hour).asked.isEmpty, "hour \(hour)") }
        #expect(try await night(rehearsal, 51).asked.isEmpty == false)
    }

    @Test("A nightly job that begins a few minutes before the company's day waits for it, every night")
    func nightly() async throws {
        let rehearsal = try rehearsal { $0.latencyMilliseconds = 20_000 }
        _ = try await overTheReset(rehearsal)
        for day in 1...4 as ClosedRange<Int64> {
            let start = Self.midnight + day * Self.day + Self.renewsAt - 300
            rehearsal.clock.set(milliseconds: start.seconds * 1000)
            let report = try await rehearsal.night()
            #expect(report.tokens >= Self.daily - 30, "day \(day): \(report.tokens)")
        }
        // Not past a deadline.
        let start = Self.midnight + 5 * Self.day + Self.renewsAt - 300
        rehearsal.clock.set(milliseconds: start.seconds * 1000)
        let late = try await rehearsal.night(RunOptions(deadlineSeconds: 120))
        #expect(late.sentence?.contains("--deadline") == true && rehearsal.now < start + 300)
        #expect(rehearsal.asked.tokensByDay.allSatisfy { $0.value <= Self.daily }, "\(rehearsal.asked.tokensByDay)")
    }

    @Test("What the company had left before its day began is not believed after it")
    func lowCount() async throws {
        let rehearsal = try rehearsal()
        try await taught(rehearsal)
        let keeping = rehearsal.changing { $0.budget.keepFree = .tokens(100) }
        rehearsal.change { $0.othersSpend($0.remainingTokens - 60) }
        // The job file's day is an hour old, and the company's has an hour to go.
        #expect(try await night(keeping, 25).asked.count <= 1)
        #expect(try await night(keeping, 25).asked.isEmpty)
        let (report, asked) = try await night(keeping, 27)
        #expect(report.tokens >= Self.daily - 60 && asked.count > 5, "\(report.sentence ?? "")")
    }

    @Test("It outlives a rebuild of the index")
    func rebuilt() async throws {
        let rehearsal = try rehearsal()
        try await taught(rehearsal)
        let before = try status(rehearsal)
        _ = try Vault.rebuild(
            account: "acme", output: rehearsal.folder.path, disk: LocalDisk(), clock: rehearsal.clock,
            recovery: rehearsal.recovery)
        let after = try status(rehearsal)
        #expect(before.budgetReset != nil && after.budgetReset == before.budgetReset)
        #expect(after.leftToday == before.leftToday)
    }
}
