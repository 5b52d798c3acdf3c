package import Planning

/// What lets a request in.
package struct Authorization: Sendable {
    /// A secret travels in it.
    var header: (name: String, value: String)
    /// Where the request goes, without a trailing slash.
    var baseURL: String
    /// Which access token it is; an API token has only the one.
    var number = 0
}

/// Where the right to ask comes from: an API token, or the access tokens of an OAuth login.
package protocol Credentials: Sendable {
    /// Gets ready for the next request, before that is paid for. Throws `Stop` where only a person can help, and
    /// `RenewalFailure` where another try may.
    /// - Returns: whether another server had to be asked, so that time has gone by.
    func prepare() async throws -> Bool
    /// Nil when there is nothing that could stand in a header.
    func authorization(baseURL: String) -> Authorization?
    /// The request came back with 401: whether `prepare` gets something better, so that it may be asked again.
    func isRenewable(after refused: Authorization) -> Bool
    /// Tells one token or login from another without telling it: what was refused to one may be open to the next.
    var name: String { get }
    /// An app reads what its scopes open, an API token whatever its user may.
    var hasScopes: Bool { get }
    /// What to say when it does not.
    var refusal: Stop { get }
    /// One printable line without any secret.
    func clean(_ message: String) -> String
    /// Whether the text holds a secret, or a piece of one.
    func isIn(_ text: String) -> Bool
}

/// No new access token came; asking again may help.
package struct RenewalFailure: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

/// The refresh token between two renewals.
package struct StoredGrant: Hashable, Sendable {
    package var refreshToken: String
    /// When it was last used; nil where nobody wrote it down.
    package var refreshedAt: Instant?
    /// When a person logged in; renewals keep it. Nil where nobody wrote it down.
    package var loggedInAt: Instant?
    /// The company's address, as the OAuth server told it.
    package var apiDomain: String?

    package init(
        refreshToken: String, refreshedAt: Instant? = nil, loggedInAt: Instant? = nil, apiDomain: String? = nil
    ) {
        self.refreshToken = refreshToken
        self.refreshedAt = refreshedAt
        self.loggedInAt = loggedInAt
        self.apiDomain = apiDomain
    }

    /// Each use begins them anew.
    package static let lifeSeconds: Int64 = 60 * 86_400

    package var endsAt: Instant? { refreshedAt.map { $0 + Self.lifeSeconds } }
}

/// Keeps the refresh token where it outlives this process.
package protocol GrantKeeper: Sendable {
    /// Hands over what is kept, and keeps the grant that comes back: durable before the value is handed on, and nobody
    /// else's renewal in between. Throws `Stop`, and whatever the body throws.
    func renewing<Value: Sendable>(
        _ body: @Sendable (StoredGrant) async throws -> (grant: StoredGrant, value: Value)
    ) async throws -> Value
}
