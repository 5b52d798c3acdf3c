import Foundation
import Platform
import Simulator
import Testing

@Suite("Misbehaviour, one kind at a time")
struct MisbehaviourTests {
    private func asker(_ kind: Misbehaviour.Kind, at requests: Set<Int> = [1], seed: UInt64 = 1) -> Asker {
        var options = AccountOptions(seed: seed)
        options.misbehaviours = [Misbehaviour(kind, .requests(requests))]
        return Asker(options)
    }

    @Test(
        "Statuses, and that the next request is well again",
        arguments: [
            (.serverError500, 500), (.serverError502, 502), (.serverError503, 503), (.forbiddenJSON, 403),
            (.paymentRequired, 402),
            (.notFound, 404), (.unauthorized, 401), (.burstExceeded, 429), (.html200, 200), (.dataNull, 200),
            (.wrongEnvelope, 200),
        ] as [(Misbehaviour.Kind, Int)])
    func statuses(kind: Misbehaviour.Kind, status: Int) throws {
        var asker = asker(kind)
        let spoilt = asker.ask("/api/v2/deals")
        #expect(spoilt.status == status)
        #expect((try? spoilt.seen())?.isEmpty ?? true)
        #expect(try asker.ask("/api/v2/deals").seen().count == 100)
        #expect(asker.account.counters.tokens == (status == 401 || status == 429 ? 10 : 20))
    }

    @Test("Bodies: garbled, pretty, cut, reset")
    func bodies() throws {
        var well = Asker()
        let plain = well.ask("/api/v2/deals")
        var garbled = asker(.garbledJSON)
        #expect(throws: (any Error).self) { try garbled.ask("/api/v2/deals").object() }
        var pretty = asker(.prettyPrinted)
        let spaced = pretty.ask("/api/v2/deals")
        #expect(spaced.body.count > plain.body.count)
        #expect(try spaced.seen() == plain.seen())
        var cut = asker(.truncatedBody)
        #expect(cut.ask("/api/v2/deals").delivery == .cut(bytes: plain.body.count / 2))
        var reset = asker(.resetConnection)
        #expect(reset.ask("/api/v2/deals").delivery == .reset)
        #expect(reset.account.counters.tokens == 10)
    }

    private func pages(_ asker: inout Asker, _ count: Int) throws -> (rows: [[Seen]], cursors: [String]) {
        var found: (rows: [[Seen]], cursors: [String]) = ([], [])
        for _ in 0..<count {
            let cursor = found.cursors.last.map { "&cursor=\($0)" } ?? ""
            let body = try asker.ask("/api/v2/deals?limit=10&sort_by=update_time\(cursor)").object()
            found.rows.append(Seen.rows(body))
            let next = (body["additional_data"] as? [String: Any])?["next_cursor"] as? String
            found.cursors.append(try #require(next))
        }
        return found
    }

    @Test("Cursors: looping, empty pages, repeated pages, expiry")
    func cursors() throws {
        var well = Asker()
        let right = try pages(&well, 3)
        var looping = asker(.loopingCursor, at: [2])
        let loop = try pages(&looping, 2)
        #expect(loop.cursors[0] == loop.cursors[1])
        var empty = asker(.emptyPageWithCursor, at: [1, 3])
        let gaps = try pages(&empty, 4)
        #expect(gaps.rows == [[], right.rows[0], [], right.rows[1]])
        #expect(Set(gaps.cursors).count == 4)
        var repeated = asker(.repeatedPage, at: [2])
        let again = try pages(&repeated, 3)
        #expect(again.rows == [right.rows[0], right.rows[0], right.rows[2]])
        var expired = asker(.expiredCursor, at: [1, 2])
        #expect(expired.ask("/api/v2/deals?limit=10").status == 200)
        #expect(expired.ask("/api/v2/deals?limit=10&sort_by=update_time&cursor=\(right.cursors[0])").status == 400)
    }

    @Test("Empty pages lose nothing when the list runs downwards either", arguments: ["id", "update_time", "add_time"])
    func emptyDownwards(field: String) throws {
        var well = Asker()
        var empty = asker(.emptyPageWithCursor, at: [1])
        let target = "/api/v2/deals?limit=50&sort_by=\(field)&sort_direction=desc"
        #expect(try empty.walk(target).flatMap { $0 } == well.walk(target).flatMap { $0 })
    }

    @Test("Missing headers")
    func headers() {
        var daily = asker(.missingDailyHeaders)
        let first = daily.ask("/api/v2/deals")
        #expect(first.header("x-daily-ratelimit-token-remaining") == nil)
        #expect(first.header("x-ratelimit-remaining") != nil)
        #expect(daily.ask("/api/v2/deals").header("x-daily-ratelimit-token-remaining") != nil)
        var all = asker(.missingAllLimitHeaders)
        #expect(!all.ask("/api/v2/deals").headers.contains { $0.name.contains("ratelimit") })
    }

    @Test("The forbidden page blocks, an exhausted day stays exhausted")
    func lasting() {
        var forbidden = asker(.forbiddenPage)
        #expect(forbidden.ask("/api/v2/deals").status == 403)
        #expect(forbidden.ask("/api/v2/deals").text.contains("Cloudflare"))
        var exhausted = asker(.dailyExhausted)
        #expect((0..<2).map { _ in exhausted.ask("/api/v2/deals").status } == [429, 429])
        exhausted.now += 86_400_000
        #expect(exhausted.ask("/api/v2/deals").status == 200)
    }

    @Test("Probabilities hold, seed by seed", arguments: [1, 2] as [UInt64])
    func probability(seed: UInt64) {
        var options = AccountOptions(seed: seed)
        options.misbehaviours = [Misbehaviour(.serverError503, .probability(0.2), pathSuffix: "/leadSources")]
        var asker = Asker(options)
        asker.stepMilliseconds = 1000
        let failures = (0..<400).filter { _ in asker.ask("/v1/leadSources").status == 503 }.count
        #expect((40...120).contains(failures), "seed \(seed): \(failures)")
        #expect(asker.ask("/v1/currencies").status == 200)
    }

    @Test("Spelling on the command line")
    func spelling() {
        #expect(Misbehaviour(text: "slow=0.5") == Misbehaviour(.slow, .probability(0.5)))
        #expect(Misbehaviour(text: "html200@3,5") == Misbehaviour(.html200, .requests([3, 5])))
        for wrong in ["slow", "slow=2", "unheard=0.1", "slow@0", "slow@"] { #expect(Misbehaviour(text: wrong) == nil) }
    }
}

@Suite("The account behind the transport protocol")
struct SimulatorTransportTests {
    private let clock = StillClock()

    private func get(_ transport: SimulatorTransport, _ target: String, timeout: Int = 60) async throws
        -> TransportResponse
    {
        let headers = [(name: "x-api-token", value: AccountOptions.defaultToken)]
        return try await transport.send(
            TransportRequest(url: "https://acme.example:8080\(target)", headers: headers, timeoutSeconds: timeout))
    }

    private func transport(_ kind: Misbehaviour.Kind) -> SimulatorTransport {
        var options = AccountOptions()
        options.misbehaviours = [Misbehaviour(kind, .requests([1]))]
        return SimulatorTransport(SimulatedAccount(options: options), clock: clock)
    }

    @Test("Answers, and lets a test change records before an answer")
    func hook() async throws {
        let transport = SimulatorTransport(SimulatedAccount(), clock: clock) { number, _, account in
            if number == 2 { account.create(.deals) }
        }
        let target = "/api/v2/deals?updated_since=2026-09-30T00:00:00Z"
        let first = try await get(transport, target)
        #expect(String(decoding: first.body, as: UTF8.self).contains(#""data":[]"#))
        let second = try await get(transport, target)
        #expect(String(decoding: second.body, as: UTF8.self).contains(#""id":201"#))
        #expect(second.header("X-Daily-RateLimit-Token-Limit") == "30000")
        #expect(transport.withAccount { $0.counters.requests } == 2)
    }

    @Test(
        "Broken connections and cut bodies are failures of the transport",
        arguments: [.resetConnection, .truncatedBody] as [Misbehaviour.Kind])
    func broken(kind: Misbehaviour.Kind) async throws {
        let transport = transport(kind)
        await #expect(throws: TransportFailure.self) { try await get(transport, "/api/v2/deals") }
        #expect(try await get(transport, "/api/v2/deals").status == 200)
        #expect(transport.withAccount { $0.counters.tokens } == 20)
    }

    @Test("A slow answer takes its time, or more than the caller has")
    func slow() async throws {
        #expect(try await get(transport(.slow), "/api/v2/deals").status == 200)
        #expect(clock.nowMilliseconds == Asker.start + 5000)
        await #expect(throws: TransportFailure.timedOut(seconds: 2)) {
            try await get(transport(.slow), "/api/v2/deals", timeout: 2)
        }
        #expect(clock.nowMilliseconds == Asker.start + 7000)
    }

    @Test("Nobody there")
    func unreachable() async throws {
        let transport = SimulatorTransport(SimulatedAccount(), clock: clock)
        try await transport.reach("https://acme.example")
        transport.setReachable(false)
        await #expect(throws: TransportFailure.self) { try await transport.reach("https://acme.example") }
        await #expect(throws: TransportFailure.self) { try await get(transport, "/api/v2/deals") }
        #expect(transport.withAccount { $0.counters.requests } == 0)
    }
}
