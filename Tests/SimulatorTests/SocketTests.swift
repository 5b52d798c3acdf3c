import Foundation
import Simulator
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

        let whole = try exchange(port, "GET /api/v2/deals?limit=2")
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        #expect(whole.contains("date: Wed, 30 Sep 2026 00:0"))
        #expect(try announced(whole) == body(whole).utf8.count)
        let cut = try exchange(port, "GET /api/v2/deals?limit=2")
        #expect(try announced(cut) > body(cut).utf8.count)
        #expect(try exchange(port, "GET /api/v2/deals?limit=2").isEmpty)
        #expect(try exchange(port, "POST /simulator/advance?seconds=86400").contains("2026-10-01T00:0"))
        #expect(try exchange(port, "GET /simulator/stats").contains(#""tokens_by_day":{"2026-09-30":30}"#))
        #expect(try exchange(port, "POST /simulator/unavailable?lists=goals=402").contains("true"))
        #expect(try exchange(port, "GET /v1/goals/find").hasPrefix("HTTP/1.1 402"))
        #expect(try exchange(port, "POST /simulator/visible-share?percent=0").contains("true"))
        #expect(try exchange(port, "GET /api/v2/deals").contains(#""data":[]"#))
        #expect(try exchange(port, "POST /simulator/visible-share?percent=200").hasPrefix("HTTP/1.1 400"))
        #expect(try exchange(port, "GET /simulator/nothing").hasPrefix("HTTP/1.1 404"))
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

    /// One request on a connection of its own, and all that came until it closed.
    private func exchange(_ port: UInt16, _ line: String) throws -> String {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let request =
            "\(line) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
            + "x-api-token: \(AccountOptions.defaultToken)\r\n\r\n"
        _ = Array(request.utf8).withUnsafeBytes { write(handle, $0.baseAddress, $0.count) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(handle, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: received, as: UTF8.self) }
            received += buffer[0..<count]
        }
    }
}
