import Foundation

/// The OAuth server: asks for consent, gives codes for it, and tokens for codes and refresh tokens. Its refusals are in
/// the words of the documentation.
package struct OAuthDesk: Sendable {
    static let prefix = "/oauth/"

    /// What an answer of the server was about.
    package enum Outcome: String, Sendable {
        case allowed, declined, exchanged, renewed, refused
    }

    private struct Refusing: Error {
        var code: String
        var text: String
    }

    var tokens = OAuthTokens()

    /// Whether the header holds an access token that lives.
    mutating func admits(_ authorization: String?, _ now: Int64) -> Bool {
        guard let authorization, authorization.hasPrefix("Bearer ") else { return false }
        return tokens.use(access: String(authorization.dropFirst("Bearer ".count)), now)
    }

    mutating func endAccess() { tokens.endAccess() }

    /// - Parameter company: where the company is, unless the app says otherwise.
    mutating func answer(
        _ request: SimulatedRequest, _ app: OAuthApp, company: String, seed: UInt64, _ now: Int64
    ) -> (SimulatedResponse, Outcome) {
        if app.isServerDown { return (Refusal.page(503, "Scheduled maintenance"), .refused) }
        switch (request.method, request.path) {
        case ("GET", "/oauth/authorize"): return consent(request, app, seed, now)
        case ("POST", "/oauth/token"): return token(request, app, company, seed, now)
        // Seen live: the slash leads away, and the form does not follow.
        case (_, "/oauth/token/"): return (OAuthDesk.redirect(to: "/oauth/token"), .refused)
        default: return (Refusal.notFound(), .refused)
        }
    }

    /// The page on which a person would press a button; here the button presses itself.
    private mutating func consent(
        _ request: SimulatedRequest, _ app: OAuthApp, _ seed: UInt64, _ now: Int64
    ) -> (SimulatedResponse, Outcome) {
        let asked = OAuthDesk.dictionary(request.parameters())
        guard asked["client_id"] == app.clientID else { return (Refusal.page(400, "client_id is invalid"), .refused) }
        guard asked["redirect_uri"] == app.callback else {
            return (Refusal.page(400, "redirect_uri is invalid"), .refused)
        }
        let state = asked["state"].map { "&state=\(OAuthDesk.encoded($0))" } ?? ""
        let mark = app.callback.contains("?") ? "&" : "?"
        guard app.isAllowed else {
            return (OAuthDesk.redirect(to: "\(app.callback)\(mark)error=user_denied\(state)"), .declined)
        }
        let code = tokens.addCode(seed, endsAt: now + app.codeSeconds * Stamp.secondMilliseconds)
        return (OAuthDesk.redirect(to: "\(app.callback)\(mark)code=\(code)\(state)"), .allowed)
    }

    private mutating func token(
        _ request: SimulatedRequest, _ app: OAuthApp, _ company: String, _ seed: UInt64, _ now: Int64
    ) -> (SimulatedResponse, Outcome) {
        do throws(Refusing) {
            try OAuthDesk.check(request, app)
            let form = OAuthDesk.dictionary(request.form())
            let isRenewal = form["grant_type"] == "refresh_token"
            let refreshToken = try isRenewal ? known(form, now) : exchanged(form, app, seed, now)
            let pair = tokens.grant(refreshToken, app, seed, now)
            let body =
                #"{"access_token":"\#(pair.access)","token_type":"Bearer","refresh_token":"\#(pair.refresh)","#
                + #""scope":"\#(app.shownScopes)","expires_in":\#(app.accessSeconds),"#
                + #""api_domain":"\#(app.apiDomain ?? company)"}"#
            return (SimulatedResponse(status: 200, body: body), isRenewal ? .renewed : .exchanged)
        } catch {
            let body = #"{"success":false,"message":"\#(error.text)","error":"\#(error.code)"}"#
            return (SimulatedResponse(status: 400, body: body), .refused)
        }
    }

    /// Who asks, and for what.
    private static func check(_ request: SimulatedRequest, _ app: OAuthApp) throws(Refusing) {
        guard request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true else {
            throw Refusing(
                code: "invalid_request", text: "Invalid request: content must be application/x-www-form-urlencoded")
        }
        guard let authorization = request.header("authorization"), authorization.hasPrefix("Basic ") else {
            throw Refusing(code: "invalid_client", text: "Invalid client: cannot retrieve client credentials")
        }
        let expected = Data("\(app.clientID):\(app.clientSecret)".utf8).base64EncodedString()
        guard authorization == "Basic \(expected)" else {
            throw Refusing(code: "invalid_client", text: "Invalid client: client is invalid")
        }
        guard let grant = dictionary(request.form())["grant_type"] else {
            throw Refusing(code: "invalid_request", text: "Missing parameter: grant_type")
        }
        guard ["authorization_code", "refresh_token"].contains(grant) else {
            throw Refusing(
                code: "unsupported_grant_type", text: "Unsupported grant type: grant_type is invalid")
        }
    }

    private func known(_ form: [String: String], _ now: Int64) throws(Refusing) -> String {
        guard let given = form["refresh_token"], tokens.isGood(refresh: given, now) else {
            throw Refusing(code: "invalid_grant", text: "Invalid grant: refresh_token is invalid")
        }
        return given
    }

    private mutating func exchanged(
        _ form: [String: String], _ app: OAuthApp, _ seed: UInt64, _ now: Int64
    ) throws(Refusing) -> String? {
        guard form["redirect_uri"] == app.callback else {
            throw Refusing(code: "invalid_request", text: "Invalid request: redirect_uri is invalid")
        }
        guard let code = form["code"], let endsAt = tokens.takeCode(code) else {
            throw Refusing(code: "invalid_grant", text: "Invalid grant: authorization_code is invalid")
        }
        guard now < endsAt else {
            throw Refusing(code: "invalid_grant", text: "Invalid grant: authorization_code has expired")
        }
        return nil
    }

    private static func redirect(to place: String) -> SimulatedResponse {
        var response = SimulatedResponse(status: 302, body: "")
        response.headers.append(("location", place))
        return response
    }

    private static func dictionary(_ fields: [(name: String, value: String)]?) -> [String: String] {
        Dictionary(fields?.map { ($0.name, $0.value) } ?? [], uniquingKeysWith: { first, _ in first })
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
