import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// A run was killed, and what it had committed is gone from the unfinished files.
@Suite struct LostStagingTests {
    let corpus = RebuildCorpus()

    init() throws { try corpus.fill() }

    /// Two files are unfinished; one of them goes.
    private func killed(isTruncated: Bool) throws -> String {
        let vault = try corpus.vault()
        let store = try vault.beginRun()
        try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: corpus.allowance)
        try corpus.put(
            store, corpus.deals, 0, (500...520).map { corpus.object($0, second: 4000) }, covered: 3000..<5000)
        try corpus.put(store, corpus.deals, 1, [], covered: 3000..<5000)
        try corpus.put(store, corpus.users, 0, (1...6).map { corpus.object($0, second: nil) }, covered: 0..<5000)
        vault.close()
        corpus.clock.advance(milliseconds: 86_400_000)
        let name = try #require(try corpus.disk.list(corpus.folders.staging).first { $0.hasPrefix("deals") })
        let path = "\(corpus.folders.staging)/\(name)"
        if isTruncated {
            try corpus.disk.truncate(path, to: 20)
        } else {
            try corpus.disk.remove(path)
        }
        return path
    }

    @Test(arguments: [true, false]) func aRunMakesTheIndexAnew(isTruncated: Bool) throws {
        let spent = try corpus.rows(["token_spend"])["token_spend"]?.count
        let path = try killed(isTruncated: isTruncated)
        #expect { try corpus.vault().close() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.reason.contains(path) == true
                && stop?.hint.contains("pipesnap rebuild") == true
        }
        var told: [String] = []
        var recovery = corpus.recovery
        recovery.tell = { told.append($0) }
        let vault = try corpus.vault(recovery)
        #expect(told.count == 1 && told[0].contains("has committed more than is left of \(path)"))
        let store = try vault.beginRun()
        #expect(try !store.isLedgerInDoubt())
        let again = try corpus.put(
            store, corpus.deals, 0, (500...520).map { corpus.object($0, second: 4000) }, covered: 3000..<5000)
        #expect(again.versions.count == 21)
        try store.end(outcome: .complete, exitCode: 0)
        vault.close()
        #expect(try corpus.verify().disagreements == [])
        #expect(try corpus.rows(["token_spend"])["token_spend"]?.count == (spent ?? 0) + 1)
    }

    /// One byte of what is committed. As nothing vouches for it, what it held is pulled again.
    @Test(arguments: [3, 30, 200], [true, false]) func aTurnedByteIsFound(place: Int, isPublished: Bool) throws {
        try corpus.killedNight(publishing: false)
        var path = "\(corpus.folders.staging)/\(try #require(try corpus.disk.list(corpus.folders.staging).first))"
        if isPublished { path = try publishWithoutARow(path) }
        var bytes = try corpus.bytes(path)
        bytes[place] ^= 4
        try corpus.replace(path, with: bytes)
        let found = try corpus.verify().disagreements
        #expect(found.contains { $0.path == "index/acme.sqlite" && $0.what.contains("\(path) does not hold") })
        #expect { try corpus.vault().close() } throws: { ($0 as? Stop)?.reason.contains(path) == true }
        if isPublished {
            #expect { try corpus.vault(corpus.recovery) } throws: { error in
                (error as? Stop)?.hint.contains("verify --refetch") == true
            }
            _ = try corpus.mend()
        }
        try corpus.vault(corpus.recovery).close()
        #expect(try corpus.verify().disagreements == [])
        #expect(try !corpus.rows(["versions"]).values.joined().contains { $0.contains("500") && $0.contains("4000") })
        #expect(try corpus.disk.list(corpus.folders.staging) == [])
    }

    /// As a run leaves it that was killed between the file's coming and its row.
    private func publishWithoutARow(_ path: String) throws -> String {
        let index = try Index(writing: corpus.folders.index)
        let unfinished = try #require(try index.unfinishedFiles().first)
        let files = SnapshotFiles(folders: corpus.folders, disk: corpus.disk)
        let sealed = try files.seal(unfinished.file, run: unfinished.run)
        try index.database.close()
        return corpus.folders.absolute(sealed.path)
    }

    /// Where the index is not told of, a file says that its run was there.
    @Test func aRunThatTheIndexForgotIsKnownByItsFile() throws {
        let path = "\(corpus.folders.staging)/deals-20991231T000000Z-0001.ndjson.gz"
        try corpus.disk.append(GzipFrame.header, to: path)
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
        var told: [String] = []
        var recovery = corpus.recovery
        recovery.tell = { told.append($0) }
        let vault = try corpus.vault(recovery)
        #expect(told.count == 1 && told[0].contains("does not know all of run 20991231T000000Z"))
        // What that run has spent nobody knows.
        #expect(try vault.beginRun().isLedgerInDoubt())
        vault.close()
        #expect(try corpus.verify().disagreements == [])
    }

    @Test(arguments: [true, false]) func verifyNamesIt(isTruncated: Bool) throws {
        let path = try killed(isTruncated: isTruncated)
        let found = try corpus.verify().disagreements
        #expect(found.map(\.path) == ["index/acme.sqlite"])
        #expect(found.first?.what.contains(path) == true)
        #expect(try corpus.mend().refetch?.uncovered == [])
        #expect(try corpus.verify().disagreements == [])
    }
}
