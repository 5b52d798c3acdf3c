import Foundation
import Planning
import Simulator
import Storage
import TestSupport
import Testing

/// The real program, started several times at once against a simulator on a real socket. How jobs on two machines
/// would share one folder, it cannot see.
@Suite struct SeveralJobsTests {
    /// A run of one request at a time, each of them answered after this long, does not end before the others have.
    private static let latencyMilliseconds = 3000

    private struct Served {
        var address: String
        var server: Task<Void, any Error>
    }

    private func serve() async throws -> Served {
        var options = AccountOptions()
        options.latencyMilliseconds = Int64(Self.latencyMilliseconds)
        let socket = SimulatorSocket(
            SimulatedAccount(options: options), clock: MovableClock(startMilliseconds: Self.nowMilliseconds))
        let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
        let server = Task { try await socket.run(port: 0) { continuation.yield($0) } }
        let address = try #require(await addresses.first { _ in true })
        return Served(address: address, server: server)
    }

    private static var nowMilliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    private func job(in folder: String, _ address: String) throws -> String {
        let path = folder + "/job.yaml"
        let text = """
            account: acme
            api: {base_url: "\(address)", token: {env: PIPESNAP_TEST_TOKEN}}
            budget: {daily_tokens: 1000}
            streams: [core, metadata]
            output: {directory: output}
            concurrency: 1

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Beside the tests lies the program that was built with them.
    private func start(_ job: String) throws -> Process {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appendingPathComponent("pipesnap")
        process.arguments = ["run", job]
        process.environment = ["PIPESNAP_TEST_TOKEN": AccountOptions.defaultToken]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test func oneOfEightRunsAndSevenEndAtOnce() async throws {
        let folder = try TemporaryFolder()
        let served = try await serve()
        let job = try job(in: folder.path, served.address)
        let processes = try (0..<8).map { _ in try start(job) }
        while processes.count(where: \.isRunning) > 1 { try await Task.sleep(for: .milliseconds(20)) }
        let ended = processes.filter { !$0.isRunning }
        #expect(ended.count == 7 && ended.allSatisfy { $0.terminationStatus == ExitCode.alreadyRunning.rawValue })
        let runs = try #require(processes.first { $0.isRunning })
        // Its first page is kept, the second is out: then it is asked to end.
        let index = folder.path + "/output/index/acme.sqlite"
        while try spent(index) < 20 { try await Task.sleep(for: .milliseconds(50)) }
        runs.terminate()
        while runs.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        #expect(runs.terminationStatus == ExitCode.terminated.rawValue)
        let counted = try countedTokens(served.address)
        let booked = try spent(index)
        #expect(counted > 0 && counted <= booked && booked <= counted + 20, "\(counted) counted, \(booked) booked")
        served.server.cancel()
        _ = await served.server.result
    }

    private func spent(_ index: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: index) else { return 0 }
        let now = Instant(milliseconds: Self.nowMilliseconds)
        let today = BudgetCalendar(zone: nil, resetsAtSeconds: 0).day(of: now)
        return (try? Index(reading: index).ledger(of: today, at: now).spent) ?? 0
    }

    /// By the server's own books.
    private func countedTokens(_ address: String) throws -> Int {
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        let answer = try loopbackExchange(port, "GET /simulator/stats")
        let body = answer.firstRange(of: "\r\n\r\n").map { answer[$0.upperBound...] } ?? ""
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        let byDay = try #require(object?["tokens_by_day"] as? [String: Int])
        return byDay.values.reduce(0, +)
    }
}
