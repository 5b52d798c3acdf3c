import Hummingbird
import HummingbirdCore

/// Puts an account on a loopback socket.
package struct SimulatorSocket: Sendable {
    private static let longestBodyBytes = 64 << 10

    private let transport: SimulatorTransport
    private let clock: MovableClock
    private let door: ControlDoor

    package init(_ account: SimulatedAccount, clock: MovableClock) {
        self.clock = clock
        transport = SimulatorTransport(account, clock: clock)
        door = ControlDoor(transport: transport, clock: clock)
    }

    /// Runs until SIGTERM or SIGINT; port 0 is any free port. `onListening` is told the address.
    package func run(port: Int, onListening: @escaping @Sendable (String) -> Void) async throws {
        var application = Application(
            router: Router(), server: server(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { onListening("http://127.0.0.1:\($0.localAddress?.port ?? port)") })
        application.logger.logLevel = .critical
        try await application.runService()
    }

    /// Below the router: it would write its own `Date`, and could neither reset a connection nor cut a body.
    private func server() -> HTTPServerBuilder {
        HTTPServerBuilder { _ in
            HTTP1Channel { request, writer, channel in
                let response = try await answer(request)
                let head = SimulatorSocket.head(response)
                switch response.delivery {
                case .whole:
                    let body = ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
                    try await writer.write(response: head, body: body)
                case .reset:
                    try await channel.close()
                case .cut(let bytes):
                    var body = try await writer.writeHead(head)
                    try await body.write(ByteBuffer(bytes: response.body.prefix(bytes)))
                    try await channel.close()
                }
            }
        }
    }

    private func answer(_ request: Request) async throws -> SimulatedResponse {
        let headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        let body = try await request.body.collect(upTo: SimulatorSocket.longestBodyBytes)
        let asked = SimulatedRequest(
            method: request.method.rawValue, target: request.uri.string,
            headers: headers + [(name: "host", value: request.head.authority ?? "")], body: String(buffer: body))
        if asked.path.hasPrefix(ControlDoor.prefix) { return door.answer(asked) }
        let response = transport.answer(asked)
        if response.latencyMilliseconds > 0 { try await clock.sleep(milliseconds: response.latencyMilliseconds) }
        return response
    }

    private static func head(_ response: SimulatedResponse) -> HTTPResponse {
        var fields = HTTPFields()
        for (name, value) in response.headers + [("content-length", String(response.body.count))] {
            if let name = HTTPFields.Element.Name(name) { fields.append(HTTPFields.Element(name: name, value: value)) }
        }
        return HTTPResponse(status: .init(code: response.status), headerFields: fields)
    }
}
