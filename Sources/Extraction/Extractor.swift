package import Logging
package import Pipedrive
package import Planning
package import Platform
package import Storage

/// A run: ask what is next, do it, remember it, until nothing is left or something stops it.
///
/// All state belongs to the one task that runs the loop; only requests and deflating go on beside it, as child
/// tasks that are handed values and return values.
package final class Extractor {
    let job: Job
    let options: RunOptions
    let client: PipedriveClient
    let transport: any HTTPTransport
    let clock: any WallClock
    let store: RunStore
    let logger: Logger
    let observe: (@Sendable (RunProgress) -> Void)?
    /// Between 0 and 1, for the length of pauses; a rehearsal puts its seed here.
    package var chance: @Sendable () -> Double = { .random(in: 0...1) }

    let calendar: BudgetCalendar
    let startedAt: Instant
    var situation: Situation
    /// Beside `situation.lists`, one each.
    var logs: [ListLog]
    /// For the guess of the time left.
    var uncoveredAtStart: Int64 = 0
    /// What the run was to cost.
    var expected: Expected?
    var serverClock = ServerClock()
    var resetWatch: ResetWatch
    /// When the company's day was seen to begin, and when the present one had, where the job file says otherwise.
    var seenReset: SeenReset?
    var companyDayBegan: Instant?
    var queue = CommitQueue()
    /// Reserved, and perhaps not contained in what the company last counted.
    var uncounted = UncountedRequests()
    var noticing = Noticing()
    var unexplained = UnexplainedLimits()
    /// By child stream.
    var unknownParents: [String: UnknownParents] = [:]
    /// Requests asked in this run.
    var askCount = 0
    /// An answer came in this budget day: the company's count is known or will not be told.
    var hasAnswerOfToday = false
    /// Nothing is asked for until the budget day has changed.
    var isWaitingForDay = false
    /// It is known when the next request may leave.
    var isAwaitingPlace = false
    var hasReachedServer = false
    var hasEverSucceeded = false
    /// Set once; from then on nothing more is asked for.
    var ending: Ending?
    /// Pages still out are not waited for.
    var isAbandoning = false
    /// The store refused a write and must not be touched again.
    var storeIsLost = false

    /// How long requests under way are waited for after a signal or the deadline; with sealing and the manifest
    /// it stays below the ten seconds that the contract allows.
    static let graceMilliseconds: Int64 = 6000
    /// The longest time between a reservation and the arrival of its request: a pause of 25 s after a failure, 10 s
    /// of waiting out a burst limit, 30 s until an answer is given up, and something for good measure.
    static let quietSecondsBeforeReset: Int64 = 90

    package init(
        job: Job, options: RunOptions, client: PipedriveClient, transport: any HTTPTransport, clock: any WallClock,
        store: RunStore, logger: Logger, observe: (@Sendable (RunProgress) -> Void)? = nil
    ) throws {
        self.job = job
        self.options = options
        self.client = client
        self.transport = transport
        self.clock = clock
        self.store = store
        self.logger = logger
        self.observe = observe
        calendar = BudgetCalendar(job.budget)
        startedAt = Instant(milliseconds: clock.nowMilliseconds)
        resetWatch = try store.resetWatch()
        seenReset = resetWatch.seen(calendar)
        serverClock.presume(try store.marks(baseURL: job.baseURL)[MarkName.clock]?.detail)
        let serverNow = serverClock.now(ours: startedAt)
        companyDayBegan = seenReset?.began(at: serverNow)
        situation = try Situation(
            job: job, options: options, store: store, now: serverNow, startedAt: startedAt, calendar: calendar)
        logs = situation.lists.map { _ in ListLog() }
        try beginChildren()
        uncoveredAtStart = uncoveredSeconds()
    }

    /// Runs to the end and closes the books.
    /// - Parameter signals: numbers of signals to stop at.
    package func run(signals: AsyncStream<Int32>) async -> RunReport {
        await withTaskGroup(of: Event.self) { group in
            group.addTask { await signals.first { _ in true }.map(Event.signal) ?? .nothing }
            begin()
            await loop(&group)
            group.cancelAll()
        }
        return close()
    }

    private func loop(_ group: inout TaskGroup<Event>) async {
        while true {
            do {
                if ending == nil { try await askNext(&group) }
                if isSettled { return }
                guard let event = await group.next() else { return }
                try handle(event, &group)
            } catch {
                end(.stopped(Stop(catching: error)), &group)
            }
        }
    }

    /// Everything that is going to be committed has been.
    private var isSettled: Bool {
        guard ending != nil else { return false }
        return storeIsLost || situation.pagesInHand == 0 || (isAbandoning && queue.isEmpty)
    }

    /// Ends the run once; the first reason counts, unless a later one is worse.
    func end(_ reason: Ending, _ group: inout TaskGroup<Event>) {
        switch (ending, reason) {
        case (nil, _), (_, .stopped): ending = reason
        default: break
        }
        switch reason {
        case .stopped:
            isAbandoning = true
            group.cancelAll()
        case .signal, .deadline:
            addAlarm(to: &group, clock, afterMilliseconds: Self.graceMilliseconds)
        case .done, .outOfAllowance, .outOfCompanyTokens, .dayExhausted, .outOfRunLimit, .outOfShare, .outOfEvenShare:
            break
        }
    }

    /// What earlier runs have marked: a gateway that blocks, streams that this account cannot read.
    private func begin() {
        do {
            let marks = try keeping { try store.marks(baseURL: job.baseURL, access: client.credentials.name) }
            if let gateway = marks[MarkName.gateway] {
                ending = .stopped(.blockedByGateway(until: gateway.until))
            }
            try beginNoticing(marks)
            leaveMoves(marks)
            for stream in situation.sweeps.keys { try acceptDeletions(of: stream) }
            for (index, mark) in situation.leaveOut(marks) {
                logs[index].failure = ListFailure(code: .serverRefuses, reason: mark.detail, isUnavailable: true)
            }
            let readings = try keeping { try store.readings() }
            expected = Expected(Forecast(situation, readings), readings)
        } catch {
            ending = .stopped(Stop(catching: error))
        }
        guard options.isSpread, ending == nil, situation.allowance.tightest == .evenShare else { return }
        if situation.allowance.leftTokens < Planner.leastSpreadTokens(in: situation) { ending = .outOfEvenShare }
    }

    /// Does something with the store. After a refusal it is not touched again: what it had committed is sealed
    /// by the next run.
    func keeping<Value: Sendable>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            storeIsLost = true
            throw error
        }
    }

    var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }
}

private func addAlarm(to group: inout TaskGroup<Event>, _ clock: any WallClock, afterMilliseconds pause: Int64) {
    group.addTask {
        try? await clock.sleep(milliseconds: pause)
        return .graceIsOver
    }
}

/// What a child task brings back to the loop.
enum Event: Sendable {
    case answered(list: Int, PageAnswer, PreparedPage?, PageLook)
    /// A request that was cancelled before its answer.
    case abandoned(list: Int)
    case encoded(ticket: Int, Result<GzipBlock?, any Error>)
    case signal(Int32)
    case graceIsOver
    case newDay
    case placeIsFree
    case nothing
}

package enum MarkName {
    package static let gateway = "gateway"
    /// How far the server's clock is from ours.
    static let clock = "clock"
    /// Definitions that did not know what records use.
    static func stale(_ stream: String) -> String { "stale:\(stream)" }
    /// It cannot be told what became of records that are missing.
    static func moves(_ stream: String) -> String { "moves:\(stream)" }
    static func unavailable(_ stream: String) -> String { "unavailable:\(stream)" }
}

extension Stop {
    /// Anything that is not a `Stop` already is a bug of ours.
    package init(catching error: any Error) {
        self =
            error as? Stop
            ?? Stop(.brokenInvariant, "unexpected error: \(error)", hint: "please report this")
    }

    package static func blockedByGateway(until: Instant) -> Stop { blockedByGateway(until: until.description) }

    /// - Parameter until: as a report has it.
    package static func blockedByGateway(until: String) -> Stop {
        Stop(
            .serverRefuses, "the API's gateway has blocked this client (403 with a page that is not JSON)",
            hint: "no request is sent before \(until); run again after that")
    }

    /// - Parameter until: as a report has it.
    package static func dayExhausted(until: String) -> Stop {
        Stop(
            .allowanceUsedUp, "the company's tokens of today count as used up (429)",
            hint: "no job of this account asks before \(until); run again after that")
    }
}
