import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Pipedrive

@Suite struct PipedriveClientTests {
    private static let token = "0123456789abcdef"
    private let clock = ManualClock()
    private let request = PageRequest(list: Pages.list, direction: .ascending)

    private func client(
        token: String = token, _ answer: @escaping ScriptedTransport.Answer
    ) -> (PipedriveClient, ScriptedTransport) {
        let transport = ScriptedTransport(answer)
        return (
            PipedriveClient(baseURL: "https://acme.example", token: token, transport: transport, clock: clock),
            transport
        )
    }

    private func answer(_ status: Int, _ body: String, _ headers: [(String, String)] = []) -> TransportResponse {
        TransportResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    private func failure(_ answer: @escaping ScriptedTransport.Answer) async throws -> PageFailure? {
        if case .failure(let failure) = try await client(answer).0.page(request, of: Pages.stream).outcome {
            failure
        } else {
            nil
        }
    }

    @Test func asksAndUnderstands() async throws {
        let headers = [("x-daily-ratelimit-token-remaining", "77"), ("date", "Mon, 23 Nov 2026 00:00:05 GMT")]
        let page = answer(200, Pages.full, headers)
        let (client, transport) = client { _ in page }
        let result = try await client.page(request, of: Pages.stream)
        #expect(try result.outcome.get().records.count == 2)
        #expect(result.limits.dailyRemainingTokens == 77)
        #expect(result.serverTime?.description == "2026-11-23T00:00:05Z")
        #expect(result.answeredAtMilliseconds == clock.nowMilliseconds)
        let sent = try #require(transport.requests.first)
        #expect(!sent.url.contains(Self.token))
        #expect(sent.headers.filter { $0.name == "x-api-token" }.map(\.value) == [Self.token])
        #expect(sent.headers.contains { $0.name == "user-agent" && $0.value == "pipesnap" })
        #expect(sent.timeoutSeconds == 30)
    }

    @Test func garbledPages() async throws {
        for body in ["", "<html>", "{\"success\":true,\"data\":[{\"id\":1}", #"{"success":false,"data":null}"#] {
            let page = answer(200, body)
            guard case .garbled = try await failure({ _ in page }) else {
                Issue.record("\(body) is no page")
                return
            }
        }
    }

    @Test func strangeEnvelopes() async throws {
        for (body, reason, members) in [
            (#"{"success":true,"items":[],"next":1}"#, "no \"data\"", ["items", "next", "success"]),
            (#"{"success":true,"data":{"rows":[]}}"#, "\"data\" is not a list of objects", ["data", "success"]),
        ] {
            let page = answer(200, body)
            #expect(try await failure { _ in page } == .strangeEnvelope(reason: reason, members: members))
        }
    }

    @Test func brokenConnections() async throws {
        #expect(try await failure { _ in throw TransportFailure.unreachable("x") } == .unreachable("x"))
        #expect(try await failure { _ in throw TransportFailure.broken("x") } == .broken("x"))
        #expect(
            try await failure { _ in throw TransportFailure.timedOut(seconds: 30) } == .broken("no answer within 30 s"))
        #expect(
            try await failure { _ in throw TransportFailure.tooLarge(limitBytes: 64 << 20) }
                == .tooLarge("an answer of more than 64 MB"))
        await #expect(throws: CancellationError.self) { try await failure { _ in throw CancellationError() } }
    }

    /// A server that sends back what it was sent must not bring the token into a log.
    @Test func theTokenStaysInside() async throws {
        let echo = #"{"success":false,"error":"bad header x-api-token: \#(Self.token)\nnext line"}"#
        let page = answer(400, echo)
        #expect(
            try await failure { _ in page }
                == .refused(status: 400, message: "bad header x-api-token: [token] next line"))
        let moved = answer(302, "", [("location", "https://x.example/?t=\(Self.token)")])
        #expect(try await failure { _ in moved } == .redirected(to: "https://x.example/?t=[token]"))
        #expect(try await failure { _ in throw TransportFailure.broken(Self.token) } == .broken("[token]"))
        let (client, _) = client { _ in page }
        var dumped = ""
        dump(client, to: &dumped)
        #expect(!dumped.contains(Self.token))
    }

    /// Neither does what is remembered of an answer beside its records bring it into the index.
    @Test func whatIsRememberedOfAPageHasNoToken() async throws {
        let body = #"{"success":true,"data":[{"id":1,"x \#(Self.token)":2}],"\#(Self.token)":3}"#
        let page = answer(200, body, [("deprecation", "@1 \(Self.token)"), ("sunset", "\(Self.token) GMT")])
        let (client, _) = client { _ in page }
        let result = try await client.page(request, of: Pages.stream)
        #expect(result.farewell == Farewell(deprecation: "@1 [token]", sunset: "[token] GMT"))
        let found = try result.outcome.get()
        #expect(found.strangers == ["[token]"])
        #expect(client.look(at: found, watch: nil, sampling: 20).sample.counts == ["id": 1])
        let base64 = Data(Self.token.utf8).base64EncodedString()
        for cursor in [Self.token, "x\(Self.token)y", base64] {
            let page = answer(200, #"{"success":true,"data":[],"additional_data":{"next_cursor":"\#(cursor)"}}"#)
            #expect(try await failure { _ in page } == .garbled("the cursor repeats the token"), "\(cursor)")
        }
    }

    @Test(arguments: ["", "two\r\nlines", "blank space", "ümlaut"]) func aTokenThatCannotBeSent(token: String)
        async throws
    {
        let (client, transport) = client(token: token) { _ in throw CancellationError() }
        guard case .failure(.unauthorized) = try await client.page(request, of: Pages.stream).outcome else {
            Issue.record("sent")
            return
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func whoTheTokenBelongsTo() async throws {
        let body = #"""
            {"success":true,"data":{"id":1,"name":"Ann","company_name":"Acme \u0026 Sons","company_domain":"acme",
            "is_admin":1,"timezone_name":"Europe/Tallinn"}}
            """#
        let me = answer(200, body, [("x-daily-ratelimit-token-limit", "30000")])
        let (client, transport) = client { _ in me }
        let result = try await client.me()
        let expected = TokenOwner(
            companyName: "Acme & Sons", companyDomain: "acme", userName: "Ann", isAdministrator: true,
            timeZone: "Europe/Tallinn")
        #expect(try result.outcome.get() == expected)
        #expect(result.limits.dailyLimitTokens == 30_000)
        #expect(transport.requests.map(\.url) == ["https://acme.example/v1/users/me"])
        let nobody = answer(200, "{}")
        guard case .failure(.garbled) = try await self.client({ _ in nobody }).0.me().outcome else {
            Issue.record("nobody is somebody")
            return
        }
    }

    /// A used-up burst stops the next request, whoever sends it.
    @Test func burstsAreWaitedOut() async throws {
        let burst = answer(429, "", [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2")])
        let (client, _) = client { _ in burst }
        let first = try await client.page(request, of: Pages.stream)
        let second = try await client.me()
        #expect(second.answeredAtMilliseconds - first.answeredAtMilliseconds == 2000)
    }
}
