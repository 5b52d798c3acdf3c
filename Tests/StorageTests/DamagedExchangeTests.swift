import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// A merge was killed, and before anybody ended it a manifest that it has to change was damaged.
@Suite struct DamagedExchangeTests {
    let corpus = RebuildCorpus()

    init() throws {
        try corpus.fill()
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
    }

    /// Whatever it was killed at: the first manifest and the last one, that of the new file's owner.
    @Test(arguments: [true, false]) func itIsEndedWithoutTheManifest(isOwner: Bool) throws {
        let versions = try corpus.rows([RebuildCorpus.versions])
        let lines = try corpus.lines()
        let watched = FailingDisk(LocalDisk())
        _ = try corpus.copy().compact(watched)
        var begun = 0
        for effect in 0..<watched.effects {
            let copy = try corpus.copy()
            #expect(throws: FailingDisk.Death.self) {
                try copy.compact(FailingDisk(LocalDisk(), .dieAfter, at: effect))
            }
            guard try Exchanger(folders: copy.folders, disk: copy.disk).underWay() != nil else { continue }
            begun += 1
            let runs = try copy.folders.manifestRuns(on: copy.disk)
            let place = copy.folders.manifest(run: try #require(isOwner ? runs.last : runs.first))
            try copy.replace(place, with: [UInt8(ascii: "{")])
            let label: Comment = "after effect \(effect)"
            for open in [{ try copy.vault(copy.recovery).close() }, { _ = try copy.rebuild() }] {
                #expect { try open() } throws: { error in
                    let stop = error as? Stop
                    return stop?.code == .badData && stop?.reason == "\(place) is no manifest (not JSON)"
                        && stop?.hint.contains("verify --refetch") == true
                }
            }
            _ = try copy.mend()
            #expect(try copy.verify().disagreements == [], label)
            #expect(try copy.lines() == lines, label)
            #expect(try copy.rows([RebuildCorpus.versions]) == versions, label)
            #expect(try copy.disk.list(copy.folders.staging) == [], label)
        }
        #expect(begun > 8)
    }
}
