import Planning
import Platform
import Synchronization

/// The last door before the network. It keeps all requests together below the burst limit, so many in a rolling
/// window of two seconds, and keeps back what was paid for but may not be sent any more: another request can be told
/// meanwhile that the day's tokens are used up, or that others have taken most of them.
///
/// What an answer teaches is in force before whoever asked hears of it: nobody can slip out in between.
final class BurstPacer: Sendable {
    /// Pipedrive's window.
    static let serverWindowMilliseconds: Int64 = 2000
    /// Ours is a little longer, for requests that take different ways.
    static let windowMilliseconds: Int64 = 2050
    /// What the smallest plan allows; in force until a header says more.
    static let cautiousLimit = 20
    /// Any larger value in the header is nonsense.
    static let largestLimit = 10_000
    /// So much that was lost by leaving late is made up for where requests are spread evenly.
    static let latenessMilliseconds: Int64 = 100

    fileprivate struct State {
        /// What the header allows.
        var limit = cautiousLimit
        var restraint = BurstRestraint()
        /// When the latest requests were sent, oldest first; the last has the number `sendCount`.
        var sends: [Int64] = []
        var sendCount = 0
        var blockedUntil: Int64 = 0
        /// Requests that are on their way to this door and have not come to it.
        var announced = 0
        /// When the next one leaves where they are spread evenly, in microseconds.
        var nextEven: Int64 = 0
        /// The day's tokens are used up, or the gateway blocks: what has not left yet, stays.
        var isClosed = false
        /// What the server has told of the company's budget in this budget day and this run, and what left since.
        var company = Allowance.Company()
        var uncounted = UncountedRequests()
    }

    /// A request that may go.
    struct Departure: Hashable, Sendable {
        var milliseconds: Int64
        var number: Int
    }

    /// What can be sent at this moment.
    struct Places: Hashable, Sendable {
        var count: Int
        /// Until there is one more; 0 where nothing but the number asked for was the bound.
        var waitMilliseconds: Int64
    }

    private let clock: any WallClock
    private let keepFree: Job.KeepFree
    private let state = Mutex(State())

    init(clock: any WallClock, keepFree: Job.KeepFree = .tokens(0)) {
        self.clock = clock
        self.keepFree = keepFree
    }

    /// Waits until one more request may be sent, and counts it as sent. Throws `CancellationError` when it may not.
    func turn(priceTokens: Int = 0) async throws -> Departure {
        while true {
            try Task.checkCancellation()
            let now = clock.nowMilliseconds
            let (wait, departure) = try state.withLock { state in
                if state.isClosed { throw CancellationError() }
                if let left = state.company.leftTokens(keeping: keepFree), left < priceTokens {
                    throw CancellationError()
                }
                let wait = state.waitMilliseconds(at: now)
                return (wait, wait <= 0 ? state.depart(at: now, priceTokens) : nil)
            }
            if let departure { return departure }
            try await clock.sleep(milliseconds: wait)
        }
    }

    /// How many requests could leave now, besides those that are announced, and when the next one could if none can.
    /// - Parameter evenly: spread over the window instead of as early as they can be.
    func places(atMost most: Int, evenly: Bool) -> Places {
        let now = clock.nowMilliseconds
        return state.withLock { state in
            var places = Places(count: 0, waitMilliseconds: 0)
            while places.count < most {
                let ahead = state.announced + places.count
                places.waitMilliseconds = state.waitMilliseconds(at: now, ahead: ahead, evenly: evenly)
                guard places.waitMilliseconds <= 0 else { break }
                places.count += 1
            }
            return places
        }
    }

    /// A request has been decided on, for one of the places that were told.
    func announce() { state.withLock { $0.announced += 1 } }

    /// It has come to the door.
    func arrive() { state.withLock { $0.announced -= 1 } }

    /// Learns from the answer to a request.
    func learn(_ limits: RateLimits, _ failure: PageFailure?, of departure: Departure, answeredAt: Int64) {
        state.withLock { $0.learn(limits, failure, departure, answeredAt: answeredAt) }
    }

    /// A new budget day has begun, with new tokens.
    func beginDay() {
        state.withLock { ($0.isClosed, $0.company) = (false, Allowance.Company()) }
    }
}

extension BurstPacer.State {
    fileprivate mutating func learn(
        _ limits: RateLimits, _ failure: PageFailure?, _ departure: BurstPacer.Departure, answeredAt: Int64
    ) {
        uncounted.end(departure.number, isTold: limits.dailyRemainingTokens != nil)
        company.learn(
            remaining: limits.dailyRemainingTokens, limit: limits.dailyLimitTokens, unansweredTokens: uncounted.tokens)
        if let told = limits.burstLimit, 1...BurstPacer.largestLimit ~= told { limit = told }
        switch failure {
        case .burstLimited(let seconds), .unexplainedLimit(let seconds):
            let admitted = sent(
                since: departure.milliseconds - BurstPacer.serverWindowMilliseconds, upTo: departure.number - 1)
            restraint.learn(
                refused: departure.number, admitted: admitted, sendCount: sendCount, limit: limit, at: answeredAt)
            block(seconds: seconds, from: answeredAt)
        case let failure? where failure.forbidsMore: isClosed = true
        default:
            // Nothing left after as many requests of ours as are allowed is what the window expects; nothing left
            // after fewer means that somebody else uses this token.
            guard limits.burstRemaining == 0,
                sent(since: departure.milliseconds - BurstPacer.windowMilliseconds) < limit
            else { return }
            block(seconds: limits.burstResetSeconds ?? AnswerClassifier.usualWaitSeconds, from: answeredAt)
        }
    }

    fileprivate mutating func depart(at now: Int64, _ priceTokens: Int) -> BurstPacer.Departure {
        sends.append(now)
        nextEven = min(evenTurn(at: now), now * 1000) + evenGapMicroseconds(at: now)
        sendCount = uncounted.begin(tokens: priceTokens)
        company.reservedSince += priceTokens
        return BurstPacer.Departure(milliseconds: now, number: sendCount)
    }

    /// Requests sent after this moment.
    private func sent(since moment: Int64, upTo number: Int = .max) -> Int {
        zip((sendCount - sends.count + 1)..., sends).count { $0 <= number && $1 > moment }
    }

    private mutating func block(seconds: Double, from now: Int64) {
        let wait = min(max(seconds, 0), AnswerClassifier.waitCapSeconds)
        blockedUntil = max(blockedUntil, now + Int64(wait * 1000))
    }

    /// - Parameter ahead: so many others leave before.
    fileprivate mutating func waitMilliseconds(at now: Int64, ahead: Int = 0, evenly: Bool = false) -> Int64 {
        forgive(now)
        // Twice the limit is kept, so that `learn` can count back beyond one window.
        sends.removeFirst(max(0, sends.count - 2 * limit))
        let place = sends.count + ahead - restraint.pace(limit: limit, at: now)
        let before = place < 0 ? nil : place < sends.count ? sends[place] : now
        let window = before.map { $0 + BurstPacer.windowMilliseconds - now } ?? 0
        let even = evenTurn(at: now) + Int64(ahead) * evenGapMicroseconds(at: now) - now * 1000
        return max(window, blockedUntil - now, evenly ? (even + 999) / 1000 : 0)
    }

    private func evenTurn(at now: Int64) -> Int64 {
        max(nextEven, (now - BurstPacer.latenessMilliseconds) * 1000)
    }

    private func evenGapMicroseconds(at now: Int64) -> Int64 {
        BurstPacer.windowMilliseconds * 1000 / Int64(restraint.pace(limit: limit, at: now))
    }

    /// A clock that was set back must not make anybody wait for the time in between.
    private mutating func forgive(_ now: Int64) {
        if let last = sends.last, last > now { sends = sends.map { min($0, now) } }
        blockedUntil = min(blockedUntil, now + Int64(AnswerClassifier.waitCapSeconds * 1000))
        nextEven = min(nextEven, now * 1000 + evenGapMicroseconds(at: now))
        restraint.forgive(now)
    }
}

/// How many requests a window may hold after a burst 429, which says that the limit as told is not what holds: it
/// was not told, or somebody else uses the same token.
struct BurstRestraint {
    /// When nothing was refused for so long, the limit as told holds again.
    static let millisecondsOfRestraint: Int64 = 600_000

    private var pace: Int?
    /// What held when the present round of refusals began.
    private var paceBefore = 0
    /// Requests up to this number were sent before the round's first refusal was known.
    private var lastOfRound = 0
    private var refusedAt: Int64 = 0

    func pace(limit: Int, at now: Int64) -> Int {
        guard let pace, now - refusedAt < Self.millisecondsOfRestraint else { return limit }
        return min(pace, limit)
    }

    /// As many as were let in before the refused one, but not less than half of what was sent until now: one
    /// refusal may have had another reason.
    mutating func learn(refused number: Int, admitted: Int, sendCount: Int, limit: Int, at now: Int64) {
        if number > lastOfRound {
            paceBefore = pace(limit: limit, at: now)
            pace = paceBefore
            lastOfRound = sendCount
        }
        refusedAt = now
        pace = max(1, min(pace ?? limit, max(admitted, paceBefore / 2)))
    }

    mutating func forgive(_ now: Int64) { refusedAt = min(refusedAt, now) }
}
