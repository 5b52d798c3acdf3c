import Planning
package import Platform

/// Keeps all requests together below the burst limit: so many in a rolling window of two seconds.
package actor BurstPacer {
    /// Pipedrive's two seconds, and a little for requests that take different ways.
    static let windowMilliseconds: Int64 = 2050
    /// What the smallest plan allows; in force until a header says more.
    static let cautiousLimit = 20
    /// Any larger value in the header is nonsense.
    static let largestLimit = 10_000

    private let clock: any WallClock
    private var limit = cautiousLimit
    /// When the latest requests were sent, oldest first.
    private var sends: [Int64] = []
    private var blockedUntil: Int64 = 0
    /// The day's tokens are used up, or the gateway blocks: what has not left yet, stays. A request may have been
    /// paid for and wait out a pause while another one is told so.
    private var isClosed = false

    package init(clock: any WallClock) { self.clock = clock }

    /// Waits until one more request may be sent, counts it as sent, and returns that moment.
    package func turn() async throws -> Int64 {
        while true {
            try Task.checkCancellation()
            if isClosed { throw CancellationError() }
            let now = clock.nowMilliseconds
            let wait = waitMilliseconds(at: now)
            if wait <= 0 {
                sends.append(now)
                return now
            }
            try await clock.sleep(milliseconds: wait)
        }
    }

    /// Learns from an answer to the request that was sent at `sentAt`.
    package func learn(_ limits: RateLimits, _ failure: PageFailure?, sentAt: Int64, answeredAt: Int64) {
        if let told = limits.burstLimit, 1...Self.largestLimit ~= told { limit = told }
        switch failure {
        case .burstLimited(let seconds), .unexplainedLimit(let seconds):
            block(seconds: seconds, from: answeredAt)
        case .dailyBudgetExhausted, .blockedByGateway: isClosed = true
        default:
            // Nothing left after as many requests of ours as are allowed is what the window expects; nothing left
            // after fewer means that somebody else uses this token.
            guard limits.burstRemaining == 0, sends.count(where: { $0 > sentAt - Self.windowMilliseconds }) < limit
            else { return }
            block(seconds: limits.burstResetSeconds ?? AnswerClassifier.usualWaitSeconds, from: answeredAt)
        }
    }

    private func block(seconds: Double, from now: Int64) {
        let wait = min(max(seconds, 0), AnswerClassifier.waitCapSeconds)
        blockedUntil = max(blockedUntil, now + Int64(wait * 1000))
    }

    private func waitMilliseconds(at now: Int64) -> Int64 {
        forgive(now)
        // Twice the limit is kept, so that `learn` can count back beyond one window.
        sends.removeFirst(max(0, sends.count - 2 * limit))
        let window = sends.count < limit ? 0 : sends[sends.count - limit] + Self.windowMilliseconds - now
        return max(window, blockedUntil - now)
    }

    /// A clock that was set back must not make anybody wait for the time in between.
    private func forgive(_ now: Int64) {
        if let last = sends.last, last > now { sends = sends.map { min($0, now) } }
        blockedUntil = min(blockedUntil, now + Int64(AnswerClassifier.waitCapSeconds * 1000))
    }
}
