import Foundation
import Platform
import Testing

@testable import Platform

/// The real client against servers that misbehave. The loopback cannot show slow names and lossy lines.
@Suite struct NetworkTransportTests {
    let transport = NetworkTransport()

    /// Longer than any machine is busy with other tests: it ends only what hangs.
    private static let patienceSeconds = 300

    private func ask(_ url: String, timeoutSeconds: Int = Self.patienceSeconds) async throws -> TransportResponse {
        try await transport.send(
            TransportRequest(url: url, headers: [("x-api-token", "s3cret")], timeoutSeconds: timeoutSeconds))
    }

    private func failure(_ url: String, timeoutSeconds: Int = Self.patienceSeconds) async -> TransportFailure? {
        await #expect(throws: TransportFailure.self) { try await ask(url, timeoutSeconds: timeoutSeconds) }
    }

    @Test func aWholeAnswer() async throws {
        let server = try TinyServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-RateLimit-Limit: 40\r\n\r\n", body: Array("hello".utf8))
        let response = try await ask(server.url)
        #expect(response.status == 200)
        #expect(response.body == Array("hello".utf8))
        #expect(response.header("x-ratelimit-limit") == "40")
        await transport.shutdown()
    }

    @Test func chunks() async throws {
        let server = try TinyServer(
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        #expect(try await ask(server.url).body == Array("abcde".utf8))
    }

    /// The room that one answer got, after which it is given back.
    private func room(_ server: TinyServer, _ body: [UInt8]) async throws -> Int {
        let response = try await ask(server.url)
        #expect(response.body == body)
        transport.reuse(response.body)
        return response.body.capacity
    }

    /// Now and then the network's thread may still be letting go of the answer, so it is tried more than once.
    @Test func theRoomOfAnAnswerServesTheNext() async throws {
        let (page, short) = ([UInt8](repeating: 9, count: 2_000_000), Array("hello".utf8))
        let large = try TinyServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: \(page.count)\r\n\r\n", body: page)
        let small = try TinyServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", body: short)
        var rooms: [Int] = []
        for _ in 0..<5 {
            #expect(try await room(large, page) >= page.count)
            rooms.append(try await room(small, short))
        }
        #expect(rooms.contains { $0 >= page.count })
    }

    @Test func aBodyThatIsCut() async throws {
        let plain = try TinyServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"data\":[]}")
        expectBroken(await failure(plain.url))
        let chunked = try TinyServer(
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nde")
        expectBroken(await failure(chunked.url))
    }

    @Test func connectionsThatBreak() async throws {
        let silent = try TinyServer { _ in }
        expectBroken(await failure(silent.url))
        let reset = try TinyServer { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
            connection.reset()
        }
        expectBroken(await failure(reset.url))
        let nonsense = try TinyServer(answer: "SSH-2.0-OpenSSH_9.6\r\n\r\n")
        expectBroken(await failure(nonsense.url))
    }

    @Test func redirectsAreAnswers() async throws {
        let server = try TinyServer(
            answer: "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")
        let response = try await ask(server.url)
        #expect(response.status == 302)
        #expect(response.header("Location") == "http://elsewhere.example/")
    }

    @Test func slowHeadAndSlowBody() async throws {
        let head = try TinyServer { _ in sleep(30) }
        #expect(await failure(head.url, timeoutSeconds: 1) == .timedOut(seconds: 1))
        let body = try TinyServer { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
            sleep(30)
        }
        #expect(await failure(body.url, timeoutSeconds: 1) == .timedOut(seconds: 1))
    }

    @Test func beingCancelled() async throws {
        let server = try TinyServer { _ in sleep(30) }
        let url = server.url
        let task = Task { try await ask(url) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func tooMuch() async throws {
        let announced = try TinyServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{")
        #expect(await failure(announced.url) == .tooLarge(limitBytes: NetworkTransport.bodyLimitBytes))
        let endless = try TinyServer { connection in
            connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            let part = [UInt8](repeating: 32, count: 1 << 20)
            for _ in 0..<80 { connection.send(part) }
        }
        #expect(await failure(endless.url) == .tooLarge(limitBytes: NetworkTransport.bodyLimitBytes))
    }

    @Test func headersWithoutEnd() async throws {
        let endless = try TinyServer { connection in
            connection.send("HTTP/1.1 200 OK\r\n")
            let line = Array("x-a: \(String(repeating: "a", count: 4000))\r\n".utf8)
            for _ in 0..<20_000 { connection.send(line) }
        }
        expectBroken(await failure(endless.url))
    }

    /// Each part comes in time, and the whole never does.
    @Test func anAnswerThatTrickles() async throws {
        let server = try TinyServer { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            for _ in 0..<500 {
                connection.send("{")
                usleep(20_000)
            }
        }
        #expect(await failure(server.url, timeoutSeconds: 1) == .timedOut(seconds: 1))
    }

    @Test func nobodyThere() async throws {
        var server: TinyServer? = try TinyServer { _ in }
        let url = try #require(server?.url)
        try await transport.reach(url)
        server = nil
        for failure in [await failure(url), await unreachable(url)] {
            #expect(failure.map { "\($0)" }?.contains("connection refused") == true)
        }
        let unknown = await failure("http://nosuch.invalid/")
        #expect(unknown == .unreachable("unknown host nosuch.invalid"))
        #expect(await unreachable("http://nosuch.invalid/") == .unreachable("unknown host nosuch.invalid"))
        #expect(await unreachable("nonsense") == .unreachable("not a URL: nonsense"))
    }

    /// A plain server cannot shake hands for TLS: nothing was sent, so it is unreachable.
    @Test func noTLS() async throws {
        let server = try TinyServer(answer: "HTTP/1.1 400 Bad Request\r\n\r\n")
        guard case .unreachable(let reason) = await failure("https://127.0.0.1:\(server.port)/") else {
            Issue.record("not unreachable")
            return
        }
        #expect(reason == "TLS with 127.0.0.1 failed: most likely there is no TLS on that port")
    }

    @Test func errorsDoNotQuoteHeaders() async throws {
        let request = TransportRequest(
            url: "http://127.0.0.1:9/", headers: [("x-api-token", "s3cret\r\nx: y")], timeoutSeconds: 5)
        let failure = await #expect(throws: TransportFailure.self) { try await transport.send(request) }
        #expect(failure.map { "\($0)" }?.contains("s3cret") == false)
    }

    private func unreachable(_ url: String) async -> TransportFailure? {
        await #expect(throws: TransportFailure.self) { try await transport.reach(url) }
    }

    private func expectBroken(_ failure: TransportFailure?, _ place: SourceLocation = #_sourceLocation) {
        guard case .broken = failure else {
            Issue.record("\(String(describing: failure))", sourceLocation: place)
            return
        }
    }
}
