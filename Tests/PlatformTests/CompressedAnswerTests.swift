import Foundation
import Testing

@testable import Platform

/// Compressed answers, made by the system's gzip.
@Suite struct CompressedAnswerTests {
    let transport = NetworkTransport()

    private func ask(_ body: [UInt8]) async throws -> TransportResponse {
        let server = try TinyServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n", body: body)
        return try await transport.send(TransportRequest(url: server.url, headers: [], timeoutSeconds: 300))
    }

    @Test func areUnpacked() async throws {
        let text = String(repeating: "{\"id\":1,\"title\":\"a deal\"}\n", count: 20_000)
        #expect(try await ask(gzip(Array(text.utf8))).body == Array(text.utf8))
    }

    @Test func areBounded() async throws {
        let bomb = try gzip([UInt8](repeating: 32, count: NetworkTransport.bodyLimitBytes + 1))
        #expect(bomb.count < 1 << 20)
        let failure = await #expect(throws: TransportFailure.self) { try await ask(bomb) }
        #expect(failure == .tooLarge(limitBytes: NetworkTransport.bodyLimitBytes))
    }

    @Test func areWholeOrNothing() async throws {
        let text = (0..<5_000).map { "\"\($0 &* 7_919)\"" }.joined(separator: ",")
        let packed = try gzip(Array(text.utf8))
        for bad in [Array(packed.dropLast(100)), Array("not gzip".utf8)] {
            let failure = await #expect(throws: TransportFailure.self) { try await ask(bad) }
            #expect(failure == .broken("the answer could not be decompressed"))
        }
    }

    private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder("body")))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-n", folder("body")]
        try process.run()
        process.waitUntilExit()
        return try Array(Data(contentsOf: URL(fileURLWithPath: folder("body.gz"))))
    }
}
