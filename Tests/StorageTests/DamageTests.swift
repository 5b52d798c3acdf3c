import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// A corpus of damage: every kind of file flipped, truncated, missing and extra; `verify` finds all of it.
@Suite struct DamageTests {
    let corpus = RebuildCorpus()
    private static let seed = SeededRandom.seed()
    private var random = SeededRandom(seed: Self.seed)

    init() throws { try corpus.fill() }

    // MARK: Snapshots

    /// The header, the first block, the trailer, and a few places anywhere.
    @Test mutating func everyFlippedByteOfAFileIsFound() throws {
        for path in try corpus.snapshots {
            let bytes = try corpus.bytes(corpus.folders.absolute(path))
            let anywhere = (0..<12).map { _ in Int.random(in: bytes.indices, using: &random) }
            for place in [0, 3, 9, 10, bytes.count - 10, bytes.count - 5, bytes.count - 1] + anywhere {
                var damaged = bytes
                damaged[place] ^= UInt8.random(in: 1...255, using: &random)
                try expectNamed(path, with: damaged, "byte \(place), seed \(Self.seed)")
            }
            try corpus.replace(corpus.folders.absolute(path), with: bytes)
        }
        #expect(try corpus.verify().isWell)
    }

    @Test func everyOtherDamageOfAFileIsFound() throws {
        let path = try #require(try corpus.snapshots.first)
        let bytes = try corpus.bytes(corpus.folders.absolute(path))
        for length in [0, 5, 10, 11, 500, bytes.count - 9, bytes.count - 8, bytes.count - 1] {
            try expectNamed(path, with: Array(bytes[..<length]), "cut at \(length)")
        }
        try expectNamed(path, with: bytes + bytes, "two members")
        try expectNamed(path, with: bytes + [0], "one byte more")
        let other = try #require(try corpus.snapshots.last)
        try expectNamed(path, with: try corpus.bytes(corpus.folders.absolute(other)), "another file")
        try corpus.disk.remove(corpus.folders.absolute(path))
        #expect(try corpus.verify().disagreements.map(\.what) == ["is missing"])
    }

    /// Also what cannot be read at all is put aside, and the rest is looked at.
    @Test func aFolderInPlaceOfAFileIsFound() throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let path = try #require(try corpus.snapshots.first)
        for place in [corpus.folders.absolute(path), corpus.folders.manifest(run: run)] {
            try corpus.disk.remove(place)
            try corpus.disk.createDirectory(place)
        }
        let words = "cannot be read (a folder lies there, and no file)"
        let found = try corpus.verify().disagreements.filter { $0.what == words }
        #expect(Set(found.map(\.path)) == [path, "manifests/account=acme/\(run).json"])
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .badData }
        _ = try corpus.mend()
        #expect(try corpus.verify().disagreements == [])
    }

    /// A pipe would have its reader wait for ever.
    @Test func aPipeInPlaceOfAFileIsFound() throws {
        let path = try #require(try corpus.snapshots.first)
        try corpus.disk.remove(corpus.folders.absolute(path))
        #expect(mkfifo(corpus.folders.absolute(path), 0o600) == 0)
        #expect(try Set(corpus.verify().disagreements.map(\.path)) == [path])
    }

    /// A link is followed, and what lies behind it is judged by its bytes.
    @Test func aLinkInPlaceOfAFileIsJudgedByItsEnd() throws {
        let path = corpus.folders.absolute(try #require(try corpus.snapshots.first))
        try corpus.disk.rename(path, to: corpus.output + "/elsewhere")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: corpus.output + "/elsewhere")
        #expect(try corpus.verify().disagreements == [])
        try corpus.disk.remove(path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
        #expect(try !corpus.verify().isWell)
        _ = try corpus.mend()
        #expect(try corpus.verify().disagreements == [])
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/etc/passwd")[.type] as? FileAttributeType == .typeRegular
        )
    }

    @Test(arguments: ["[]", "null", "7"])
    func aManifestThatIsNoObjectIsSaidToBeNone(text: String) throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).first)
        try corpus.replace(corpus.folders.manifest(run: run), with: Array(text.utf8))
        let found = try corpus.verify().disagreements.first
        #expect(found?.what == "is no manifest (not an object)")
    }

    /// Nothing outside the output folder is ever told of.
    @Test(arguments: ["../../etc/x", "snapshots/account=acme/stream=../dt=2026-11-23/20261123T000000Z-0001.ndjson.gz"])
    func aManifestThatLeadsElsewhereIsDamaged(way: String) throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).first)
        let place = corpus.folders.manifest(run: run)
        var manifest = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        manifest.files[0].path = way
        try corpus.replace(place, with: manifest.bytes())
        let found = try corpus.verify().disagreements.first
        #expect(found?.path == "manifests/account=acme/\(run).json")
        #expect(found?.what == "describes a file that cannot be one of this run, \(way)")
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .badData }
    }

    /// All parts of it may be right where it stands, and yet it is no path that we make.
    @Test(arguments: [
        ("snapshots/account=acme", "../account=acme"), ("snapshots/account=acme", "/account=acme"),
        ("account=acme", "account=other"), ("account=acme", ".."), ("-0001.", "-1."), ("-0001.", "-+001."),
    ])
    func aManifestWithAPathThatIsNotOursIsDamaged(part: String, other: String) throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).first)
        let place = corpus.folders.manifest(run: run)
        var manifest = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        let path = manifest.files[0].path
        let way = path.replacing(part, with: other)
        manifest.files[0].path = way
        try corpus.replace(place, with: manifest.bytes())
        #expect(way != path && SnapshotPath(way, in: corpus.folders) == nil)
        #expect(
            try corpus.verify().disagreements.contains {
                $0.what == "describes a file that cannot be one of this run, \(way)"
            })
    }

    @Test(arguments: [
        "snapshots/account=acme/stream=deals/dt=2026-11-23/stray.txt",
        "snapshots/account=acme/stream=deals/dt=2026-11-23/20261123T000001Z-0009.ndjson.gz",
        "snapshots/account=acme/stream=deals/stray", "snapshots/account=acme/stray",
        "manifests/account=acme/20990101T000000Z.json", "manifests/account=acme/stray.txt",
    ])
    func aFileOfNobodyIsFound(path: String) throws {
        try corpus.disk.createDirectory(corpus.output + "/snapshots/account=acme/stream=deals/dt=2026-11-23")
        try corpus.disk.append([1], to: corpus.folders.absolute(path))
        #expect(try corpus.verify().disagreements.map(\.path) == [path])
        _ = try Vault.mend(
            account: "acme", output: corpus.output, disk: corpus.disk, clock: corpus.clock, recovery: corpus.recovery)
        #expect(try corpus.verify().disagreements == [])
    }

    private func expectNamed(_ path: String, with bytes: [UInt8], _ damage: String) throws {
        try corpus.replace(corpus.folders.absolute(path), with: bytes)
        let named = try corpus.verify().disagreements.map(\.path)
        #expect(Set(named) == [path], "\(damage)")
    }

    // MARK: Manifests

    /// A byte of every value that occurs, and some anywhere; without the index as well, when nothing else could tell.
    @Test mutating func everyFlippedByteOfAManifestIsFound() throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let path = corpus.folders.manifest(run: run)
        let bytes = try corpus.bytes(path)
        let classes = Dictionary(grouping: bytes.indices) { bytes[$0] }.values
        var places = classes.compactMap { $0.randomElement(using: &random) }
        places += (0..<60).map { _ in Int.random(in: bytes.indices, using: &random) }
        for place in places {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            try corpus.replace(path, with: damaged)
            let found = try corpus.verify(share: 0.0001).disagreements
            let label: Comment = "byte \(place), seed \(Self.seed)"
            #expect(found.map(\.path).contains("manifests/account=acme/\(run).json"), label)
            #expect(throws: FileDamage.self, label) {
                try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
            }
        }
        for length in [0, 1, bytes.count / 2, bytes.count - 2, bytes.count - 1] {
            try corpus.replace(path, with: Array(bytes[..<length]))
            #expect(try !corpus.verify(share: 0.0001).isWell, "cut at \(length)")
        }
        try corpus.replace(path, with: bytes)
        #expect(try corpus.verify().isWell)
        try corpus.disk.remove(path)
        #expect(try !corpus.verify().isWell)
    }

    @Test func anIndexOfANewerPipesnapIsNotJudged() throws {
        let index = try Index(writing: corpus.folders.index)
        try index.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try index.database.close()
        #expect { try corpus.verify() } throws: { ($0 as? Stop)?.code == .cannotCreateOutput }
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .cannotCreateOutput }
    }

    @Test(arguments: [16_777_226, -1]) func anIndexVersionThatNobodyWritesIsDamage(version: Int) throws {
        try corpus.behindItsBack { try $0.execute(sql: "PRAGMA user_version = \(version)") }
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
        _ = try corpus.rebuild()
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func aMissingFileIsNotPassedOver() throws {
        let path = try #require(try corpus.snapshots.first)
        try corpus.disk.remove(corpus.folders.absolute(path))
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .badData }
        #expect {
            try Vault.surveyRebuild(account: "acme", output: corpus.output, disk: corpus.disk, now: corpus.now)
        } throws: { ($0 as? Stop)?.code == .badData }
    }
}
