/// An app as its owner registered it with the marketplace, and what its user and the OAuth server say to it.
package struct OAuthApp: Sendable {
    package static let defaultClientID = "5111a7edc11e0000"
    package static let defaultSecret = "5111a7ed5ec2e7005111a7ed5ec2e7005111a7ed"
    package static let defaultCallback = "http://127.0.0.1:8931/"

    package var clientID = OAuthApp.defaultClientID
    package var clientSecret = OAuthApp.defaultSecret
    /// To the letter.
    package var callback = OAuthApp.defaultCallback
    /// Whether the user allows it.
    package var isAllowed = true
    /// Nil: everything.
    package var scopes: Set<String>?
    package var codeSeconds: Int64 = 300
    package var accessSeconds: Int64 = 3600
    /// From its last use.
    package var refreshSeconds: Int64 = 60 * 86_400
    /// Off, as documented: the same refresh token comes back. On: each renewal gives a new one, and the old one is good
    /// until the new one, or an access token that came with it, is used.
    package var rotatesRefreshTokens = false
    /// Nil: where the OAuth server itself was asked.
    package var apiDomain: String?
    /// The OAuth server is under maintenance.
    package var isServerDown = false

    package init() {}

    var shownScopes: String {
        (scopes ?? Endpoint.table.reduce(into: Set()) { $0.formUnion($1.scopes) }).sorted().joined(separator: ",")
    }

    func mayRead(_ endpoint: Endpoint) -> Bool { scopes.map { !endpoint.scopes.isDisjoint(with: $0) } ?? true }
}
