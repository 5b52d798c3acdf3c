import Extraction
import Pipedrive
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import Testing

/// An OAuth server and the company behind one door. Access tokens end when they are told to.
private final class OAuthDoor: HTTPTransport {
    private struct State {
        var number = 0
        var isEnded = false
        var refusals = 0
        var isDown = false
        var isRevoked = false
    }

    private let company: SimulatorTransport
    private let state = Mutex(State())

    init(_ company: SimulatorTransport) { self.company = company }

    var renewals: Int { state.withLock { $0.number } }
    var refusals: Int { state.withLock { $0.refusals } }
    func endAccess() { state.withLock { $0.isEnded = true } }
    func goDown() { state.withLock { $0.isDown = true } }
    func revoke() { state.withLock { $0.isRevoked = true } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        if request.url.hasSuffix("/oauth/token") { return token() }
        let given = request.headers.first { $0.name == "authorization" }?.value
        let isAdmitted = state.withLock { state in
            let isAdmitted = !state.isEnded && given == "Bearer access-\(state.number)"
            if !isAdmitted { state.refusals += 1 }
            return isAdmitted
        }
        guard isAdmitted else { return TransportResponse(status: 401, headers: [], body: []) }
        var admitted = request
        admitted.headers = [("x-api-token", AccountOptions.defaultToken)]
        return try await company.send(admitted)
    }

    private func token() -> TransportResponse {
        state.withLock { state in
            if state.isDown { return TransportResponse(status: 503, headers: [], body: []) }
            if state.isRevoked {
                let body = #"{"success":false,"message":"Invalid grant: refresh_token is invalid"}"#
                return TransportResponse(status: 400, headers: [], body: Array(body.utf8))
            }
            state.number += 1
            state.isEnded = false
            let body =
                #"{"access_token":"access-\#(state.number)""#
                + #","refresh_token":"refresh-token-kept","expires_in":3600}"#
            return TransportResponse(status: 200, headers: [], body: Array(body.utf8))
        }
    }

    func reach(_ url: String) async throws {}
}

private struct FixedKeeper: GrantKeeper {
    func renewing(_ body: @Sendable (StoredGrant) async throws -> StoredGrant) async throws {
        _ = try await body(StoredGrant(refreshToken: "refresh-token-kept"))
    }
}

@Suite("A run with an OAuth login")
struct OAuthRunTests {
    private func night(_ rehearsal: Rehearsal, _ door: OAuthDoor) async throws -> RunReport {
        let server = OAuthServer(
            address: "http://127.0.0.1:1", client: OAuthClient(id: "id", secret: "client-secret-of-the-app"),
            transport: door)
        let access = OAuthAccess(
            server: server, keeper: FixedKeeper(), baseURL: rehearsal.job.baseURL, clock: rehearsal.clock)
        return try await rehearsal.night(transport: door, credentials: access)
    }

    @Test("An access token that is refused is renewed once, and what was refused is paid for again")
    func refused() async throws {
        let rehearsal = try Rehearsal(["deals", "persons", "activities"]) { $0.cutPages(to: 20) }
        let door = OAuthDoor(rehearsal.company)
        rehearsal.company.beforeAnswer { number, _, _ in if number == 7 { door.endAccess() } }
        let report = try await night(rehearsal, door)
        #expect(report.code == .complete)
        #expect(door.renewals == 2)
        #expect((1...4).contains(door.refusals))
        #expect(report.requests == rehearsal.asked.requests + door.refusals)
        let spent = try IndexViews(rehearsal.folder.path).spent()
        #expect(spent.reduce(0) { $0 + $1.tokens } == report.tokens)
    }

    @Test("The hour ends during the run")
    func hour() async throws {
        var options = AccountOptions()
        options.latencyMilliseconds = 25_000
        let rehearsal = try Rehearsal(["deals", "persons", "activities"], options) {
            $0.cutPages(to: 4)
            $0.concurrency = 1
        }
        let door = OAuthDoor(rehearsal.company)
        let report = try await night(rehearsal, door)
        #expect(report.code == .complete && door.refusals == 0)
        #expect(Int64(door.renewals) == 1 + Int64(report.requests - 1) * 25 / 3300)
    }

    @Test("A server that refuses every token ends the run after one renewal, with 77")
    func always() async throws {
        let rehearsal = try Rehearsal(["deals"])
        let door = OAuthDoor(rehearsal.company)
        rehearsal.change { $0.misbehave([Misbehaviour(.unauthorized, .probability(1))]) }
        let report = try await night(rehearsal, door)
        #expect(report.code == .tokenRefused && report.requests == 2 && door.renewals == 2)
        #expect(report.sentence?.contains("pipesnap login") == true)
    }

    @Test("A refresh token that is refused costs nothing and names the cure")
    func revoked() async throws {
        let rehearsal = try Rehearsal(["deals"])
        let door = OAuthDoor(rehearsal.company)
        door.revoke()
        let report = try await night(rehearsal, door)
        #expect(report.code == .tokenRefused && report.tokens == 0)
        #expect(report.sentence?.contains("pipesnap login") == true)
    }

    @Test("An OAuth server that is down: asked five times, 69, and no token spent")
    func down() async throws {
        let rehearsal = try Rehearsal(["deals"])
        let door = OAuthDoor(rehearsal.company)
        door.goDown()
        let report = try await night(rehearsal, door)
        #expect(report.code == .serverRefuses && report.tokens == 0)
        #expect(rehearsal.asked.requests == 0)
    }
}
