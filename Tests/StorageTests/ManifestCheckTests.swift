import Foundation
import Planning
import Testing

@testable import Storage

@Suite struct ManifestCheckTests {
    let corpus = RebuildCorpus()
    let run: String

    init() throws {
        try corpus.fill()
        run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).first)
    }

    private var place: String { corpus.folders.manifest(run: run) }

    @Test func theCheckIsTheHashOfWhatStandsBeforeIt() throws {
        let text = String(decoding: try corpus.bytes(place), as: UTF8.self)
        let match = try #require(text.wholeMatch(of: /(\{[^\0]*),\n  "check" : "([0-9a-f]{64})"\n\}\n/))
        let before = Array(match.1.utf8)
        #expect(sha256 { offset, _ in Array(before.dropFirst(Int(offset))) } == match.2)
        let members = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(members?["format"] as? Int == 1)
    }

    /// With the index gone, a coverage that is wider than it was would hide what was never pulled.
    @Test func coverageThatWasWidenedMakesNoIndex() throws {
        let text = String(decoding: try corpus.bytes(place), as: UTF8.self)
        let told = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        let since = try #require(told.coverage.first?.since)
        let widened = text.replacing(#""since" : "\#(since)""#, with: #""since" : "2001-01-01T00:00:00Z""#)
        #expect(widened != text)
        try corpus.replace(place, with: Array(widened.utf8))
        try corpus.removeIndex()
        #expect { try corpus.rebuild() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.reason == "\(place) is not as it was written"
        }
        _ = try corpus.mend()
        #expect(try corpus.verify().disagreements == [])
        #expect(try corpus.rows(["coverage"]).values.joined().contains { $0.contains("2001-01-01") } == false)
    }

    /// An older pipesnap wrote none. It wrote no other members either.
    @Test func aManifestWithoutACheckIsTakenAsItIs() throws {
        let bytes = try corpus.bytes(place)
        let older = try older(bytes)
        try corpus.replace(place, with: older)
        #expect(try corpus.verify().disagreements == [])
        let turned = String(decoding: bytes, as: UTF8.self).replacing(#""check""#, with: #""chess""#)
        try corpus.replace(place, with: Array(turned.utf8))
        #expect(try corpus.verify().disagreements.first?.what == "has a member that no manifest has, chess")
    }

    private func older(_ bytes: [UInt8]) throws -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let end = try #require(text.range(of: ",\n  \"check\""))
        return Array((text[..<end.lowerBound] + "\n}\n").utf8)
    }
}
