import Extraction
import Pipedrive
import Planning
import Rehearsals
import Simulator
import Testing

/// Every way in which the simulated account can misbehave, with the exit code it deserves and the promises kept
/// through it. The live service may know other ways.
@Suite("A company that misbehaves")
struct MisbehaviourTests {
    private static let paging: [Misbehaviour.Kind: ExitCode] = [
        .serverError500: .complete, .serverError502: .complete, .serverError503: .complete, .resetConnection: .complete,
        .truncatedBody: .complete, .html200: .complete, .garbledJSON: .complete, .prettyPrinted: .complete,
        .missingDailyHeaders: .complete, .missingAllLimitHeaders: .complete, .expiredCursor: .complete,
        .loopingCursor: .complete, .repeatedPage: .complete, .emptyPageWithCursor: .complete,
        .forbiddenPage: .serverRefuses, .forbiddenJSON: .complete, .paymentRequired: .complete, .notFound: .complete,
        .unauthorized: .tokenRefused, .burstExceeded: .complete, .dailyExhausted: .allowanceUsedUp, .slow: .complete,
        .dataNull: .complete, .wrongEnvelope: .complete,
    ]

    @Test("Once", arguments: Misbehaviour.Kind.allCases, [1, 4])
    func once(kind: Misbehaviour.Kind, concurrency: Int) async throws {
        let rehearsal = try small(["core", "users", "stages"], concurrency, isNamed: false)
        rehearsal.company.beforeAnswer { number, request, account in
            // v1 says null where a list is empty, and nobody can tell.
            guard number >= 12, kind != .dataNull || request.path.hasPrefix("/api/v2/") else { return }
            if account.options.misbehaviours.isEmpty { account.misbehave([Misbehaviour(kind, .requests([number]))]) }
        }
        let report = try await rehearsal.night()
        rehearsal.company.beforeAnswer(nil)
        #expect(report.code == Self.paging[kind], "\(report.sentence ?? "")")
        try await goOn(rehearsal)
    }

    @Test("A page that an earlier night had shown, in place of the next one", arguments: ["projects", "deal_products"])
    func repeatedAnotherNight(stream: String) async throws {
        var options = AccountOptions(size: AccountSize(deals: 14))
        options.size.side[.projects] = 8
        let rehearsal = try Rehearsal(["deals", stream], options) {
            $0.cutPages(to: 4)
            $0.concurrency = 1
        }
        let path = stream == "projects" ? "/projects" : "/deals/products"
        let first = try #require(try await firstRequest(of: path, rehearsal.copy()))
        rehearsal.company.beforeAnswer { [company = rehearsal.company] number, _, _ in
            if number == first { company.setReachable(false) }
        }
        #expect(try await rehearsal.night().code == .serverRefuses)
        rehearsal.company.beforeAnswer(nil)
        rehearsal.company.setReachable(true)
        rehearsal.sleep(hours: 1)
        // It goes on where that ended, and is shown the beginning again.
        let next = try #require(try await firstRequest(of: path, rehearsal.copy()))
        rehearsal.change { $0.misbehave([Misbehaviour(.repeatedPage, .requests([next]))]) }
        #expect(try await rehearsal.night().code == .complete)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    /// The number of the first request for that path in the night to come.
    private func firstRequest(of path: String, _ copy: Rehearsal) async throws -> Int? {
        let (before, log) = (copy.asked.requests, try await copy.watchedNight().asked)
        return log.firstIndex { $0.path.hasSuffix(path) }.map { before + $0 + 1 }
    }

    @Test("All night long, on one list", arguments: Misbehaviour.Kind.allCases)
    func always(kind: Misbehaviour.Kind) async throws {
        let rehearsal = try small(["core"], 2)
        rehearsal.change { $0.misbehave([Misbehaviour(kind, .probability(1), pathSuffix: "/persons")]) }
        let report = try await rehearsal.night()
        let failing: [Misbehaviour.Kind] = [
            .serverError500, .serverError502, .serverError503, .resetConnection, .truncatedBody, .html200, .garbledJSON,
            .emptyPageWithCursor, .dataNull, .wrongEnvelope,
        ]
        let expected: [Misbehaviour.Kind: ExitCode] = [
            .forbiddenPage: .serverRefuses, .unauthorized: .tokenRefused, .dailyExhausted: .allowanceUsedUp,
        ]
        if kind != .burstExceeded {
            let code = failing.contains(kind) ? .someStreamsFailed : expected[kind] ?? .complete
            #expect(report.code == code, "\(report.sentence ?? "")")
        }
        if failing.contains(kind) {
            let persons = rehearsal.asked.requestsByPath["/api/v2/persons"] ?? 0
            #expect(persons <= 12 && report.streams.first { $0.stream == "persons" }?.state == .failed)
        }
        try await goOn(rehearsal)
    }

    @Test(
        "All night long, on every list",
        arguments: [.serverError503, .resetConnection, .html200, .garbledJSON] as [Misbehaviour.Kind])
    func dead(kind: Misbehaviour.Kind) async throws {
        let rehearsal = try small(["core"], 4)
        rehearsal.change { $0.misbehave([Misbehaviour(kind, .probability(1))]) }
        let report = try await rehearsal.night()
        let isGarbled = kind == .html200 || kind == .garbledJSON
        #expect(report.code == (isGarbled ? .badData : .serverRefuses), "\(report.sentence ?? "")")
        if kind == .html200 { #expect(report.sentence?.contains("a web page in place of JSON") == true) }
        #expect(rehearsal.asked.requests <= 5 * 8)
        try await goOn(rehearsal)
    }

    @Test("A page shown again in place of the right one loses nothing, not even within one second", arguments: 2...6)
    func repeatedWithinASecond(request: Int) async throws {
        let rehearsal = try Rehearsal(["persons"]) {
            $0.cutPages(to: 10)
            $0.concurrency = 1
        }
        rehearsal.change { account in
            account.bulkEdit(.persons, count: 45)
            account.misbehave([Misbehaviour(.repeatedPage, .requests([request]))])
        }
        rehearsal.sleep(hours: 1)
        let report = try await rehearsal.night()
        #expect(report.code == .complete)
        try await goOn(rehearsal)
    }

    @Test("A page of a whole list that is shown again buries nothing", arguments: 2...4)
    func repeatedInAWholeList(request: Int) async throws {
        let rehearsal = try Rehearsal(["stages"]) { $0.cutPages(to: 3) }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 24)
        let number = rehearsal.asked.requests + request
        rehearsal.change { $0.misbehave([Misbehaviour(.repeatedPage, .requests([number]))]) }
        let report = try await rehearsal.night()
        #expect(report.code == .complete && report.records == 0)
        try await goOn(rehearsal)
    }

    @Test("A page is asked for five times at most, and the other lists are complete")
    func fiveTries() async throws {
        let rehearsal = try small(["core"], 4)
        rehearsal.change { $0.misbehave([Misbehaviour(.serverError500, .probability(1), pathSuffix: "/persons")]) }
        let report = try await rehearsal.night()
        #expect(report.code == .someStreamsFailed && report.outcome == .failed)
        #expect(rehearsal.asked.requestsByPath["/api/v2/persons"] == 5)
        #expect(report.streams.filter { $0.state == .complete }.count == 6)
    }

    @Test("A server in trouble is left alone as long as it wishes, but not for hours", arguments: [4, 3600])
    func retryAfter(seconds: Int) async throws {
        var options = AccountOptions()
        options.retryAfterSeconds = seconds
        let rehearsal = try Rehearsal(["stages"], options)
        rehearsal.change { $0.misbehave([Misbehaviour(.serverError503, .requests([1, 2, 3]))]) }
        let timeline = TimelineClock(milliseconds: Rehearsal.firstNight)
        let company = SimulatorTransport(rehearsal.company.withAccount { $0 }, clock: timeline)
        let report = await SeededExecutor.run(seed: 1, timeline: timeline) {
            try? await rehearsal.night(transport: company, clock: timeline)
        }
        #expect(report?.code == .complete && report?.tokens == 20)
        let times = company.withAccount { $0.counters.log.map(\.milliseconds) }
        let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
        let told = Int64(min(seconds, 20)) * 1000
        #expect(pauses.count == 3 && pauses.allSatisfy { (told...told * 5 / 4).contains($0) }, "\(pauses)")
    }

    @Test(
        "A list that may not be read fails by name, not by group, and is left alone for a day",
        arguments: [.forbiddenJSON, .paymentRequired, .notFound] as [Misbehaviour.Kind], [true, false])
    func unavailable(kind: Misbehaviour.Kind, isNamed: Bool) async throws {
        let rehearsal = try small(isNamed ? ["deals", "persons"] : ["core"], 4)
        rehearsal.change { $0.misbehave([Misbehaviour(kind, .probability(1), pathSuffix: "/persons")]) }
        let code: ExitCode = isNamed ? .someStreamsFailed : .complete
        let report = try await rehearsal.night()
        #expect(report.code == code)
        // Running again would not help.
        let cure = "give the token the right to read persons, or leave that out of the job's streams."
        #expect(!isNamed || report.sentence?.hasSuffix("the others are complete; \(cure)") == true)
        rehearsal.sleep(hours: 23)
        let (plan, status) = (try rehearsal.plan(), try rehearsal.status())
        #expect(plan.leftAlone.map(\.stream) == ["persons"] && !plan.lists.contains { $0.stream == "persons" })
        #expect(status.streams.first { $0.stream == "persons" }?.unavailableUntil == plan.leftAlone.first?.until)
        // To another token the list may be open, and a run with it asks at once.
        #expect(try rehearsal.plan(access: "token another").leftAlone.isEmpty)
        #expect(try rehearsal.status(access: "token another").streams.allSatisfy { $0.unavailable == nil })
        let own = APIToken(AccountOptions.defaultToken).name
        #expect(try rehearsal.plan(access: own).leftAlone == plan.leftAlone)
        #expect(try await rehearsal.night().code == code)
        #expect(rehearsal.asked.requestsByPath["/api/v2/persons"] == 1)
        rehearsal.sleep(hours: 2)
        #expect(try rehearsal.plan().leftAlone.isEmpty)
        #expect(try await rehearsal.night().code == code)
        #expect(rehearsal.asked.requestsByPath["/api/v2/persons"] == 2)
        try await goOn(rehearsal)
    }

    @Test("After the gateway's page nobody asks for a quarter of an hour")
    func gateway() async throws {
        let rehearsal = try small(["core"], 4)
        rehearsal.change { $0.misbehave([Misbehaviour(.forbiddenPage, .requests([3]))]) }
        #expect(try await rehearsal.night().code == .serverRefuses)
        rehearsal.sleep(seconds: 14 * 60)
        let early = try await rehearsal.watchedNight()
        #expect(early.0.code == .serverRefuses && early.asked.isEmpty)
        let (plan, status) = (try rehearsal.plan(), try rehearsal.status())
        #expect(plan.blockedUntil != nil && plan.blockedUntil == status.blockedUntil)
        #expect(plan.nextRun.requests == 0 && plan.nextRun.tokens == 0 && plan.requests > 0, "\(plan)")
        rehearsal.sleep(seconds: 100)
        #expect(try rehearsal.plan().blockedUntil == nil && rehearsal.plan().nextRun.requests > 0)
        #expect(try rehearsal.status().blockedUntil == nil)
        #expect(try await rehearsal.night().code == .complete)
    }

    @Test("After a daily 429 nobody asks again that day")
    func dailyExhausted() async throws {
        let rehearsal = try small(["core"], 4)
        rehearsal.change { $0.misbehave([Misbehaviour(.dailyExhausted, .requests([5]))]) }
        let first = try await rehearsal.watchedNight()
        #expect(first.0.code == .allowanceUsedUp && first.0.outcome == .paused)
        #expect(first.asked.count <= 5 + 4)
        rehearsal.sleep(hours: 3)
        let second = try await rehearsal.watchedNight()
        #expect(second.0.code == .allowanceUsedUp && second.asked.isEmpty)
        rehearsal.sleep(hours: 19)
        #expect(try await rehearsal.night().code == .complete)
    }

    @Test("Nobody there: 69, and no token spent")
    func unreachable() async throws {
        let rehearsal = try small(["core"], 4)
        rehearsal.company.setReachable(false)
        let report = try await rehearsal.night()
        #expect(report.code == .serverRefuses && report.tokens == 0)
        #expect(try IndexViews(rehearsal.folder.path).spent().isEmpty)
        rehearsal.company.setReachable(true)
        try await goOn(rehearsal)
    }

    @Test("A clock a little off: the windows follow the server's", arguments: [-300, -30, 30, 300] as [Int64])
    func clockSkew(aheadSeconds: Int64) async throws {
        var options = AccountOptions(size: AccountSize(deals: 100))
        options.clockAheadMilliseconds = aheadSeconds * 1000
        let rehearsal = try Rehearsal(["core"], options)
        #expect(try await rehearsal.night().code == .complete)
        let bound = rehearsal.now - 120 + min(aheadSeconds, 0)
        let until = try IndexViews(rehearsal.folder.path).coverage().compactMap { $0.value.intervals.last?.until }
        #expect(until.count == 7 && until.allSatisfy { abs($0 - bound) <= 5 })
        try await goOn(rehearsal)
    }

    /// What is edited between the two clocks' times lies outside of the window, also when a later night goes on.
    @Test("A window that was opened by a clock ahead is cut back where a later night goes on")
    func clockAheadAndLater() async throws {
        var options = AccountOptions(size: AccountSize(deals: 100))
        options.clockAheadMilliseconds = -300_000
        let rehearsal = try Rehearsal(["persons"], options) {
            $0.cutPages(to: 10)
            // Less than looking may take, so history goes before news.
            $0.budget.dailyTokens = 20
            $0.window.overlapSeconds = 0
        }
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        rehearsal.sleep(seconds: 30)
        let edited = try #require(rehearsal.living(.persons, 1).first)
        rehearsal.change { $0.edit(.persons, edited) }
        var promises = Promises(rehearsal.folder.path)
        for _ in 0..<20 {
            rehearsal.sleep(hours: 25)
            let code = try await rehearsal.night().code
            #expect(try promises.broken(rehearsal) == [])
            if code == .complete { return }
        }
        Issue.record("not complete in twenty nights")
    }

    @Test("A clock far off ends the run", arguments: [-3600, 3600] as [Int64])
    func farSkew(seconds: Int64) async throws {
        var options = AccountOptions(size: AccountSize(deals: 100))
        options.dateSkewSeconds = seconds
        let rehearsal = try Rehearsal(["core"], options)
        let report = try await rehearsal.night()
        #expect(report.code == .serverRefuses && report.requests == 1 && report.records == 0)
    }

    private func small(_ streams: [String], _ concurrency: Int, isNamed: Bool = true) throws -> Rehearsal {
        var size = AccountSize(deals: 60)
        // More in one second than a page holds could not be read without cursors.
        size.cluster = 6
        return try Rehearsal(streams, AccountOptions(size: size)) {
            $0.cutPages(to: 10)
            $0.concurrency = concurrency
            if !isNamed { for place in $0.streams.indices { $0.streams[place].isNamed = false } }
        }
    }

    /// The promises hold, and a night without misbehaviour completes what is missing.
    private func goOn(_ rehearsal: Rehearsal) async throws {
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        rehearsal.change { $0.misbehave() }
        rehearsal.sleep(hours: 25)
        let report = try await rehearsal.night()
        #expect(report.code == .complete, "\(report.sentence ?? "")")
        #expect(try promises.broken(rehearsal) == [])
    }
}
