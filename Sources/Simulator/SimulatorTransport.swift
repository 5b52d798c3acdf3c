package import Platform
import Synchronization

/// The network as a test wants it: a simulated account in memory, behind the same door as the real one.
package final class SimulatorTransport: HTTPTransport {
    /// Sees each request before it is answered, and may change the account: rows that move between two pages. The
    /// number counts from 1.
    package typealias Hook =
        @Sendable (_ number: Int, _ request: SimulatedRequest, _ account: inout SimulatedAccount) -> Void

    private let clock: any WallClock
    /// Requests in flight together are answered one after the other, as by a database.
    private let account: Mutex<SimulatedAccount>
    private let hook: Mutex<Hook?>
    private let isReachable = Mutex(true)

    package init(_ account: SimulatedAccount, clock: any WallClock, beforeAnswer hook: Hook? = nil) {
        self.clock = clock
        self.account = Mutex(account)
        self.hook = Mutex(hook)
    }

    package func beforeAnswer(_ hook: Hook?) { self.hook.withLock { $0 = hook } }

    /// Whether there is anybody at the other end at all.
    package func setReachable(_ isReachable: Bool) { self.isReachable.withLock { $0 = isReachable } }

    /// The account as it is at this moment of the clock.
    package func withAccount<Result: Sendable>(
        _ body: (inout SimulatedAccount) throws -> Result
    ) rethrows -> Result {
        let now = clock.nowMilliseconds
        return try account.withLock { account in
            account.advance(to: now)
            return try body(&account)
        }
    }

    /// Answers at once; whoever sends the answer on waits its latency.
    package func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        let now = clock.nowMilliseconds
        let hook = hook.withLock { $0 }
        return account.withLock { account in
            account.advance(to: now)
            hook?(account.counters.requests + 1, request, &account)
            return account.answer(request, atMilliseconds: now)
        }
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        try await reach(request.url)
        let limitMilliseconds = Int64(request.timeoutSeconds) * 1000
        let response = answer(
            SimulatedRequest(
                method: request.form == nil ? "GET" : "POST", target: SimulatorTransport.target(request.url),
                headers: request.headers + SimulatorTransport.host(request.url), body: request.form ?? ""))
        if response.latencyMilliseconds > 0 {
            try await clock.sleep(milliseconds: min(response.latencyMilliseconds, limitMilliseconds))
        }
        guard response.latencyMilliseconds <= limitMilliseconds else {
            throw TransportFailure.timedOut(seconds: request.timeoutSeconds)
        }
        switch response.delivery {
        case .reset: throw TransportFailure.broken("connection reset by peer")
        case .cut: throw TransportFailure.broken("the body is shorter than announced")
        case .whole: return TransportResponse(status: response.status, headers: response.headers, body: response.body)
        }
    }

    package func reach(_ url: String) async throws {
        try Task.checkCancellation()
        guard isReachable.withLock({ $0 }) else { throw TransportFailure.unreachable("connection refused") }
    }

    /// What a socket would be told; it speaks no TLS.
    private static func host(_ url: String) -> [(name: String, value: String)] {
        guard url.hasPrefix("http://") else { return [] }
        return [(name: "host", value: String(url.dropFirst("http://".count).prefix { $0 != "/" }))]
    }

    /// Path and query of an absolute URL.
    private static func target(_ url: String) -> String {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return afterScheme.firstIndex(of: "/").map { String(afterScheme[$0...]) } ?? "/"
    }
}
