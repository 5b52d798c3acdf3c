import Foundation
import Logging
import Pipedrive
import Planning
import Platform
import Storage
import TestSupport
import Testing

@testable import Extraction

/// The first request after an index was made anew without its old ledger.
@Suite struct RebuildLedgerTests {
    private let output = NSTemporaryDirectory() + "pipesnap-" + UUID().uuidString
    private let clock = ManualClock()

    @Test func theServerTellsWhatWasSpent() async throws {
        let (report, paths) = try await run(headers: [
            ("x-daily-ratelimit-token-limit", "10000"), ("x-daily-ratelimit-token-remaining", "9100"),
        ])
        #expect(paths.first == "/v1/users/me")
        #expect(paths.count == 2)
        #expect(report.code == .complete)
        // 900 by the server's count, and the one page.
        #expect(report.tokensLeft == 95)
    }

    @Test func todayIsUsedUpWhenTheServerDoesNotTell() async throws {
        let (report, paths) = try await run(headers: [("x-daily-ratelimit-token-remaining", "9100")])
        #expect(paths == ["/v1/users/me"])
        #expect(report.code == .allowanceUsedUp)
        #expect(report.tokensLeft == 0)
    }

    @Test func aServerThatIsDownIsAskedAgainAnotherTime() async throws {
        let began = clock.nowMilliseconds
        let (report, paths) = try await run(status: 503, headers: [])
        #expect(paths == Array(repeating: "/v1/users/me", count: 5))
        #expect(report.code == .serverRefuses)
        #expect(report.tokensLeft == 990)
        // Half a second, one, two and four, with a quarter more at most.
        #expect(clock.nowMilliseconds - began <= 9375)
    }

    @Test func aServerThatIsDownIsLeftAloneAsLongAsItWishes() async throws {
        let began = clock.nowMilliseconds
        let (report, paths) = try await run(status: 503, headers: [("Retry-After", "7")])
        #expect(paths.count == 5 && report.code == .serverRefuses)
        #expect((28_000...35_000).contains(clock.nowMilliseconds - began))
    }

    private func run(status: Int = 200, headers: [(name: String, value: String)]) async throws -> (RunReport, [String])
    {
        defer { try? FileManager.default.removeItem(atPath: output) }
        let transport = ScriptedTransport { request in
            let isMe = request.url.contains("/users/me")
            let body = isMe ? #"{"success":true,"data":{"id":1}}"# : #"{"success":true,"data":[]}"#
            return TransportResponse(status: status, headers: headers, body: Array(body.utf8))
        }
        let vault = try lostAndFound()
        defer { vault.close() }
        let extractor = try Extractor(
            job: job, options: RunOptions(),
            client: PipedriveClient(
                baseURL: job.baseURL, token: "secret", transport: transport, clock: clock),
            transport: transport, clock: clock, store: try vault.beginRun(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let report = await extractor.run(signals: AsyncStream { _ in })
        let paths = transport.requests.compactMap { URL(string: $0.url)?.path }
        return (report, paths)
    }

    /// A folder of which a manifest is left and no index.
    private func lostAndFound() throws -> Vault {
        let disk = LocalDisk()
        let manifest = """
            {"format":1,"account":"acme","run":"20261101T000000Z","started_at":"2026-11-01T00:00:00Z",
            "ended_at":"2026-11-01T00:00:01Z","outcome":"complete","exit_code":0,"files":[],"coverage":[],
            "tokens":{"spent":0,"by_stream":{},"by_day":{}}}
            """
        try disk.createDirectory("\(output)/manifests/account=acme")
        try disk.append(Array(manifest.utf8), to: "\(output)/manifests/account=acme/20261101T000000Z.json")
        let recovery = Recovery(
            reader: { stream in { try PageSlicer.record($0, of: stream) } },
            doubtUntil: Instant(milliseconds: clock.nowMilliseconds) + 86_400)
        return try Vault(account: "acme", output: output, disk: disk, clock: clock, recovery: recovery)
    }

    private var job: Job {
        let stages = Catalogue.stream(named: "stages").map { [Job.Selected(stream: $0, isNamed: true)] } ?? []
        return Job(
            account: "acme", baseURL: "http://127.0.0.1:1", access: .token(.environment(variable: "T")),
            budget: Job.Budget(dailyTokens: 1000, keepFree: .tokens(0), resetsAtSeconds: 0, timeZone: "UTC"),
            window: Job.Window(start: Instant(seconds: 0), lagSeconds: 120, overlapSeconds: 600, sweepSeconds: 0),
            streams: stages, output: Job.Output(directory: output, compressionLevel: 6, rollAtBytes: 1 << 20),
            concurrency: 4)
    }
}
