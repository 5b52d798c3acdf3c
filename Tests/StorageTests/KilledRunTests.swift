import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// What a killed run leaves, made by hand, and what the next one makes of it. Which instants leave what is not
/// asked here; CrashTests goes through all of them.
@Suite struct KilledRunTests {
    /// A run that committed two versions and was killed; its one file lies in staging.
    private static func killed(_ body: (RunStore) throws -> Void = { _ in }) throws -> TestAccount {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1), Shown(2)], PageNews(covered: span("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")))
        try body(store)
        account.clock.advance(milliseconds: 90_000)
        return account
    }

    private static func unfinished(_ account: TestAccount) throws -> String {
        account.output + "/" + (try #require(account.paths(below: "staging").first))
    }

    private static func expectSealed(_ account: TestAccount, _ said: String = "interrupted|null|2|0") throws {
        account.clock.advance(milliseconds: 1000)
        try account.vault().close()
        let (name, ended) = ("20261123T020000Z", Instant(milliseconds: account.clock.nowMilliseconds))
        #expect(account.paths(below: "staging").isEmpty)
        #expect(try account.lines().compactMap(Line.seq) == [1, 2])
        #expect(try account.lines().allSatisfy { $0.contains(name) })
        #expect(try account.rows("SELECT outcome, exit_code, records, deletes FROM runs") == [said])
        #expect(try account.rows("SELECT ended_at FROM runs") == [ended.description])
        let manifest = try account.manifest(name)
        #expect(manifest.outcome == .interrupted && manifest.exitCode == nil)
        #expect(manifest.endedAt == ended.description && manifest.files.map(\.records) == [2])
        let text = String(decoding: try account.bytes("manifests/account=acme/\(name).json"), as: UTF8.self)
        #expect(text.contains(#""exit_code" : null"#))
    }

    @Test func isSealedUnderItsOwnName() throws { try Self.expectSealed(try Self.killed()) }

    @Test func bytesBeyondTheCommitAreCutOff() throws {
        let account = try Self.killed()
        try LocalDisk().append(Array("half a page".utf8), to: Self.unfinished(account))
        try Self.expectSealed(account)
    }

    @Test(arguments: [1, 5, 9, 10])
    func aTrailerHalfWritten(count: Int) throws {
        let account = try Self.killed()
        let path = try Self.unfinished(account)
        let text = try account.index().files(of: 1)[0]
        let trailer = GzipFrame.trailer(crc32: text.crc32, uncompressedBytes: text.uncompressedBytes)
        try LocalDisk().append(Array(trailer.prefix(count)), to: path)
        try Self.expectSealed(account)
    }

    @Test func theFileIsPublishedAlready() throws {
        // Dies right after each of the last effects of publishing.
        for effect in 0..<20 {
            let account = try TestAccount()
            let store = try account.vault().beginRun()
            try store.put([Shown(1), Shown(2)])
            let row = try account.index().files(of: 1)[0]
            let disk = FailingDisk(LocalDisk(), .dieAfter, at: effect)
            _ = try? SnapshotFiles(folders: account.folders, disk: disk).seal(row, run: store.name)
            _ = consume store
            try Self.expectSealed(account)
        }
    }

    @Test func aCommittedFileThatIsTooShortIsSaid() throws {
        let account = try Self.killed()
        try LocalDisk().truncate(try Self.unfinished(account), to: 15)
        let stop = #expect(throws: Stop.self) { try account.vault() }
        #expect(stop?.code == .badData)
    }

    @Test func leftoversAreRemoved() throws {
        let account = try Self.killed()
        for name in ["deals-20261123T020000Z-0009.ndjson.gz", "20261123T020000Z.json", "anything"] {
            try LocalDisk().append([1, 2, 3], to: account.folders.staging + "/" + name)
        }
        try Self.expectSealed(account)
    }

    @Test func aRunThatCommittedNothing() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: Tokens.allowance())
        _ = consume store
        try account.vault().close()
        #expect(account.paths(below: "manifests").isEmpty)
        #expect(try account.rows("SELECT outcome, tokens_spent FROM runs") == ["interrupted|10"])
    }

    /// Its manifest was written, its row not yet: it is written again, and says what is true now.
    @Test func afterTheManifest() throws {
        let account = try Self.killed { store in try store.endComplete() }
        try account.vault().index.write { db in
            try db.execute(sql: "UPDATE run_log SET ended_at = NULL, outcome = NULL, exit_code = NULL")
        }
        try Self.expectSealed(account)
    }

    @Test func severalAtOnce() throws {
        let account = try Self.killed()
        // A second run that died before it could seal the first.
        try account.vault(FailingDisk(LocalDisk())).index.write { db in
            try db.execute(sql: "UPDATE run_log SET ended_at = NULL")
            try db.execute(sql: "INSERT INTO run_log(name, started_at) VALUES ('20261123T020100Z', 1795399260)")
        }
        try account.vault().close()
        #expect(
            try account.rows("SELECT run, outcome FROM runs ORDER BY run") == [
                "20261123T020000Z|interrupted", "20261123T020100Z|interrupted",
            ])
        #expect(account.paths(below: "manifests").count == 1)
    }
}
