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

    @Test(arguments: [true, false]) func verifyNamesIt(isTruncated: Bool) throws {
        let path = try killed(isTruncated: isTruncated)
        let found = try corpus.verify().disagreements
        #expect(found.map(\.path) == ["index/acme.sqlite"])
        #expect(found.first?.what.contains(path) == true)
        #expect(try corpus.mend().refetch?.uncovered == [])
        #expect(try corpus.verify().disagreements == [])
    }
}
