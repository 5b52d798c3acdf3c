import Extraction
import Planning
import Rehearsals
import Simulator
import Testing

/// Every stream of the catalogue by itself, against the simulated company. They cannot catch a misreading of the API
/// that the simulator shares.
@Suite("Every stream")
struct StreamPullTests {
    @Test("Pulled page by page, twice", arguments: Catalogue.streams.map(\.name))
    func pulled(stream: String) async throws {
        let parent = Catalogue.stream(named: stream)?.parent?.stream
        let rehearsal = try Rehearsal(
            [parent, stream].compactMap { $0 }, AccountOptions(size: AccountSize(deals: 130))
        ) { $0.cutPages(to: 20) }
        let report = try await rehearsal.night()
        #expect(report.code == .complete, "\(report.sentence ?? "")")
        var promises = Promises(rehearsal.folder.path)
        for broken in try promises.broken(rehearsal) { Issue.record("\(broken)") }
        #expect(!promises.warehouse.latest(stream).isEmpty, "nothing was pulled: \(report)")
        rehearsal.sleep(hours: 1)
        let idle = try await rehearsal.night()
        #expect(idle.code == .complete && idle.records == 0, "\(idle)")
        rehearsal.sleep(hours: 7 * 24)
        #expect(try await rehearsal.night().code == .complete)
        for broken in try promises.broken(rehearsal) { Issue.record("a week later: \(broken)") }
    }
}
