import Foundation
import Simulator
import TestSupport
import Testing

/// Through a real loopback socket, read byte by byte: what an HTTP library would hide.
@Suite("The account on a socket")
struct SocketTests {
    @Test("Serves pages with its own Date, cuts and resets connections, obeys the control door")
    func serving() async throws {
        var options = AccountOptions()
        options.misbehaviours = [
            Misbehaviour(.truncatedBody, .requests([2])), Misbehaviour(.resetConnection, .requests([3])),
        ]
        let clock = MovableClock(startMilliseconds: Asker.start)
        let socket = SimulatorSocket(SimulatedAccount(options: options), clock: clock)
        let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
        let server = Task { try await socket.run(port: 0) { continuation.yield($0) } }
        let address = try #require(await addresses.first { _ in true })
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))

        let whole = try loopbackExchange(port, "GET /api/v2/deals?limit=2")
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        #expect(whole.contains("date: Wed, 30 Sep 2026 00:0"))
        #expect(try announced(whole) == body(whole).utf8.count)
        let cut = try loopbackExchange(port, "GET /api/v2/deals?limit=2")
        #expect(try announced(cut) > body(cut).utf8.count)
        #expect(try loopbackExchange(port, "GET /api/v2/deals?limit=2").isEmpty)
        #expect(try loopbackExchange(port, "POST /simulator/advance?seconds=86400").contains("2026-10-01T00:0"))
        #expect(try loopbackExchange(port, "GET /simulator/stats").contains(#""tokens_by_day":{"2026-09-30":30}"#))
        #expect(try loopbackExchange(port, "POST /simulator/unavailable?lists=goals=402").contains("true"))
        #expect(try loopbackExchange(port, "GET /v1/goals/find").hasPrefix("HTTP/1.1 402"))
        #expect(try loopbackExchange(port, "POST /simulator/visible-share?percent=0").contains("true"))
        #expect(try loopbackExchange(port, "GET /api/v2/deals").contains(#""data":[]"#))
        #expect(try loopbackExchange(port, "POST /simulator/visible-share?percent=200").hasPrefix("HTTP/1.1 400"))
        #expect(try loopbackExchange(port, "GET /simulator/nothing").hasPrefix("HTTP/1.1 404"))
        server.cancel()
        _ = await server.result
    }

    private func announced(_ answer: String) throws -> Int {
        let line = try #require(answer.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") })
        return try #require(Int(line.dropFirst("content-length: ".count)))
    }

    private func body(_ answer: String) -> String {
        answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
    }
}
