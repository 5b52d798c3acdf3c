import Foundation
import Platform
import Simulator
import TestSupport
import Testing

/// The OAuth server as a browser and an app meet it. What the real one does with a token that was exchanged twice at
/// once, nobody has written down.
@Suite("The OAuth server")
struct OAuthTests {
    private struct Visitor {
        var account = SimulatedAccount(options: AccountOptions(size: AccountSize(deals: 40)))
        var now = Asker.start
        var basic = Visitor.basic(OAuthApp.defaultClientID, OAuthApp.defaultSecret)

        static func basic(_ id: String, _ secret: String) -> String {
            "Basic \(Data("\(id):\(secret)".utf8).base64EncodedString())"
        }

        mutating func wait(_ seconds: Int64) { now += seconds * 1000 }

        /// Opens the page, and gives what the browser is sent to.
        mutating func consent(
            client: String = OAuthApp.defaultClientID, redirect: String = "http%3A%2F%2F127.0.0.1%3A8931%2F"
        ) -> SimulatedResponse {
            let query = "client_id=\(client)&redirect_uri=\(redirect)&state=a%20b"
            return account.answer(SimulatedRequest(target: "/oauth/authorize?\(query)"), atMilliseconds: now)
        }

        mutating func code() throws -> String {
            let place = try #require(consent().header("location"))
            let query = try #require(URLComponents(string: place)?.queryItems)
            #expect(query.first { $0.name == "state" }?.value == "a b")
            return try #require(query.first { $0.name == "code" }?.value)
        }

        mutating func token(_ form: String, path: String = "/oauth/token", type: String? = nil) -> SimulatedResponse {
            let headers = [
                (name: "Authorization", value: basic),
                (name: "content-type", value: type ?? "application/x-www-form-urlencoded"),
                (name: "host", value: "127.0.0.1:99"),
            ].filter { !$0.value.isEmpty }
            let request = SimulatedRequest(method: "POST", target: path, headers: headers, body: form)
            return account.answer(request, atMilliseconds: now)
        }

        mutating func exchange(_ code: String) -> SimulatedResponse {
            token("grant_type=authorization_code&code=\(code)&redirect_uri=http%3A%2F%2F127.0.0.1%3A8931%2F")
        }

        mutating func login() throws -> Tokens { try Tokens(exchange(code())) }

        mutating func renew(_ refresh: String) -> SimulatedResponse {
            token("grant_type=refresh_token&refresh_token=\(refresh.replacing(":", with: "%3A"))")
        }

        mutating func ask(_ access: String, _ target: String = "/api/v2/deals") -> Int {
            let headers = [(name: "authorization", value: "Bearer \(access)")]
            return account.answer(SimulatedRequest(target: target, headers: headers), atMilliseconds: now).status
        }
    }

    private struct Tokens {
        var access: String
        var refresh: String

        init(_ response: SimulatedResponse) throws {
            let body = try response.object()
            access = try #require(body["access_token"] as? String)
            refresh = try #require(body["refresh_token"] as? String)
        }
    }

    @Test("A code for a consent, tokens for the code, an hour of answers")
    func login() throws {
        var visitor = Visitor()
        let response = visitor.exchange(try visitor.code())
        let body = try response.object()
        #expect(body["token_type"] as? String == "Bearer" && body["expires_in"] as? Int == 3600)
        #expect(body["api_domain"] as? String == "http://127.0.0.1:99")
        #expect((body["scope"] as? String)?.split(separator: ",").contains("deals:read") == true)
        let tokens = try Tokens(response)
        #expect(visitor.ask("nobody") == 401 && visitor.ask(tokens.refresh) == 401)
        visitor.wait(3599)
        #expect(visitor.ask(tokens.access) == 200)
        visitor.wait(1)
        #expect(visitor.ask(tokens.access) == 401)
        // The OAuth server's requests are nobody's tokens; those refused at the gate cost none either.
        #expect(visitor.account.counters.tokens == 10 && visitor.account.counters.requests == 4)
        #expect(visitor.account.counters.oauth == [.allowed: 1, .exchanged: 1])
    }

    @Test("A user who declines is an error in the redirect; a stranger is never redirected")
    func declined() throws {
        var visitor = Visitor()
        visitor.account.changeApp { $0.isAllowed = false }
        #expect(visitor.consent().header("location") == "http://127.0.0.1:8931/?error=user_denied&state=a%20b")
        for response in [visitor.consent(client: "x"), visitor.consent(redirect: "http%3A%2F%2Fevil.example")] {
            #expect(response.status == 400 && response.header("location") == nil)
        }
    }

    @Test("A code is good once, for five minutes, and for its callback")
    func codes() throws {
        var visitor = Visitor()
        let code = try visitor.code()
        #expect(visitor.exchange(code).status == 200)
        #expect(visitor.exchange(code).text.contains("authorization_code is invalid"))
        let late = try visitor.code()
        visitor.wait(300)
        let expired = visitor.exchange(late)
        #expect(expired.status == 400 && expired.text.contains("Invalid grant: authorization_code has expired"))
        let elsewhere = visitor.token("grant_type=authorization_code&code=\(try visitor.code())&redirect_uri=http%3A")
        #expect(elsewhere.text.contains("redirect_uri is invalid"))
    }

    @Test("A refresh token slides: 60 days from its last use, and it stays the same")
    func refreshes() throws {
        var visitor = Visitor()
        let first = try visitor.login()
        visitor.wait(59 * 86_400)
        let second = try Tokens(visitor.renew(first.refresh))
        #expect(second.refresh == first.refresh && second.access != first.access)
        visitor.wait(59 * 86_400)
        #expect(visitor.renew(first.refresh).status == 200)
        visitor.wait(60 * 86_400)
        let ended = visitor.renew(first.refresh)
        #expect(ended.status == 400 && ended.text.contains("Invalid grant: refresh_token is invalid"))
    }

    @Test("Rotation: the old refresh token is good until the new one, or its access token, is used")
    func rotation() throws {
        var visitor = Visitor()
        visitor.account.changeApp { $0.rotatesRefreshTokens = true }
        let first = try visitor.login()
        // The answer was lost: what came with it is worth nothing once the old one is shown again.
        let lost = try Tokens(visitor.renew(first.refresh))
        let second = try Tokens(visitor.renew(first.refresh))
        #expect(visitor.ask(lost.access) == 401 && visitor.renew(lost.refresh).status == 400)
        #expect(visitor.ask(first.access) == 200)
        #expect(visitor.ask(second.access) == 200)
        #expect(visitor.ask(first.access) == 401 && visitor.renew(first.refresh).status == 400)
        let third = try Tokens(visitor.renew(second.refresh))
        #expect(visitor.renew(third.refresh).status == 200)
        #expect(visitor.renew(second.refresh).status == 400)
    }

    @Test(
        "Whoever asks wrongly is told so in the documented words",
        arguments: [
            ("grant_type=password", "Unsupported grant type: grant_type is invalid"),
            ("refresh_token=x", "Missing parameter: grant_type"),
            ("grant_type=refresh_token", "Invalid grant: refresh_token is invalid"),
        ])
    func refusals(form: String, words: String) throws {
        var visitor = Visitor()
        let refused = visitor.token(form)
        #expect(refused.status == 400 && refused.text.contains(words))
        #expect(visitor.token(form, type: "application/json").text.contains("content must be"))
        let login = try visitor.login()
        visitor.basic = Visitor.basic(OAuthApp.defaultClientID, "another")
        #expect(visitor.renew(login.refresh).text.contains("Invalid client: client is invalid"))
        visitor.basic = ""
        #expect(visitor.renew(login.refresh).text.contains("Invalid client: cannot retrieve"))
        #expect(visitor.token(form, path: "/oauth/token/").status == 302)
    }

    @Test("An app reads what its scopes open, and gets the documented 403 for the rest")
    func scopes() throws {
        var visitor = Visitor()
        visitor.account.changeApp { $0.scopes = ["base", "contacts:read"] }
        let access = try visitor.login().access
        #expect(visitor.ask(access, "/api/v2/persons") == 200 && visitor.ask(access, "/v1/users/me") == 200)
        #expect(visitor.ask(access, "/v1/notes") == 200)
        #expect(visitor.ask(access, "/api/v2/deals") == 403)
    }

    @Test("Access that ends early, logins that end, a server that is down")
    func endings() throws {
        var visitor = Visitor()
        let login = try visitor.login()
        visitor.account.endAccess()
        #expect(visitor.ask(login.access) == 401)
        #expect(visitor.renew(login.refresh).status == 200)
        visitor.account.changeApp { $0.isServerDown = true }
        #expect(visitor.renew(login.refresh).status == 503)
        visitor.account.changeApp { $0.isServerDown = false }
        visitor.account.endLogins()
        #expect(visitor.renew(login.refresh).status == 400)
    }
}
