import Planning
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Pipedrive

/// Keeps the grant in memory and counts the writes.
private final class MemoryKeeper: GrantKeeper {
    private let kept: Mutex<[StoredGrant]>

    init(_ token: String) { kept = Mutex([StoredGrant(refreshToken: token)]) }

    var grants: [StoredGrant] { kept.withLock { $0 } }

    /// Whether it refuses to keep anything, as a full disk does.
    let isFull = Mutex(false)
    /// Runs when the grant is there and not kept yet.
    let beforeKeeping = Mutex<(@Sendable () -> Void)?>(nil)

    func renewing<Value: Sendable>(
        _ body: @Sendable (StoredGrant) async throws -> (grant: StoredGrant, value: Value)
    ) async throws -> Value {
        let old = kept.withLock { $0[$0.count - 1] }
        let new = try await body(old)
        beforeKeeping.withLock { $0 }?()
        if isFull.withLock({ $0 }) { throw Stop(.cannotWriteOutput, "full", hint: "make room") }
        kept.withLock { $0.append(new.grant) }
        return new.value
    }
}

/// The access tokens of a login, against an OAuth server that answers from a list.
@Suite struct OAuthAccessTests {
    let clock = ManualClock()

    private static func tokens(_ access: String, refresh: String = "refresh-1", domain: String? = nil)
        -> TransportResponse
    {
        let address = domain.map { #","api_domain":"\#($0)""# } ?? ""
        let tokens = #"{"access_token":"\#(access)","token_type":"Bearer","refresh_token":"\#(refresh)""#
        let body = tokens + #","expires_in":3600\#(address)}"#
        return TransportResponse(status: 200, headers: [], body: Array(body.utf8))
    }

    private static func failure(_ status: Int, _ body: String) -> TransportResponse {
        TransportResponse(status: status, headers: [], body: Array(body.utf8))
    }

    /// Answers the n-th question with the n-th answer, the last one again and again.
    private func access(
        _ answers: [TransportResponse], baseURL: String = CompanyAddress.ofEveryCompany
    ) -> (OAuthAccess, ScriptedTransport, MemoryKeeper) {
        let next = Mutex(0)
        let transport = ScriptedTransport { _ in
            next.withLock { number in
                defer { number += 1 }
                return answers[min(number, answers.count - 1)]
            }
        }
        let client = OAuthClient(id: "id", secret: "s3cret-of-app")
        let server = OAuthServer(address: "https://oauth.pipedrive.com", client: client, transport: transport)
        let keeper = MemoryKeeper("refresh-0")
        return (OAuthAccess(server: server, keeper: keeper, baseURL: baseURL, clock: clock), transport, keeper)
    }

    /// Of a token that was put there by hand, the first renewal is the beginning.
    @Test func theTimeOfTheLoginStays() async throws {
        let (access, _, keeper) = access([Self.tokens("a-1"), Self.tokens("a-2", refresh: "refresh-2")])
        _ = try await access.prepare()
        let first = Instant(milliseconds: clock.nowMilliseconds)
        clock.advance(milliseconds: 3_600_000)
        _ = try await access.prepare()
        #expect(keeper.grants.map(\.loggedInAt) == [nil, first, first])
        #expect(keeper.grants.last?.refreshedAt == first + 3600)
    }

    @Test func renewsBeforeTheFirstRequestAndBeforeTheEnd() async throws {
        let (access, transport, keeper) = access([
            Self.tokens("a-1", domain: "https://Acme.pipedrive.com/"), Self.tokens("a-2", refresh: "refresh-2"),
        ])
        #expect(access.authorization(baseURL: "x") == nil)
        #expect(try await access.prepare())
        let first = try #require(access.authorization(baseURL: "x"))
        #expect(first.header.name == "authorization" && first.header.value == "Bearer a-1")
        #expect(first.baseURL == "https://acme.pipedrive.com")
        let asked = try #require(transport.requests.first)
        #expect(asked.url == "https://oauth.pipedrive.com/oauth/token")
        #expect(asked.form == "grant_type=refresh_token&refresh_token=refresh-0")
        #expect(asked.headers.contains { $0.name == "authorization" && $0.value == "Basic aWQ6czNjcmV0LW9mLWFwcA==" })
        #expect(keeper.grants.last?.refreshToken == "refresh-1")
        #expect(keeper.grants.last?.refreshedAt == Instant(milliseconds: clock.nowMilliseconds))
        clock.advance(milliseconds: 3_299_000)
        #expect(try await !access.prepare())
        clock.advance(milliseconds: 1000)
        #expect(try await access.prepare())
        #expect(access.authorization(baseURL: "x")?.header.value == "Bearer a-2")
        #expect(transport.requests.last?.form == "grant_type=refresh_token&refresh_token=refresh-1")
        #expect(keeper.grants.last?.refreshToken == "refresh-2")
    }

    @Test func aRefusedTokenIsRenewedOnceForAllThatUsedIt() async throws {
        let (access, transport, _) = access([Self.tokens("a-1"), Self.tokens("a-2")])
        _ = try await access.prepare()
        let old = try #require(access.authorization(baseURL: "x"))
        #expect(access.isRenewable(after: old))
        #expect(try await access.prepare())
        // A second request was told so as well, later.
        #expect(access.isRenewable(after: old))
        #expect(try await !access.prepare())
        #expect(transport.requests.count == 2)
    }

    /// A kill in between would lose a refresh token that the server believes to be in use.
    @Test func noAccessTokenIsUsedBeforeItsRefreshTokenIsKept() async throws {
        let (access, _, keeper) = access([Self.tokens("a-1"), Self.tokens("a-2", refresh: "refresh-2")])
        _ = try await access.prepare()
        let inBetween = Mutex<String?>(nil)
        keeper.beforeKeeping.withLock {
            $0 = { inBetween.withLock { $0 = access.authorization(baseURL: "x")?.header.value } }
        }
        clock.advance(milliseconds: 3_500_000)
        #expect(try await access.prepare())
        #expect(inBetween.withLock { $0 } == "Bearer a-1")
        #expect(access.authorization(baseURL: "x")?.header.value == "Bearer a-2")
        keeper.isFull.withLock { $0 = true }
        clock.advance(milliseconds: 3_500_000)
        let stop = await #expect(throws: Stop.self) { _ = try await access.prepare() }
        #expect(stop?.code == .cannotWriteOutput)
        #expect(access.authorization(baseURL: "x")?.header.value == "Bearer a-2")
        #expect(access.isIn("refresh-2"))
    }

    /// A server that refuses them all would be paid for each try.
    @Test func aSecondRefusalWithinTheHourIsFinal() async throws {
        let (access, transport, _) = access([Self.tokens("a-1"), Self.tokens("a-2"), Self.tokens("a-3")])
        _ = try await access.prepare()
        #expect(access.isRenewable(after: try #require(access.authorization(baseURL: "x"))))
        _ = try await access.prepare()
        let second = try #require(access.authorization(baseURL: "x"))
        #expect(!access.isRenewable(after: second))
        #expect(try await !access.prepare())
        clock.advance(milliseconds: 3_599_000)
        _ = try await access.prepare()
        #expect(!access.isRenewable(after: try #require(access.authorization(baseURL: "x"))))
        clock.advance(milliseconds: 1000)
        #expect(access.isRenewable(after: try #require(access.authorization(baseURL: "x"))))
        #expect(transport.requests.count == 3)
        #expect(access.refusal.code == .tokenRefused && access.refusal.hint.contains("pipesnap login"))
    }

    @Test func whileTheTokenHoldsAServerThatIsDownIsNoFailure() async throws {
        let (access, transport, _) = access([Self.tokens("a-1"), Self.failure(503, "<html>")])
        _ = try await access.prepare()
        clock.advance(milliseconds: 3_400_000)
        #expect(try await access.prepare())
        #expect(try await !access.prepare())
        #expect(transport.requests.count == 2)
        clock.advance(milliseconds: 190_000)
        await #expect(throws: RenewalFailure(reason: "it answered 503")) { try await access.prepare() }
    }

    @Test(arguments: [
        (400, #"{"success":false,"message":"Invalid grant: refresh_token is invalid refresh-0"}"#, "pipesnap login"),
        (
            401, #"{"error":"invalid_client","error_description":"s3cret-of-app aWQ6czNjcmV0LW9mLWFwcA=="}"#,
            "client_secret"
        ),
        (302, "", "api.oauth.server"),
    ])
    func whatOnlyAPersonCanMend(status: Int, body: String, cure: String) async throws {
        let (access, _, keeper) = access([Self.failure(status, body)])
        let stop = await #expect(throws: Stop.self) { _ = try await access.prepare() }
        #expect(stop?.code == (status == 302 ? .serverRefuses : .tokenRefused))
        #expect(stop?.hint.contains(cure) == true)
        for secret in ["refresh-0", "s3cret", "aWQ6cz"] { #expect(stop?.description.contains(secret) == false) }
        #expect(keeper.grants.count == 1)
    }

    @Test(arguments: [408, 429, 500, 502]) func whatMayPass(status: Int) async throws {
        let (access, _, _) = access([Self.failure(status, "")])
        await #expect(throws: RenewalFailure.self) { try await access.prepare() }
    }

    @Test(arguments: [#"{"access_token":"a b","refresh_token":"r"}"#, #"{"access_token":"a"}"#, "<html>", "{}"])
    func answersWithoutTokens(body: String) async throws {
        let (access, _, keeper) = access([Self.failure(200, body)])
        await #expect(throws: RenewalFailure.self) { try await access.prepare() }
        #expect(keeper.grants.count == 1)
    }

    /// No access token goes to a host that nobody vouches for.
    @Test(arguments: [
        ("https://acme.pipedrive.com", "https://acme.pipedrive.com", true),
        ("https://acme.pipedrive.com", "https://other.pipedrive.com", false),
        ("https://api.pipedrive.com", "https://acme.pipedrive.com/", true),
        ("https://api.pipedrive.com", "http://acme.pipedrive.com", false),
        ("https://api.pipedrive.com", "https://evil.example", false),
        ("https://api.pipedrive.com", "https://evilpipedrive.com", false),
        ("https://api.pipedrive.com", "https://evil.example/.pipedrive.com", false),
        ("https://api.pipedrive.com", "https://evil.example#.pipedrive.com", false),
        ("https://api.pipedrive.com", "https://x@evil.example:1.pipedrive.com", false),
        ("https://api.pipedrive.com", "http://127.0.0.1:8080", false),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9090", true),
        ("http://127.0.0.1:8080", "http://127.0.0.1.evil.example", false),
        ("http://127.0.0.1:8080", "https://acme.pipedrive.com", false),
        ("https://proxy.example", "https://proxy.example", true),
    ])
    func hosts(configured: String, told: String, isAccepted: Bool) throws {
        if isAccepted {
            let chosen = try CompanyAddress.choose(told: told, configured: configured)
            #expect(told.hasPrefix(chosen))
        } else {
            #expect(throws: Stop.self) { try CompanyAddress.choose(told: told, configured: configured) }
        }
        #expect(try CompanyAddress.choose(told: nil, configured: configured) == configured)
    }
}
