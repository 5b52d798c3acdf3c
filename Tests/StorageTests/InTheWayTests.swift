import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Something that is no file lies where a file is to be.
@Suite struct InTheWayTests {
    enum Thing: CaseIterable {
        case folder, linkToNowhere, linkToItself, pipe

        var words: String {
            switch self {
            case .folder: "a folder lies there, and no file"
            case .linkToNowhere: "a link that leads nowhere lies there, and no file"
            case .linkToItself: "a link that leads to itself lies there, and no file"
            case .pipe: "a pipe lies there, and no file"
            }
        }

        func put(at path: String) throws {
            try LocalDisk().remove(path)
            switch self {
            case .folder: try LocalDisk().createDirectory(path + "/below")
            case .linkToNowhere: #expect(symlink("nowhere/at-all", path) == 0)
            case .linkToItself: #expect(symlink(path, path) == 0)
            case .pipe: #expect(mkfifo(path, 0o600) == 0)
            }
        }
    }

    let corpus = RebuildCorpus()

    init() throws { try corpus.fill() }

    /// Put aside as it lies there, and pulled again.
    @Test(arguments: Thing.allCases) func ofASnapshotOrManifest(thing: Thing) throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let path = try #require(try corpus.snapshots.first)
        for place in [corpus.folders.absolute(path), corpus.folders.manifest(run: run)] { try thing.put(at: place) }
        let found = try corpus.verify().disagreements.filter { $0.what == "cannot be read (\(thing.words))" }
        #expect(Set(found.map(\.path)) == [path, "manifests/account=acme/\(run).json"])
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .badData }
        let refetch = try corpus.mend().refetch
        #expect(refetch?.putAside.keys.contains(path) == true && refetch?.missing == [])
        #expect(try corpus.verify().disagreements == [])
        #expect(try !corpus.disk.isTaken(corpus.folders.absolute(path)))
    }

    /// What is only ours to use, and no part of what was pulled, is left to the user.
    @Test(arguments: Thing.allCases) func ofTheIndex(thing: Thing) throws {
        for place in [corpus.folders.index, corpus.folders.index + "-wal", corpus.folders.index + "-shm"] {
            let copy = try corpus.copy()
            let path = place.replacing(corpus.output, with: copy.output)
            try thing.put(at: path)
            expectNamed(path, thing, copy)
            #expect { try copy.rebuild() } throws: { ($0 as? Stop)?.hint == "move it away and run again" }
            try FileManager.default.moveItem(atPath: path, toPath: copy.output + "/away")
            try copy.vault(copy.recovery).close()
            #expect(try copy.verify().disagreements == [])
        }
    }

    @Test(arguments: Thing.allCases) func ofTheLock(thing: Thing) throws {
        try thing.put(at: corpus.folders.lock)
        expectNamed(corpus.folders.lock, thing, corpus)
        try FileManager.default.moveItem(atPath: corpus.folders.lock, toPath: corpus.output + "/away")
        try corpus.vault().close()
    }

    @Test func aFolderInStaging() throws {
        let path = "\(corpus.folders.staging)/deals-20261123T020000Z-0001.ndjson.gz"
        try Thing.folder.put(at: path)
        expectNamed(path, .folder, corpus)
        try FileManager.default.moveItem(atPath: path, toPath: corpus.output + "/away")
        try corpus.vault().close()
    }

    @Test(arguments: Thing.allCases) func ofWhatWasLost(thing: Thing) throws {
        try corpus.disk.truncate(corpus.folders.absolute(try #require(try corpus.snapshots.first)), to: 100)
        _ = try corpus.mend()
        let lost = try #require(try corpus.folders.lost(on: corpus.disk).first).path
        try thing.put(at: corpus.folders.absolute(lost))
        #expect(try corpus.verify().disagreements.map(\.path) == [lost])
        _ = try corpus.mend()
        #expect(try corpus.verify().disagreements == [])
    }

    private func expectNamed(_ path: String, _ thing: Thing, _ corpus: RebuildCorpus) {
        #expect { try corpus.vault(corpus.recovery).close() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .cannotWriteOutput && stop?.hint == "move it away and run again"
                && stop?.reason.hasSuffix("\(path): \(thing.words)") == true
        }
    }
}
