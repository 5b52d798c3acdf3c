import Extraction
import Planning
import Rehearsals
import Simulator
import Synchronization
import Testing

/// What may be spent, and how far it goes. Prices are the simulator's, checked elsewhere against the official
/// descriptions; whether the live service counts likewise, no test can tell.
@Suite("The allowance")
struct AllowanceTests {
    @Test("Archived leads have their turn under an allowance for little more than looks", arguments: [110, 149])
    func littleMoreThanALook(tokens: Int) async throws {
        let rehearsal = try Rehearsal(["core"], AccountOptions(size: AccountSize(deals: 40))) {
            $0.budget.dailyTokens = tokens
        }
        for _ in 1...40 {
            _ = try await rehearsal.night()
            rehearsal.sleep(hours: 24)
        }
        let covered = try IndexViews(rehearsal.folder.path).coverage()
        for stream in ["deals", "persons", "organizations", "activities", "products", "leads", "notes"] {
            let until = covered[stream]?.intervals.last?.until ?? Instant(seconds: 0)
            let days = Double(rehearsal.now - until) / 86_400
            #expect(days < (stream == "leads" ? 10 : 4), "\(stream) is \(days) days old")
        }
    }

    @Test("1,300 rows of one second, with the allowance ending inside it")
    func oneSecond() async throws {
        let options = AccountOptions(size: AccountSize(deals: 1400))
        let rehearsal = try Rehearsal(["deals"], options) { $0.budget.dailyTokens = 20 }
        rehearsal.change { $0.bulkEdit(.deals, count: 1300) }
        rehearsal.sleep(hours: 1)
        var promises = Promises(rehearsal.folder.path)
        for night in 1...12 {
            let report = try await rehearsal.night()
            #expect(try promises.broken(rehearsal) == [], "night \(night)")
            #expect(report.code == .allowanceUsedUp && report.outcome == .paused, "night \(night)")
            #expect(report.tokens == 10 || report.tokens == 20, "night \(night)")
            rehearsal.sleep(hours: 24)
        }
        #expect(promises.warehouse.latest("deals").count > 1300)
    }

    @Test("A backlog of k pages at n a night takes about k/n nights", arguments: [3, 4, 5, 8])
    func backlog(pagesANight: Int) async throws {
        let rehearsal = try Rehearsal(["deals"]) {
            $0.budget.dailyTokens = pagesANight * 10
            $0.cutPages(to: 10)
        }
        let deals = rehearsal.company.withAccount { $0.truth(.deals) }
        let (live, archived) = (deals.count { !$0.isArchived }, deals.count(where: \.isArchived))
        let tokens = (live / 10 + 1) * 10 + (archived / 10 + 1) * 20
        let nights = try await rehearsal.nightsUntilComplete()
        let fewest = tokens / (pagesANight * 10)
        // A night may leave half an archived page unspent, and the last ones also look for what is new.
        #expect(nights >= fewest && nights <= fewest + fewest / 2 + 3)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("An idle night and the archived leads are enough: history is finished before anybody looks for news")
    func scarce() async throws {
        let rehearsal = try Rehearsal(["core"]) {
            $0.budget.dailyTokens = 150
            $0.cutPages(to: 20)
        }
        let nights = try await rehearsal.nightsUntilComplete()
        #expect(nights < 15, "\(nights) nights")
    }

    @Test("A machine whose clock is hours behind pays for its one request on the server's day")
    func wrongClock() async throws {
        let rehearsal = try Rehearsal(["deals"])
        // Half an hour into the server's day, and still yesterday here.
        rehearsal.sleep(seconds: -90 * 60)
        let clock = SkewedClock(rehearsal.clock, skewSeconds: -2 * 3600)
        #expect(try await rehearsal.night(clock: clock).code == .serverRefuses)
        let counted = rehearsal.asked.tokensByDay
        #expect(counted == [rehearsal.budgetDay: 10])
        let spent = try IndexViews(rehearsal.folder.path).spent()
        #expect(spent.contains { $0.day == rehearsal.budgetDay && $0.tokens == 10 })
    }

    @Test("What no night can pay for is said, and plan promises no night")
    func neverEnough() async throws {
        let rehearsal = try Rehearsal(["deals", "persons"], AccountOptions(size: AccountSize(deals: 40))) {
            $0.budget.dailyTokens = 19
        }
        #expect(try rehearsal.plan().nights == nil && rehearsal.plan().unpayable?.hasPrefix("deals can never") == true)
        #expect(try rehearsal.status().unpayable?.hasPrefix("deals can never") == true, "cron keeps a 75 to itself")
        let end =
            "but deals can never be read to the end: a page costs up to 20 tokens, and budget.daily_tokens allows 19 a "
            + "day; set budget.daily_tokens to 20 or more, or leave deals out of the job's streams."
        for _ in 1...3 {
            let report = try await rehearsal.night()
            #expect(report.code == .allowanceUsedUp && report.outcome == .paused)
            #expect(report.sentence?.hasSuffix(end) == true, "\(report.sentence ?? "")")
            rehearsal.sleep(hours: 24)
        }
    }

    @Test("An allowance that leaves nothing to anybody says so", arguments: [9, 20_000])
    func nothingEver(tokens: Int) async throws {
        let rehearsal = try Rehearsal(["deals"]) {
            ($0.budget.dailyTokens, $0.budget.keepFree) = (tokens, .percent(tokens == 9 ? 0 : 100))
        }
        let report = try await rehearsal.night()
        #expect(report.code == .allowanceUsedUp && report.tokens <= 10)
        #expect(report.sentence?.hasPrefix("no night can go on: deals can never be read") == true)
    }

    @Test("keep_free is left to the others", arguments: [.tokens(29_930), .percent(99.8)] as [Job.KeepFree])
    func keepFree(_ keepFree: Job.KeepFree) async throws {
        let rehearsal = try Rehearsal(["core"]) {
            $0.budget.keepFree = keepFree
            $0.cutPages(to: 20)
        }
        let report = try await rehearsal.night()
        let least = keepFree == .tokens(29_930) ? 29_930 : 29_940
        #expect(report.code == .allowanceUsedUp && report.tokens > 30)
        #expect(report.sentence?.contains("than budget.keep_free leaves to others; progress is kept") == true)
        let status = try rehearsal.status()
        #expect(status.companyKept == least && status.leftToday < 40 && status.exhaustedUntil == nil)
        #expect(rehearsal.company.withAccount { $0.remainingTokens } >= least)
        let again = try await rehearsal.watchedNight()
        #expect(again.0.code == .allowanceUsedUp)
        #expect(rehearsal.company.withAccount { $0.remainingTokens } >= least)
    }

    @Test("Others draw on the company's tokens while we pull", arguments: [1, 2, 3] as [UInt64])
    func otherTraffic(seed: UInt64) async throws {
        var options = AccountOptions()
        options.otherTrafficTokensPerHour = 10_000
        options.latencyMilliseconds = 9000
        let rehearsal = try Rehearsal(["core"], options) {
            $0.budget.keepFree = .tokens(9000)
            $0.cutPages(to: 2)
        }
        let timeline = TimelineClock(milliseconds: Rehearsal.firstNight)
        let remaining = Mutex<[Int]>([])
        let company = SimulatorTransport(SimulatedAccount(options: options), clock: timeline) { _, _, account in
            remaining.withLock { $0.append(account.remainingTokens) }
        }
        let report = await SeededExecutor.run(seed: seed, timeline: timeline) {
            try? await rehearsal.night(transport: company, clock: timeline)
        }
        #expect(report?.code == .allowanceUsedUp)
        let log = company.withAccount { $0.counters.log }
        let left = zip(remaining.withLock { $0 }, log).map { $0 - $1.tokens }
        // What is out is counted already. What nobody can know is what others have taken since the count was made that
        // was heard last: a request leaves in the moment in which an answer comes, so that count is as old as an answer
        // is under way.
        let taken = options.otherTrafficTokensPerHour * Int(options.latencyMilliseconds) / 3_600_000 + 1
        #expect(log.count > 30 && left.allSatisfy { $0 >= 9000 - taken }, "\(left.min() ?? 0) of 9000 left")
        // Not for want of trying: the last page that fits was asked for.
        #expect(left.last.map { $0 < 9000 + 40 + taken } ?? false)
    }

    @Test("Without the header keep_free is not applied, and one request alone asks for it")
    func noHeader() async throws {
        var options = AccountOptions()
        options.sendsDailyHeaders = false
        let rehearsal = try Rehearsal(["core"], options) { $0.budget.keepFree = .percent(100) }
        #expect(try await rehearsal.night().code == .complete)
    }

    @Test("A header that comes late counts from then on")
    func lateHeader() async throws {
        var options = AccountOptions()
        options.misbehaviours = [Misbehaviour(.missingDailyHeaders, .requests([1, 2, 3]))]
        let rehearsal = try Rehearsal(["core"], options) {
            $0.budget.keepFree = .tokens(29_900)
            $0.cutPages(to: 10)
        }
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        #expect(rehearsal.company.withAccount { $0.remainingTokens } >= 29_900)
    }

    @Test("--max-tokens and --deadline end a run, and the next goes on")
    func narrowed() async throws {
        var options = AccountOptions()
        options.latencyMilliseconds = 1000
        let rehearsal = try Rehearsal(["core"], options) { $0.cutPages(to: 20) }
        let capped = try await rehearsal.night(RunOptions(maxTokens: 45))
        #expect(capped.code == .allowanceUsedUp && capped.outcome == .paused && capped.tokens == 40)
        let timed = try await rehearsal.night(RunOptions(deadlineSeconds: 3))
        #expect(timed.code == .allowanceUsedUp && timed.outcome == .paused && timed.requests > 0)
        #expect(timed.sentence?.contains("--deadline") == true)
        #expect(try await rehearsal.night().code == .complete)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("A run over midnight spends of both days what each allows", arguments: [1, 4])
    func midnight(concurrency: Int) async throws {
        var options = AccountOptions()
        options.latencyMilliseconds = 12_000
        options.misbehaviours = [Misbehaviour(.burstExceeded, .probability(0.3))]
        let rehearsal = try Rehearsal(["deals", "persons"], options) {
            $0.budget.dailyTokens = 300
            $0.concurrency = concurrency
            $0.cutPages(to: 4)
        }
        rehearsal.clock.set(milliseconds: AccountOptions.defaultStartMilliseconds + 86_400_000 - 150_000)
        let report = try await rehearsal.night()
        #expect(report.tokens > 300 && report.code == .allowanceUsedUp)
        let days = rehearsal.asked.tokensByDay
        #expect(days.count == 2 && days.allSatisfy { $0.value <= 300 })
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("The budget day is the server's, also where the clocks disagree about midnight", arguments: [-300, 300])
    func midnightSkew(aheadSeconds: Int64) async throws {
        var options = AccountOptions()
        options.clockAheadMilliseconds = aheadSeconds * 1000
        let rehearsal = try Rehearsal(["core"], options) {
            $0.budget.dailyTokens = 100
            $0.cutPages(to: 20)
        }
        let midnight = AccountOptions.defaultStartMilliseconds + 86_400_000
        for minutes in [-4, -3, 3, 4] as [Int64] {
            rehearsal.clock.set(milliseconds: midnight + minutes * 60_000)
            #expect(try await rehearsal.night().code == .allowanceUsedUp)
        }
        // Before its first answer a run cannot know: a request each may fall on the other side.
        #expect(rehearsal.asked.tokensByDay.allSatisfy { $0.value <= 100 + 4 * 10 })
    }
}
