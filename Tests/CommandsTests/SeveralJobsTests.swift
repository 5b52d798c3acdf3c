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
    private static let latencyMilliseconds: Int64 = 3000

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

    @Test func oneOfEightRunsAndSevenEndAtOnce() async throws {
        let folder = try TemporaryFolder()
        var options = AccountOptions()
        options.latencyMilliseconds = Self.latencyMilliseconds
        let company = try await ServedCompany(options)
        let job = try job(in: folder.path, company.address)
        let environment = ["PIPESNAP_TEST_TOKEN": AccountOptions.defaultToken]
        let processes = try (0..<8).map { _ in try RealProgram.start(["run", job], environment) }
        while processes.count(where: \.isRunning) > 1 { try await Task.sleep(for: .milliseconds(20)) }
        let ended = processes.filter { !$0.isRunning }
        #expect(ended.count == 7 && ended.allSatisfy { $0.terminationStatus == ExitCode.alreadyRunning.rawValue })
        let runs = try #require(processes.first { $0.isRunning })
        // Its first page is kept, the second is out: then it is asked to end.
        let index = folder.path + "/output/index/acme.sqlite"
        while try spent(index) < 20 { try await Task.sleep(for: .milliseconds(50)) }
        runs.terminate()
        #expect(try await RealProgram.end(of: runs) == ExitCode.terminated.rawValue)
        let counted = try company.counted("tokens_by_day").values.reduce(0, +)
        let booked = try spent(index)
        #expect(counted > 0 && counted <= booked && booked <= counted + 20, "\(counted) counted, \(booked) booked")
        await company.close()
    }

    private func spent(_ index: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: index) else { return 0 }
        let now = Instant(milliseconds: Self.nowMilliseconds)
        let days = BudgetCalendar(zone: nil, resetsAtSeconds: 0)
        return (try? Index(reading: index).ledger(days, at: now).spent) ?? 0
    }
}
