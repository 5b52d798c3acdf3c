import Foundation
import Planning
package import Platform

/// Pipedrive's OAuth server: codes and refresh tokens are exchanged for access tokens there. It costs no tokens of
/// the allowance.
package struct OAuthServer: Sendable {
    static let timeoutSeconds = 30
    /// What the documentation says, where an answer does not.
    static let usualLifeSeconds = 3600

    let address: String
    let client: OAuthClient
    let transport: any HTTPTransport

    /// - Parameter address: without a trailing slash.
    package init(address: String, client: OAuthClient, transport: any HTTPTransport) {
        (self.address, self.client, self.transport) = (address, client, transport)
    }

    package var clientID: String { client.id }

    /// Where a person gives the consent.
    package static func consentURL(address: String, clientID: String, redirect: String, state: String) -> String {
        let parameters = [("client_id", clientID), ("redirect_uri", redirect), ("state", state)]
        return "\(address)/oauth/authorize?\(Self.form(parameters))"
    }

    package func exchange(code: String, redirect: String) async throws -> OAuthAnswer {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)]
        return try await ask(fields, secrets: [code]) { words in
            Stop(
                .tokenRefused, "the OAuth server refused the code (\(words))",
                hint: "run pipesnap login again; a code is good once and for five minutes")
        }
    }

    package func renew(_ refreshToken: String) async throws -> OAuthAnswer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refreshToken)]
        return try await ask(fields, secrets: [refreshToken]) { words in
            Stop(
                .tokenRefused, "the OAuth login is not valid any more (\(words))",
                hint: "log in anew with pipesnap login")
        }
    }

    /// Without a slash at the end: a redirect would lose the form.
    private func ask(
        _ fields: [(String, String)], secrets: [String], refusal: (_ words: String) -> Stop
    ) async throws -> OAuthAnswer {
        let request = TransportRequest(
            url: "\(address)/oauth/token",
            headers: [
                ("authorization", client.header), ("content-type", "application/x-www-form-urlencoded"),
                ("user-agent", PipedriveClient.userAgent), ("accept", "application/json"),
            ],
            timeoutSeconds: Self.timeoutSeconds, form: Self.form(fields))
        let cleaner = Secrets(secrets + client.secrets)
        do {
            return try read(try await transport.send(request), cleaner, refusal)
        } catch let failure as TransportFailure {
            throw RenewalFailure(reason: cleaner.clean(failure.words))
        }
    }

    private func read(
        _ response: TransportResponse, _ cleaner: Secrets, _ refusal: (_ words: String) -> Stop
    ) throws -> OAuthAnswer {
        let body = SmallObject(response.body)
        let words = cleaner.clean(body.map(Self.words) ?? AnswerClassifier.noExplanation)
        switch response.status {
        case 200:
            guard let answer = body.flatMap(OAuthAnswer.init) else {
                throw RenewalFailure(reason: "its answer holds no tokens")
            }
            return answer
        case 400, 401:
            guard body != nil else { throw RenewalFailure(reason: "it answered \(response.status) without a word") }
            throw Self.misconfigured(words) ?? refusal(words)
        case 408, 429, 500...: throw RenewalFailure(reason: "it answered \(response.status)")
        default:
            throw Stop(
                .serverRefuses, "the OAuth server \(address) answered \(response.status) (\(words))",
                hint: "check api.oauth.server, and any proxy in between")
        }
    }

    /// What no new login mends, by the server's words.
    private static func misconfigured(_ words: String) -> Stop? {
        let told = words.lowercased().replacing("_", with: " ")
        if told.contains("invalid client") || told.contains("unauthorized client") {
            return Stop(
                .tokenRefused, "the OAuth server refused the client (\(words))",
                hint: "check what api.oauth.client_id and client_secret name")
        }
        guard told.contains("redirect uri") else { return nil }
        return Stop(
            .tokenRefused, "the OAuth server refused the redirect (\(words))",
            hint: "make api.oauth.redirect the app's callback URL, to the letter")
    }

    private static func words(_ body: SmallObject) -> String {
        let parts = ["error", "message", "error_description"].compactMap { body.text($0) }
        return parts.isEmpty ? AnswerClassifier.noExplanation : parts.joined(separator: ": ")
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(RequestURL.encoded($0))=\(RequestURL.encoded($1))" }.joined(separator: "&")
    }
}

/// Who we are to the OAuth server.
package struct OAuthClient: Sendable {
    package let id: String
    private let secret: String

    package init(id: String, secret: String) { (self.id, self.secret) = (id, secret) }

    var header: String { "Basic \(encoded)" }
    var secrets: [String] { [secret, encoded] }

    private var encoded: String { Data("\(id):\(secret)".utf8).base64EncodedString() }
}

/// What the OAuth server hands out.
package struct OAuthAnswer: Sendable {
    let accessToken: String
    package let grant: StoredGrant
    let lifeSeconds: Int

    /// Nil where anything is missing that a request needs.
    init?(_ body: SmallObject) {
        guard let accessToken = body.text("access_token"), let refreshToken = body.text("refresh_token"),
            [accessToken, refreshToken].allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x21...0x7E ~= $0 } })
        else { return nil }
        self.accessToken = accessToken
        grant = StoredGrant(refreshToken: refreshToken, apiDomain: body.text("api_domain"))
        lifeSeconds = max(0, body.integer("expires_in") ?? OAuthServer.usualLifeSeconds)
    }
}

extension TransportFailure {
    fileprivate var words: String {
        switch self {
        case .unreachable(let words), .broken(let words): words
        case .timedOut(let seconds): "no answer within \(seconds) s"
        case .tooLarge: "an answer without end"
        }
    }
}
