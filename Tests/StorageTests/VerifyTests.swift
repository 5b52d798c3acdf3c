import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

@Suite struct VerifyTests {
    let corpus = RebuildCorpus()

    init() throws { try corpus.fill() }

    @Test func whatRunsKeptIsWell() throws {
        let report = try corpus.verify()
        #expect(report.disagreements == [])
        #expect(report.manifests == 2)
        #expect(report.filesRead == 4)
        #expect(report.records == 146)
    }

    @Test func anEmptyFolderIsWell() throws {
        let empty = RebuildCorpus()
        #expect(try empty.verify().isWell)
        #expect(try empty.disk.list(empty.output) == [])
    }

    @Test(arguments: [true, false]) func aKilledRunIsLeftAlone(publishing: Bool) throws {
        try corpus.killedNight(publishing: publishing)
        let staging = try corpus.disk.list(corpus.folders.staging)
        let report = try corpus.verify()
        #expect(report.disagreements == [])
        #expect(report.notes.count == 1)
        #expect(try corpus.disk.list(corpus.folders.staging) == staging)
        #expect(try corpus.folders.manifestRuns(on: corpus.disk).count == 2)
    }

    @Test func aRunUnderWayIsNotDisturbed() throws {
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect { try corpus.verify() } throws: { ($0 as? Stop)?.code == .alreadyRunning }
    }

    @Test func aSampleReadsAtLeastOneFile() throws {
        let report = try corpus.verify(share: 0.0001)
        #expect(report.disagreements == [])
        #expect((1...2).contains(report.filesRead))
    }

    // MARK: Files

    @Test func everyFlippedByteOfAFileIsFound() throws {
        var random = SeededRandom(seed: 20_261_123)
        for path in try corpus.snapshots {
            let bytes = try corpus.bytes(corpus.folders.absolute(path))
            let anywhere = (0..<25).map { _ in Int.random(in: bytes.indices, using: &random) }
            for place in [0, 3, 9, 10, bytes.count - 10, bytes.count - 1] + anywhere {
                var damaged = bytes
                damaged[place] ^= UInt8.random(in: 1...255, using: &random)
                try expectNamed(path, with: damaged, "byte \(place)")
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

    @Test(arguments: ["stray.txt", "20261123T000001Z-0009.ndjson.gz"]) func aFileOfNobodyIsFound(name: String) throws {
        let path = "snapshots/account=acme/stream=deals/dt=2026-11-23/\(name)"
        try corpus.disk.append([1], to: corpus.folders.absolute(path))
        #expect(try corpus.verify().disagreements.map(\.path) == [path])
    }

    private func expectNamed(_ path: String, with bytes: [UInt8], _ damage: String) throws {
        try corpus.replace(corpus.folders.absolute(path), with: bytes)
        let named = try corpus.verify().disagreements.map(\.path)
        #expect(Set(named) == [path], "\(damage)")
    }

    // MARK: Manifests

    @Test func everyFlippedByteOfAManifestIsFound() throws {
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let path = corpus.folders.manifest(run: run)
        let bytes = try corpus.bytes(path)
        // A sample is enough: a lie about a file is known without reading it.
        for place in bytes.indices.dropLast() {
            var damaged = bytes
            damaged[place] ^= 1
            try corpus.replace(path, with: damaged)
            #expect(try !corpus.verify(share: 0.0001).isWell, "byte \(place)")
        }
        try corpus.replace(path, with: bytes)
        #expect(try corpus.verify().isWell)
        try corpus.disk.remove(path)
        #expect(try !corpus.verify().isWell)
    }

    // MARK: The index

    @Test func aMissingIndexIsFound() throws {
        try corpus.removeIndex()
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
    }

    /// Some places of a database mean nothing; none may end the program.
    @Test func aDamagedIndexEndsNothing() throws {
        var random = SeededRandom(seed: 7)
        let bytes = try corpus.bytes(corpus.folders.index)
        var found = 0
        for _ in 0..<200 {
            var damaged = bytes
            let place = Int.random(in: bytes.indices, using: &random)
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            try corpus.replace(corpus.folders.index, with: damaged)
            if let report = try? corpus.verify(), !report.isWell { found += 1 }
        }
        #expect(found > 4)
    }

    @Test(arguments: [
        "UPDATE heads SET hash = hash + 1 WHERE id = 40", "UPDATE heads SET op = 1 WHERE id = 40",
        "UPDATE heads SET update_time = update_time + 1 WHERE id = 40", "DELETE FROM heads WHERE id = 40",
        "UPDATE heads SET seq = 3 WHERE id = 40", "DELETE FROM history WHERE id = 5",
        "UPDATE history SET hash = 'text' WHERE id = 5", "INSERT INTO history SELECT * FROM heads WHERE id = 40",
        "INSERT INTO heads VALUES (1, 9999, 99999, 0, NULL, 1)",
        "UPDATE blocks SET start = start + 1 WHERE first_seq = 1", "DELETE FROM blocks WHERE first_seq = 1",
        "UPDATE blocks SET last_seq = last_seq + 1 WHERE first_seq = 1",
        "INSERT INTO blocks VALUES (88888, 88889, 1, 10, 10, 0)",
        "UPDATE file_log SET records = records + 1 WHERE id = 1", "UPDATE file_log SET crc32 = 1 WHERE id = 1",
        "UPDATE file_log SET sha256 = 'x' WHERE id = 2", "UPDATE run_log SET exit_code = 3 WHERE id = 1",
        "UPDATE run_log SET name = 'x' WHERE id = 1", "UPDATE spend SET tokens = tokens + 1",
        "UPDATE stream_coverage SET until = until + 1 WHERE stream = 'deals'",
        "UPDATE stream_coverage SET since = 'x' WHERE stream = 'deals'",
        "INSERT INTO stream_coverage VALUES ('deals', 5, 10)", "DELETE FROM stream_coverage",
        "UPDATE list_coverage SET until = until + 99 WHERE list LIKE 'deals%'", "DROP TABLE spend",
    ])
    func anIndexThatSaysOtherwiseIsFound(sql: String) throws {
        let index = try Index(writing: corpus.folders.index)
        try index.write { try $0.execute(sql: sql) }
        try index.database.close()
        #expect(try !corpus.verify().isWell)
        _ = try corpus.rebuild()
        #expect(try corpus.verify().disagreements == [])
    }
}
