import Foundation
import Logging
import Pipedrive
import Planning
import Platform
import Simulator
import Synchronization
import Testing

@testable import Extraction

/// Whole nights against a server that does all it can to have the token written down somewhere. What it puts into a
/// record is the company's own data and stays as it is.
@Suite struct TokenNightTests {
    private static let token = AccountOptions.defaultToken

    @Test(
        "The token is nowhere but in its header, whatever the server sends back", arguments: EchoingServer.Echo.allCases
    )
    fileprivate func isNowhere(echo: EchoingServer.Echo) async throws {
        let log = Log()
        var (said, codes, echoes): ([String], Set<ExitCode>, Int) = ([], [], 0)
        for kind in Misbehaviour.Kind.allCases {
            let rehearsal = try Rehearsal(["deals", "leads", "users"], AccountOptions(size: AccountSize(deals: 100))) {
                $0.cutPages(to: 10)
            }
            let server = EchoingServer(rehearsal.company, echo)
            rehearsal.change { $0.misbehave([Misbehaviour(kind, .probability(0.5))]) }
            for _ in 0..<2 {
                let report = try await rehearsal.night(transport: server, logger: log.logger)
                said += ["\(report)", report.sentence ?? ""]
                codes.insert(report.code)
                rehearsal.sleep(hours: 25)
            }
            #expect(try Self.filesHoldingToken(below: rehearsal.folder.path) == [], "\(kind)")
            #expect(server.urls.filter(Self.holdsToken) == [], "\(kind)")
            echoes += server.echoes
        }
        #expect((said + log.lines).filter(Self.holdsToken) == [])
        #expect(echoes > Misbehaviour.Kind.allCases.count, "\(echoes) echoes")
        #expect(codes.count > 1, "\(codes)")
        // The server was heard: its words are in what was said, with a gap where the token was.
        #expect(said.contains { $0.contains(echo == .cursor ? "repeats the token" : "[token]") })
    }

    /// The search itself finds what it should.
    @Test func aTokenWouldBeFound() throws {
        let folder = try TemporaryFolder()
        for name in ["snapshots", "manifests"] { try LocalDisk().createDirectory("\(folder.path)/\(name)") }
        let base64 = Data("x-api-token: \(Self.token)".utf8).base64EncodedString()
        for (place, text) in [Self.token, base64, Self.token.uppercased()].enumerated() {
            try Data("{\"cursor\":\"\(text)\"}".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(place)"))
        }
        try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/none"))
        #expect(try Self.filesHoldingToken(below: folder.path).sorted() == ["0", "1", "2"])
    }

    // MARK: Searching

    /// A quarter of the token is enough, in every form: hexadecimal digits are the same in an address.
    private static let pieces: [[UInt8]] = {
        let forms =
            [token]
            + (0..<3).map { shift in
                let text = Data(Array(repeating: 0, count: shift) + Array(token.utf8)).base64EncodedString()
                return String(text.dropFirst(4).dropLast(4))
            }
        return forms.map { Array($0.lowercased().utf8.prefix(12)) }
    }()

    private static func holdsToken(_ text: String) -> Bool { holdsToken(Array(text.utf8)) }

    private static func holdsToken(_ bytes: [UInt8]) -> Bool {
        let lower = Data(bytes.map { (65...90).contains($0) ? $0 + 32 : $0 })
        return pieces.contains { lower.range(of: Data($0)) != nil }
    }

    /// Snapshots are searched as the lines they hold.
    private static func filesHoldingToken(below folder: String) throws -> [String] {
        var lake = PulledLake(folder)
        try lake.refresh()
        let lines = lake.files.values.flatMap(\.lines).filter { holdsToken("\($0)") }.map(\.file)
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return lines
            + (try names.filter { name in
                var isFolder: ObjCBool = false
                let path = "\(folder)/\(name)"
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                    return false
                }
                return holdsToken(Array(try Data(contentsOf: URL(fileURLWithPath: path)))) || holdsToken(name)
            })
    }
}

/// The simulated company behind a gateway that repeats the token it was shown, wherever there is room for it.
private final class EchoingServer: HTTPTransport {
    enum Echo: CaseIterable {
        /// In the words of a refusal, in a page, in headers, in the reason of a broken connection.
        case words
        /// Every other answer sends the client elsewhere, with the token in the address.
        case redirect
        /// Four pages in five go on from a cursor with the token in it.
        case cursor
    }

    private let company: SimulatorTransport
    private let echo: Echo
    private let state = Mutex((asked: 0, echoes: 0, urls: [String]()))

    init(_ company: SimulatorTransport, _ echo: Echo) { (self.company, self.echo) = (company, echo) }

    var echoes: Int { state.withLock { $0.echoes } }
    var urls: [String] { state.withLock { $0.urls } }

    func reach(_ url: String) async throws { try await company.reach(url) }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let token = request.headers.first { $0.name == "x-api-token" }?.value ?? ""
        let asked = state.withLock { state in
            state.asked += 1
            state.urls.append(request.url)
            return state.asked
        }
        do {
            return echoed(try await company.send(request), asked, in: Self.forms(of: token))
        } catch TransportFailure.broken(let reason) {
            throw TransportFailure.broken("\(reason) after \(Self.forms(of: token))")
        }
    }

    private static func forms(of token: String) -> String {
        "\(token) \(Data(token.utf8).base64EncodedString()) \(token.dropLast(9))"
    }

    private func echoed(
        _ response: TransportResponse, _ asked: Int, in token: String
    ) -> TransportResponse {
        let kept = ["date", "x-daily-ratelimit-token-remaining", "x-daily-ratelimit-token-limit", "retry-after"]
        var headers = (kept + ["x-ratelimit-remaining", "x-ratelimit-reset"]).compactMap { name in
            response.header(name).map { (name: name, value: $0) }
        }
        headers += ["x-correlation-id", "set-cookie", "www-authenticate"].map { ($0, token) }
        var (status, body) = (response.status, response.body)
        let text = String(decoding: body, as: UTF8.self)
        switch echo {
        case .redirect where asked % 2 == 0:
            status = 302
            headers.append(("location", "https://elsewhere.example/?token=\(token)"))
        case .cursor where asked % 5 != 0 && text.contains("\"next_cursor\":\""):
            body = Array(text.replacing("\"next_cursor\":\"", with: "\"next_cursor\":\"\(token)").utf8)
        case _ where status != 200 && text.hasPrefix("{"):
            body = Array(#"{"success":false,"error":"not with \#(token)","message":"\#(token)"}"#.utf8)
        case _ where !text.hasPrefix("{"): body = Array("<p>\(token)</p>\(text)".utf8)
        default: return TransportResponse(status: status, headers: headers, body: body)
        }
        state.withLock { $0.echoes += 1 }
        return TransportResponse(status: status, headers: headers, body: body)
    }
}

/// Every line, down to the last trace.
final class Log: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "night") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: Log
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.kept.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
