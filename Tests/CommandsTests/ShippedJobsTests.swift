import Foundation
import Planning
import Testing

@testable import Commands

/// The job files that come with the project, and the one in the README, are read as a user's would be.
struct ShippedJobsTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func shipped(_ name: String, _ environment: [String: String] = [:]) throws -> Job {
        try JobFile.read(path: "\(Self.root)/jobs/\(name).yaml", environment: environment)
    }

    @Test func demo() throws {
        let job = try shipped("demo")
        #expect(job.baseURL == "http://127.0.0.1:8765")
        #expect(job.output.directory.hasSuffix("/output/demo"))
        let names = job.streams.map(\.stream.name)
        let grouped = Catalogue.streams.filter { $0.group == .core || $0.group == .metadata }.map(\.name)
        #expect(names == grouped + ["projects", "tasks", "files", "deal_products"])
        let environment = ["PIPESNAP_DEMO_TOKENS": "77", "PIPESNAP_DEMO_OUTPUT": "/tmp/demo"]
        #expect(try shipped("demo", environment).budget.dailyTokens == 77)
        #expect(try shipped("demo", environment).output.directory == "/tmp/demo")
    }

    @Test func nightlyAndHourlyShareTheirLedger() throws {
        let (nightly, hourly) = (try shipped("nightly"), try shipped("hourly"))
        #expect(nightly.account == hourly.account)
        #expect(nightly.baseURL == hourly.baseURL)
        #expect(nightly.output.directory == hourly.output.directory)
        #expect(nightly.budget == hourly.budget)
        #expect(Set(hourly.streams).isSubset(of: nightly.streams))
    }

    @Test func nightlyWithTheLoginThatItShows() throws {
        let text = try String(contentsOfFile: "\(Self.root)/jobs/nightly.yaml", encoding: .utf8)
        let lines = text.components(separatedBy: "\n").filter { !$0.hasPrefix("  token:") }
        let first = try #require(lines.firstIndex(of: "  # oauth:"))
        let last = try #require(lines[first...].firstIndex { !$0.hasPrefix("  #") })
        let block = lines[first..<last].map { $0.replacing("  # ", with: "  ", maxReplacements: 1) }
        let access = try job((lines[..<first] + block + lines[last...]).joined(separator: "\n")).access
        guard case .oauth(let oauth) = access else {
            Issue.record("no login but \(access)")
            return
        }
        #expect(oauth.clientID == .environment(variable: "PIPEDRIVE_CLIENT_ID"))
        #expect(oauth.refreshTokenFile == "/var/lib/pipesnap/acme.refresh")
    }

    @Test func readme() throws {
        let text = try String(contentsOfFile: "\(Self.root)/README.md", encoding: .utf8)
        let block = try #require(text.firstMatch(of: /```yaml\n((?:.|\n)*?)```/))
        // It stands indented within a numbered list.
        let yaml = block.1.split(separator: "\n").map { $0.dropFirst(3) }.joined(separator: "\n")
        #expect(try job(yaml).account == "acme")
    }
}
