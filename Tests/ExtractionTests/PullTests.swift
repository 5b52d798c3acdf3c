import Extraction
import Planning
import Simulator
import Testing

/// Quiet nights over an account that behaves. They cannot catch what happens while pages are being read.
@Suite("Quiet nights")
struct PullTests {
    @Test("The first pull of core and metadata equals the company")
    func firstPull() async throws {
        let rehearsal = try Rehearsal(["core", "metadata"], AccountOptions(size: AccountSize(deals: 1300)))
        let report = try await rehearsal.night()
        #expect(report.code == .complete && report.sentence == nil)
        #expect(report.streams.allSatisfy { $0.state == .complete })
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        #expect(report.records == promises.warehouse.lines.count && report.tokens == rehearsal.asked.tokens)
        #expect(promises.warehouse.manifests.values.first?.outcome == "complete")
    }
}
