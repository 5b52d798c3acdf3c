package import Planning
package import Platform
import Synchronization

/// The access tokens of an OAuth login: each lives for an hour, and is renewed before it ends or when it is refused.
package final class OAuthAccess: Credentials {
    /// A request may wait for its turn and its answer for more than a minute; it must not do so with an ended token.
    static let marginSeconds: Int64 = 300
    /// While the present token still holds, a server that does not answer is not asked again before this.
    static let patienceSeconds: Int64 = 30
    /// A token that is refused is renewed; a second one that is refused within this time is not: the next would be
    /// refused as well, and each try is paid for.
    static let refusalSeconds: Int64 = 3600

    fileprivate struct AccessToken {
        var value: String
        var baseURL: String
        var number: Int
        var renewAt: Instant
        var endsAt: Instant
    }

    fileprivate struct State {
        var access: AccessToken?
        var isRefused = false
        /// When a token was last refused.
        var refusedAt: Instant?
        var notBefore: Instant?
        /// Everything that must not be repeated to anybody.
        var secrets = Secrets([])
    }

    private let server: OAuthServer
    private let keeper: any GrantKeeper
    private let baseURL: String
    private let clock: any WallClock
    private let state = Mutex(State())
    package let name: String
    package let hasScopes = true

    /// - Parameters:
    ///   - baseURL: `api.base_url`.
    ///   - loggedInAt: when a person last logged in, as far as that is known.
    package init(
        server: OAuthServer, keeper: any GrantKeeper, baseURL: String, clock: any WallClock, loggedInAt: Instant? = nil
    ) {
        (self.server, self.keeper, self.baseURL, self.clock) = (server, keeper, baseURL, clock)
        name = Self.name(loggedInAt: loggedInAt)
        state.withLock { $0.secrets = Secrets(server.client.secrets) }
    }

    /// Renewals do not change it.
    package static func name(loggedInAt: Instant?) -> String { "login " + (loggedInAt?.description ?? "by hand") }

    package func prepare() async throws -> Bool {
        let now = now
        let isGood = state.withLock { state in
            guard let access = state.access, !state.isRefused else { return false }
            return now < access.renewAt || now < state.notBefore ?? now
        }
        if isGood { return false }
        do {
            try await renew()
        } catch let failure as RenewalFailure {
            guard holdsOn(at: now) else { throw failure }
        }
        return true
    }

    /// Whether the present token will do for a while although a new one was not to be had.
    private func holdsOn(at now: Instant) -> Bool {
        state.withLock { state in
            guard let access = state.access, !state.isRefused, now + 2 * Self.patienceSeconds < access.endsAt else {
                return false
            }
            state.notBefore = now + Self.patienceSeconds
            return true
        }
    }

    /// The new access token is used when the refresh token that came with it is kept, and not before.
    private func renew() async throws {
        let answer = try await keeper.renewing { [self] kept in
            state.withLock { $0.secrets.add(kept.refreshToken) }
            let answer = try await server.renew(kept.refreshToken)
            state.withLock { state in
                for secret in [answer.accessToken, answer.grant.refreshToken] { state.secrets.add(secret) }
            }
            var grant = answer.grant
            (grant.refreshedAt, grant.loggedInAt) = (now, kept.loggedInAt ?? now)
            return (grant, answer)
        }
        let address = try CompanyAddress.choose(told: answer.grant.apiDomain, configured: baseURL)
        state.withLock { $0.take(answer, address, at: now) }
    }

    package func authorization(baseURL: String) -> Authorization? {
        state.withLock { state in
            state.access.map {
                Authorization(
                    header: ("authorization", "Bearer \($0.value)"), baseURL: $0.baseURL, number: $0.number)
            }
        }
    }

    package func isRenewable(after refused: Authorization) -> Bool {
        let now = now
        return state.withLock { state in
            // Another request may have been told so before, and the new token be there already.
            guard let access = state.access, access.number == refused.number, !state.isRefused else { return true }
            if let last = state.refusedAt, now < last + Self.refusalSeconds { return false }
            state.refusedAt = now
            state.isRefused = true
            return true
        }
    }

    package var refusal: Stop {
        Stop(
            .tokenRefused, "the server refuses every access token (401)",
            hint: "see that the app may read what the job pulls, and log in anew with pipesnap login")
    }

    package func clean(_ message: String) -> String { state.withLock { $0.secrets }.clean(message) }

    package func isIn(_ text: String) -> Bool { state.withLock { $0.secrets }.isIn(text) }

    private var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }
}

extension OAuthAccess.State {
    fileprivate mutating func take(_ answer: OAuthAnswer, _ address: String, at now: Instant) {
        let life = Int64(answer.lifeSeconds)
        access = OAuthAccess.AccessToken(
            value: answer.accessToken, baseURL: address, number: (access?.number ?? 0) + 1,
            renewAt: now + (life - min(OAuthAccess.marginSeconds, life / 2)), endsAt: now + life)
        isRefused = false
        notBefore = nil
    }
}
