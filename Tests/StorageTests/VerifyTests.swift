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

    // MARK: The index

    /// A number that stands in the line: nobody should count lines to find it.
    @Test func aLineIsNamedByItsNumber() throws {
        let index = try Index(writing: corpus.folders.index)
        try index.write { try $0.execute(sql: "UPDATE heads SET hash = hash + 1 WHERE id = 40") }
        try index.database.close()
        let words = "the line with _seq 40 (record 40) is another one in the index"
        #expect(try corpus.verify().disagreements.contains { $0.what == words })
    }

    @Test func aMissingIndexIsFound() throws {
        try corpus.removeIndex()
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
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
        try change(sql)
        #expect(try !corpus.verify().isWell)
        _ = try corpus.rebuild()
        #expect(try corpus.verify().disagreements == [])
    }

    /// File and index agree, and no comparison of the two shows it: a version is written again behind itself, and then
    /// once more behind another one.
    @Test func aVersionThatWasWrittenTwiceIsFound() throws {
        try change("UPDATE heads SET hash = hash + 1 WHERE id = 40")
        try corpus.night { try corpus.put($0, corpus.deals, 0, [corpus.object(40, second: 40)], covered: nil) }
        try change("UPDATE history SET hash = hash - 1 WHERE id = 40")
        #expect(try corpus.verify().disagreements.map(\.what).filter { $0.contains("same version twice") }.count == 1)
        try corpus.night { try corpus.put($0, corpus.deals, 0, [corpus.object(40, second: 41)], covered: nil) }
        #expect(try corpus.verify().disagreements.map(\.what).filter { $0.contains("same version twice") }.count == 1)
    }

    private func change(_ sql: String) throws {
        let index = try Index(writing: corpus.folders.index)
        try index.write { try $0.execute(sql: sql) }
        try index.database.close()
    }
}
