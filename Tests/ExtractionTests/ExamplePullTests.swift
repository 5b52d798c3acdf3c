import Extraction
import Foundation
import Planning
import Rehearsals
import TestSupport
import Testing

/// Every stream of the catalogue, pulled from the examples of the official descriptions: what Pipedrive itself says its
/// answers look like. An example is one page and knows no account, so nothing is learnt here of paging.
@Suite("Every stream, from the official examples")
struct ExamplePullTests {
    @Test("What the example shows is what is kept", arguments: Catalogue.streams.map(\.name))
    func pulled(name: String) async throws {
        let stream = try #require(Catalogue.stream(named: name))
        let rehearsal = try Rehearsal([stream.parent?.stream, name].compactMap { $0 }) { $0.window.sweepSeconds = 0 }
        guard let transport = ExampleTransport(clock: rehearsal.clock) else {
            return print("skipped: no spec-examples.json in shared/pipedrive")
        }
        let report = try await rehearsal.night(transport: transport)
        #expect(report.code == .complete, "\(report.sentence ?? "")")
        #expect(try rehearsal.status().notices.isEmpty, "what the examples show is no change of the API")
        var warehouse = PulledLake(rehearsal.folder.path)
        try warehouse.refresh()
        let kept = try warehouse.latest(name).values.map { try Self.object($0.object) }
        let shown = stream.lists.flatMap { list in
            ExampleTransport.records(list.path.hasPrefix("/api/v2") ? 2 : 1, Self.officialPath(list.path))
        }
        #expect(!kept.isEmpty, "nothing was pulled: \(report)")
        for record in kept { #expect(shown.contains { NSDictionary(dictionary: $0) == record }, "\(record)") }
    }

    private static func officialPath(_ path: String) -> String {
        for prefix in ["/api/v2", "/v1"] where path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
        return path
    }

    private static func object(_ text: String) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    }
}
