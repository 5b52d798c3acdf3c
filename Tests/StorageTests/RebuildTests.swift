import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

@Suite struct RebuildTests {
    let corpus = RebuildCorpus()
    /// Not part of the contract, and the same all the same.
    static let tables = ["heads", "history", "list_coverage"]

    init() throws { try corpus.fill() }

    @Test func everyViewIsAsBefore() throws {
        let before = try corpus.rows(RebuildCorpus.views + Self.tables)
        let report = try corpus.rebuild()
        #expect(report.manifests == 2)
        #expect(report.isLedgerKept)
        #expect(report.records == before["versions"]?.count)
        let after = try corpus.rows(RebuildCorpus.views + Self.tables)
        for (table, rows) in before where table != "heads" && table != "history" {
            #expect(after[table] == rows, "\(table)")
        }
        #expect(after["heads"]?.count == before["heads"]?.count)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func pagesAreFoundAgain() throws {
        let select = "(SELECT first_seq, last_seq, start, length, answered_ms / 1000 FROM blocks)"
        let before = try corpus.rows([select])
        #expect(before[select]?.count == 5)
        try corpus.removeIndex()
        try corpus.vault(corpus.recovery).close()
        #expect(try corpus.rows([select]) == before)
    }

    @Test func aMissingIndexIsMadeFromManifestsAlone() throws {
        let before = try corpus.rows()
        try corpus.removeIndex()
        try corpus.vault(corpus.recovery).close()
        let after = try corpus.rows()
        for view in ["files", "records", "versions", "coverage"] { #expect(after[view] == before[view], "\(view)") }
        // The run that committed nothing left no trace.
        #expect(after["runs"]?.count == 2)
        #expect(after["token_spend"]?.count == 2)
        #expect(try corpus.disk.list(corpus.folders.staging) == [])
    }

    @Test func aMissingIndexIsNotBegunAfresh() throws {
        try corpus.removeIndex()
        #expect { try corpus.vault().close() } throws: { ($0 as? Stop)?.code == .badData }
        #expect(try corpus.disk.size(corpus.folders.index) == nil)
    }

    @Test func whatIsKnownIsKnownAgain() throws {
        try corpus.removeIndex()
        let vault = try corpus.vault(corpus.recovery)
        let store = try vault.beginRun()
        let same = try corpus.put(
            store, corpus.deals, 1, (101...120).map { corpus.object($0, second: $0) }, covered: nil)
        #expect(same.isEmpty)
        let other = try corpus.put(store, corpus.deals, 0, [corpus.object(9, second: 9000)], covered: nil)
        #expect(other.versions.map(\.seq) == [147])
        try store.end(outcome: .complete, exitCode: 0)
        vault.close()
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func theLedgerIsInDoubtUntilTheServerWasAsked() throws {
        try corpus.removeIndex()
        let vault = try corpus.vault(corpus.recovery)
        defer { vault.close() }
        let (store, days) = (try vault.beginRun(), BudgetCalendar(zone: nil, resetsAtSeconds: 0))
        #expect(try store.isLedgerInDoubt())
        try store.settleLedger(presumed: 70, allowance: corpus.allowance)
        #expect(try !store.isLedgerInDoubt())
        #expect(try store.ledger(days, byServer: corpus.now).spent == 70)
        #expect(try store.ledger(days, byServer: corpus.now + 86_400).spent == 0)
        #expect(try corpus.rows(["token_spend"])["token_spend"]?.count == 2)
    }

    @Test func aLedgerThatWasReadIsNotInDoubt() throws {
        _ = try corpus.rebuild()
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect(try !vault.beginRun().isLedgerInDoubt())
    }

    @Test(arguments: [0, 17, 4096, 9000]) func aDamagedIndexIsReplaced(place: Int) throws {
        let before = try corpus.rows(["versions", "coverage"])
        var bytes = try corpus.bytes(corpus.folders.index)
        for offset in place..<min(place + 3000, bytes.count) { bytes[offset] = 0xA5 }
        try corpus.replace(corpus.folders.index, with: bytes)
        _ = try corpus.rebuild()
        #expect(try corpus.rows(["versions", "coverage"]) == before)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func whatAKilledRunHadPublishedIsTakenIn() throws {
        try corpus.killedNight(publishing: true)
        let before = try corpus.rows(["versions"])
        try corpus.removeIndex()
        #expect(try corpus.verify().disagreements.count == 2)
        let report = try corpus.rebuild()
        #expect(report.adopted.count == 1)
        #expect(try corpus.rows(["versions"]) == before)
        #expect(try corpus.verify().disagreements == [])
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let manifest = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        #expect(manifest.outcome == .interrupted)
        #expect(manifest.exitCode == nil)
        #expect(manifest.files.map(\.records) == [21])
    }

    @Test func whatAKilledRunHadNotPublishedIsSealedFirst() throws {
        try corpus.killedNight(publishing: false)
        let before = try corpus.rows(["versions"])
        _ = try corpus.rebuild()
        #expect(try corpus.rows(["versions"]) == before)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func nothingIsTouchedWhenAFileIsDamaged() throws {
        let path = try #require(try corpus.snapshots.first)
        var bytes = try corpus.bytes(corpus.folders.absolute(path))
        bytes[200] ^= 1
        try corpus.replace(corpus.folders.absolute(path), with: bytes)
        let before = try corpus.rows()
        #expect { try corpus.rebuild() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.reason.contains(path) == true
        }
        #expect(try corpus.rows() == before)
        #expect(try corpus.disk.list(corpus.folders.staging) == [])
    }

    @Test func aSurveyTouchesNothing() throws {
        try corpus.removeIndex()
        let report = try Vault.surveyRebuild(
            account: "acme", output: corpus.output, disk: corpus.disk, now: corpus.now)
        #expect(report.records == 146)
        #expect(report.isDryRun)
        #expect(!report.isLedgerKept)
        #expect(try corpus.disk.size(corpus.folders.index) == nil)
    }

    /// It reads no file, but lists them.
    @Test func aSurveyTellsOfAFileThatIsCut() throws {
        let path = corpus.folders.absolute(try #require(try corpus.snapshots.first))
        let whole = try #require(try corpus.disk.size(path))
        try corpus.disk.truncate(path, to: whole - 1)
        let words = "has \(whole - 1) bytes and not \(whole)"
        let isTold = { (error: any Error) in (error as? Stop)?.reason.contains(words) ?? false }
        #expect {
            _ = try Vault.surveyRebuild(
                account: "acme", output: corpus.output, disk: corpus.disk, now: corpus.now)
        } throws: { isTold($0) }
        #expect { _ = try corpus.rebuild() } throws: { isTold($0) }
    }

    /// Killed at every effect, or cut from its power there: the next run has the index that was meant, and no file of
    /// the account is any other.
    @Test func killedAtEveryEffect() throws {
        try corpus.killedNight(publishing: false)
        let whole = try corpus.copy()
        let watched = FailingDisk(LocalDisk())
        _ = try Self.rebuild(whole, watched)
        let (expected, effects) = (try whole.rows(Self.steadyViews), watched.effects)
        #expect(effects > 15)
        for effect in 0..<effects {
            let mishap: FailingDisk.Mishap = [.dieBefore, .dieAfter, .dieTorn][effect % 3]
            let label = "\(mishap) at \(effect) of \(effects)"
            let copy = try corpus.copy()
            let disk = ForgetfulDisk(LocalDisk())
            #expect(throws: FailingDisk.Death.self, "\(label)") {
                try Self.rebuild(copy, FailingDisk(disk, mishap, at: effect))
            }
            if effect.isMultiple(of: 2) { try disk.losePower(.some(seed: UInt64(effect))) }
            try copy.vault(copy.recovery).close()
            #expect(try copy.rows(Self.steadyViews) == expected, "\(label)")
            #expect(try copy.verify().disagreements == [], "\(label)")
            #expect(try copy.disk.list(copy.folders.staging) == [], "\(label)")
        }
    }

    private static let steadyViews = ["files", "records", "versions", "coverage"]

    private static func rebuild(_ corpus: RebuildCorpus, _ disk: any FileSystem) throws -> RebuildReport {
        try Vault.rebuild(
            account: "acme", output: corpus.output, disk: disk, clock: corpus.clock, recovery: corpus.recovery)
    }
}
