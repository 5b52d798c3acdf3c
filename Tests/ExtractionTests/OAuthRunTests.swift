import Extraction
import Foundation
import Pipedrive
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import Testing

/// Sees where each request goes, and when, on its way to the simulator.
private final class Wire: HTTPTransport {
    struct Sent: Sendable {
        var url: String
        var milliseconds: Int64
        var form: String?
    }

    private let rehearsal: Rehearsal
    private let log = Mutex<[Sent]>([])

    init(_ rehearsal: Rehearsal) { self.rehearsal = rehearsal }

    var sent: [Sent] { log.withLock { $0 } }
    var renewals: [Sent] { sent.filter { $0.form?.hasPrefix("grant_type=refresh_token") == true } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let sent = Sent(url: request.url, milliseconds: rehearsal.clock.nowMilliseconds, form: request.form)
        log.withLock { $0.append(sent) }
        return try await rehearsal.company.send(request)
    }

    func reach(_ url: String) async throws {}
}

/// Keeps the refresh token in memory.
private final class MemoryKeeper: GrantKeeper {
    private let kept: Mutex<StoredGrant>

    init(_ grant: StoredGrant) { kept = Mutex(grant) }

    func renewing<Value: Sendable>(
        _ body: @Sendable (StoredGrant) async throws -> (grant: StoredGrant, value: Value)
    ) async throws -> Value {
        let (grant, value) = try await body(kept.withLock { $0 })
        kept.withLock { $0 = grant }
        return value
    }
}

@Suite("A run with an OAuth login")
struct OAuthRunTests {
    /// A person has allowed the app, and nights may follow.
    private struct Login {
        let rehearsal: Rehearsal
        let wire: Wire
        private let server: OAuthServer
        private let keeper: MemoryKeeper

        init(_ rehearsal: Rehearsal) async throws {
            self.rehearsal = rehearsal
            wire = Wire(rehearsal)
            let client = OAuthClient(id: OAuthApp.defaultClientID, secret: OAuthApp.defaultSecret)
            server = OAuthServer(address: "http://127.0.0.1:8931", client: client, transport: wire)
            let redirect = OAuthApp.defaultCallback
            let page = OAuthServer.consentURL(
                address: "", clientID: OAuthApp.defaultClientID, redirect: redirect, state: "s")
            let place = rehearsal.company.answer(SimulatedRequest(target: page)).header("location") ?? ""
            let code = try #require(URLComponents(string: place)?.queryItems?.first { $0.name == "code" }?.value)
            keeper = MemoryKeeper(try await server.exchange(code: code, redirect: redirect).grant)
        }

        func night(loggedInAt: Instant? = nil) async throws -> RunReport {
            let access = OAuthAccess(
                server: server, keeper: keeper, baseURL: rehearsal.job.baseURL, clock: rehearsal.clock,
                loggedInAt: loggedInAt)
            return try await rehearsal.night(transport: wire, credentials: access, recovery: rehearsal.recovery)
        }

        var refusals: Int { rehearsal.asked.requestsByStatus[401] ?? 0 }
    }

    @Test(
        "An access token that is refused is renewed once, and what was refused is paid for again",
        arguments: [
            false, true,
        ])
    func refused(rotates: Bool) async throws {
        let rehearsal = try Rehearsal(["deals", "persons", "activities"]) { $0.cutPages(to: 20) }
        rehearsal.change { $0.changeApp { $0.rotatesRefreshTokens = rotates } }
        let login = try await Login(rehearsal)
        let isDone = Mutex(false)
        rehearsal.company.beforeAnswer { number, _, account in
            guard number == 7, !isDone.withLock({ $0 }) else { return }
            isDone.withLock { $0 = true }
            account.endAccess()
        }
        let report = try await login.night()
        #expect(report.code == .complete)
        #expect(login.wire.renewals.count == 2)
        #expect((1...4).contains(login.refusals))
        #expect(report.requests == rehearsal.asked.requests)
        let spent = try IndexViews(rehearsal.folder.path).spent()
        #expect(spent.reduce(0) { $0 + $1.tokens } == report.tokens)
        #expect(rehearsal.asked.tokens < report.tokens)
    }

    @Test("The hour ends during the run")
    func hour() async throws {
        var options = AccountOptions()
        options.latencyMilliseconds = 25_000
        let rehearsal = try Rehearsal(["deals", "persons", "activities"], options) {
            $0.cutPages(to: 4)
            $0.concurrency = 1
        }
        rehearsal.change { $0.changeApp { $0.rotatesRefreshTokens = true } }
        let login = try await Login(rehearsal)
        let report = try await login.night()
        #expect(report.code == .complete && login.refusals == 0)
        let times = login.wire.renewals.map(\.milliseconds)
        #expect(times.count > 1)
        for (earlier, later) in zip(times, times.dropFirst()) {
            #expect((3_300_000..<3_600_000).contains(later - earlier))
        }
    }

    @Test("A server that refuses every token ends the run after one renewal, with 77")
    func always() async throws {
        let login = try await Login(try Rehearsal(["deals"]))
        login.rehearsal.change { $0.misbehave([Misbehaviour(.unauthorized, .probability(1))]) }
        let report = try await login.night()
        #expect(report.code == .tokenRefused && report.requests == 2 && login.wire.renewals.count == 2)
        #expect(report.sentence?.contains("pipesnap login") == true)
    }

    /// One list is answered and another never: what is let through must not make the rest look well.
    @Test("A server that refuses every token for one list alone ends the run as well")
    func oneList() async throws {
        let login = try await Login(try Rehearsal(["deals", "persons"]) { $0.cutPages(to: 10) })
        login.rehearsal.change { $0.misbehave([Misbehaviour(.unauthorized, .probability(1), pathSuffix: "/persons")]) }
        let report = try await login.night()
        #expect(report.code == .tokenRefused && login.wire.renewals.count == 2)
        #expect(login.refusals <= 2 * login.rehearsal.job.concurrency)
    }

    @Test("The ledger is lost and the access token refused: the question of two tokens is asked again")
    func lostLedger() async throws {
        let login = try await Login(try Rehearsal(["deals"]))
        #expect(try await login.night().code == .complete)
        try FileManager.default.removeItem(atPath: login.rehearsal.folder.path + "/index")
        login.rehearsal.sleep(hours: 1)
        let number = login.rehearsal.asked.requests + 1
        login.rehearsal.change { $0.misbehave([Misbehaviour(.unauthorized, .requests([number]))]) }
        let report = try await login.night()
        #expect(report.code == .complete && login.refusals == 1 && login.wire.renewals.count == 3)
        #expect(login.rehearsal.asked.requestsByPath["/v1/users/me"] == 2)
    }

    @Test("A refresh token that is refused costs nothing and names the cure")
    func revoked() async throws {
        let login = try await Login(try Rehearsal(["deals"]))
        login.rehearsal.change { $0.endLogins() }
        let report = try await login.night()
        #expect(report.code == .tokenRefused && report.tokens == 0)
        #expect(report.sentence?.contains("pipesnap login") == true)
        #expect(report.sentence?.contains("refresh_token is invalid") == true)
    }

    @Test("An OAuth server that is down: asked five times, 69, and no token spent")
    func down() async throws {
        let login = try await Login(try Rehearsal(["deals"]))
        login.rehearsal.change { $0.changeApp { $0.isServerDown = true } }
        let report = try await login.night()
        #expect(report.code == .serverRefuses && report.tokens == 0 && login.wire.renewals.count == 5)
        #expect(login.rehearsal.asked.requests == 0)
    }

    @Test("Requests go where the OAuth server says the company is, and no secret stands in an address")
    func address() async throws {
        let login = try await Login(try Rehearsal(["deals"]))
        login.rehearsal.change { $0.changeApp { $0.apiDomain = "http://127.0.0.1:9090" } }
        #expect(try await login.night().code == .complete)
        let (questions, pages) = (login.wire.sent.filter { $0.form != nil }, login.wire.sent.filter { $0.form == nil })
        #expect(!pages.isEmpty && pages.allSatisfy { $0.url.hasPrefix("http://127.0.0.1:9090/") })
        #expect(questions.allSatisfy { $0.url == "http://127.0.0.1:8931/oauth/token" })
    }

    @Test("What the app's scopes do not open is left alone for a day, and said with the scope that would")
    func scopes() async throws {
        let login = try await Login(try Rehearsal(["core"]))
        login.rehearsal.change { $0.changeApp { $0.scopes = ["base", "contacts:read", "leads:full"] } }
        let report = try await login.night()
        #expect(report.code == .complete)
        let shut = report.streams.filter { $0.state == .unavailable }
        #expect(shut.map(\.stream) == ["deals", "activities", "products"])
        for stream in shut {
            let scope = try #require(Catalogue.stream(named: stream.stream)?.needs?.scope)
            #expect(stream.reason == "403 Scope and URL mismatch; it needs scope \(scope)")
        }
        #expect(login.refusals == 0)
        login.rehearsal.change { $0.changeApp { $0.scopes = nil } }
        login.rehearsal.sleep(hours: 25)
        let later = try await login.night()
        #expect(later.code == .complete && later.streams.allSatisfy { $0.state == .complete })
    }

    @Test("A new login asks at once for what the old one could not read")
    func newLogin() async throws {
        let login = try await Login(try Rehearsal(["core"]))
        login.rehearsal.change { $0.changeApp { $0.scopes = ["base", "contacts:read", "leads:full"] } }
        let first = Instant("2026-11-23T02:00:00Z")
        _ = try await login.night(loggedInAt: first)
        login.rehearsal.change { $0.changeApp { $0.scopes = nil } }
        login.rehearsal.sleep(hours: 1)
        let same = try await login.night(loggedInAt: first)
        #expect(same.streams.count { $0.state == .unavailable } == 3 && same.code == .complete)
        let new = try await login.night(loggedInAt: Instant("2026-11-24T02:00:00Z"))
        #expect(new.streams.allSatisfy { $0.state == .complete }, "\(new.streams)")
    }

    /// The simulator's scopes are held to the official descriptions by a test of its own.
    @Test("The scope that a stream names opens each of its lists")
    func catalogue() throws {
        for stream in Catalogue.streams {
            let scope = try #require(stream.needs?.scope, "\(stream.name)")
            for list in stream.lists {
                let endpoint = Endpoint.table.first { endpoint in
                    ["/api/v\(endpoint.version)", "/v\(endpoint.version)"].contains { $0 + endpoint.path == list.path }
                }
                #expect(try #require(endpoint, "\(list.path)").scopes.contains(scope), "\(list.path)")
            }
        }
    }
}
