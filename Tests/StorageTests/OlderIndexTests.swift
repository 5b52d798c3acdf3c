import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// An index that comes from a backup and is older than the files beside it.
@Suite struct OlderIndexTests {
    let corpus = RebuildCorpus()
    private static let views = ["files", "records", "versions", "coverage", "token_spend"]

    init() throws { try corpus.fill() }

    /// The index as it lies there now.
    private func saved() throws -> [UInt8] {
        let index = try Index(writing: corpus.folders.index)
        try index.absorbLog()
        return try corpus.bytes(corpus.folders.index)
    }

    private func restore(_ bytes: [UInt8]) throws {
        try corpus.removeIndex()
        try corpus.replace(corpus.folders.index, with: bytes)
    }

    private func edit(_ store: RunStore, _ ids: ClosedRange<Int>, _ title: String, second: Int) throws -> NumberedPage {
        let page = try corpus.put(
            store, corpus.deals, 0, ids.map { corpus.object($0, second: second + $0, title: title) },
            covered: 3000..<Int64(second + 500))
        try corpus.put(store, corpus.deals, 1, [], covered: 3000..<Int64(second + 500))
        return page
    }

    /// - Returns: why the index was made anew.
    private func told(_ body: (Vault) throws -> Void = { _ in }) throws -> [String] {
        var told: [String] = []
        var recovery = corpus.recovery
        recovery.tell = { told.append($0) }
        let vault = try corpus.vault(recovery)
        defer { vault.close() }
        try body(vault)
        return told
    }

    private func expectRefused() {
        let folder = AccountFolder(account: "acme", output: corpus.output, disk: corpus.disk)
        for open in [{ _ = try folder.index() }, { try corpus.vault().close() }] {
            #expect { try open() } throws: { error in
                let stop = error as? Stop
                return stop?.code == .badData && stop?.reason.contains("is older than the files") == true
                    && stop?.hint.contains("pipesnap rebuild") == true
            }
        }
    }

    @Test func aRunMakesItAnew() throws {
        let old = try saved()
        try corpus.night { _ = try edit($0, 1...9, "third", second: 3000) }
        let before = try corpus.rows(Self.views)
        try restore(old)
        expectRefused()
        #expect(try corpus.verify().disagreements.map(\.path) == ["index/acme.sqlite"])
        var numbers: [Int64] = []
        let told = try told { vault in
            let store = try vault.beginRun()
            // What runs that are in neither have spent, the server must say.
            #expect(try store.isLedgerInDoubt())
            // The same again is known; what is new has a number of its own.
            #expect(try edit(store, 1...9, "third", second: 3000).versions.isEmpty)
            numbers = try edit(store, 1...9, "fourth", second: 4000).versions.map(\.seq)
            try store.end(outcome: .complete, exitCode: 0)
        }
        #expect(told.count == 1 && told[0].contains("is older than the files beside it"))
        #expect(numbers == Array(156...164))
        #expect(try corpus.verify().disagreements == [])
        // The run that committed nothing is in the old index alone, the last one in its manifest alone.
        let spent = try #require(before["token_spend"])
        #expect(spent.count == 4)
        #expect(Set(spent).isSubset(of: try corpus.rows(["token_spend"])["token_spend"] ?? []))
    }

    @Test func itIsMadeAnewByTheCommandsForIt() throws {
        let old = try saved()
        try corpus.night { _ = try edit($0, 1...9, "third", second: 3000) }
        let before = try corpus.rows(Self.views)
        for mending in [true, false] {
            try restore(old)
            if mending {
                #expect(try corpus.mend().refetch?.uncovered == [])
            } else {
                let report = try corpus.rebuild()
                #expect(report.isLedgerKept && report.isIndexOlder)
            }
            #expect(try corpus.rows(Self.views) == before)
            #expect(try corpus.verify().disagreements == [])
        }
        #expect(try !corpus.rebuild().isIndexOlder)
    }

    /// Saved while a run was under way that has ended since: it is not taken for a killed one.
    @Test(arguments: [true, false]) func savedInTheMiddleOfARun(isMore: Bool) throws {
        var old: [UInt8] = []
        try corpus.night { store in
            if isMore { _ = try edit(store, 1...9, "third", second: 3000) }
            old = try savedWhileARunIsUnderWay()
            try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: corpus.allowance)
            if isMore { _ = try edit(store, 10...19, "third", second: 3000) }
            try corpus.put(store, corpus.users, 0, (2...5).map { corpus.object($0, second: nil) }, covered: 0..<4000)
        }
        let before = try corpus.rows(Self.views)
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        let manifest = try corpus.bytes(corpus.folders.manifest(run: run))
        for rebuilding in [true, false] {
            try restore(old)
            expectRefused()
            if rebuilding { _ = try corpus.rebuild() } else { #expect(try told().count == 1) }
            #expect(try corpus.bytes(corpus.folders.manifest(run: run)) == manifest)
            #expect(try corpus.rows(Self.views) == before)
            #expect(try corpus.verify().disagreements == [])
        }
    }

    /// As a disk leaves it that lost the end of the log.
    private func savedWhileARunIsUnderWay() throws -> [UInt8] {
        let copy = try corpus.copy()
        let index = try Index(writing: copy.folders.index)
        try index.absorbLog()
        return try copy.bytes(copy.folders.index)
    }

    enum Known: CaseIterable { case nothing, theRun, aPage }

    /// The files of a run that was killed later have no manifest.
    @Test(arguments: Known.allCases) func aKilledRunHadPublished(known: Known) throws {
        var old = try saved()
        let vault = try corpus.vault()
        let store = try vault.beginRun()
        if known != .nothing {
            if known == .aPage { _ = try edit(store, 1...9, "third", second: 3000) }
            old = try savedWhileARunIsUnderWay()
        }
        let numbers = try edit(store, 10...19, "third", second: 3000).versions.map(\.seq)
        try store.publish(filesOver: 0)
        vault.close()
        corpus.clock.advance(milliseconds: 86_400_000)
        try restore(old)
        let told = try told { vault in
            let store = try vault.beginRun()
            let next = try edit(store, 1...9, "fourth", second: 4000).versions.map(\.seq)
            #expect(try #require(next.first) > #require(numbers.last))
            try store.end(outcome: .complete, exitCode: 0)
        }
        #expect(told.count == 1)
        #expect(try corpus.verify().disagreements == [])
    }

    /// Whoever copied it there, its numbers were given long ago, and the nightly job goes on.
    @Test func aCopyUnderAnotherNameIsNoSign() throws {
        let path = try #require(try corpus.snapshots.last)
        let run = try #require(SnapshotPath(path, in: corpus.folders)?.run)
        let copy = path.replacing(run, with: "20991231T235959Z")
        try corpus.replace(corpus.folders.absolute(copy), with: corpus.bytes(corpus.folders.absolute(path)))
        #expect(try told().isEmpty)
        #expect(try corpus.verify().disagreements.map(\.path) == [copy])
    }

    /// Merging writes no new run; what it wrote is known by its files, and nothing has to be pulled again.
    @Test func savedBeforeFilesWereMerged() throws {
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
        let old = try saved()
        #expect(try !corpus.compact().merged.isEmpty)
        let before = try corpus.rows(Self.views)
        try restore(old)
        #expect(try corpus.verify().disagreements.map(\.path).contains("index/acme.sqlite"))
        let refetch = try #require(try corpus.mend().refetch)
        #expect(refetch.uncovered == [] && refetch.putAside == [:])
        #expect(try corpus.rows(Self.views) == before)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func anIndexOfAnotherAccountIsNotTouched() throws {
        let index = try Index(writing: corpus.folders.index)
        try index.write { db in
            try db.execute(sql: "UPDATE file_log SET path = replace(path, 'account=acme', 'account=other')")
            try db.execute(sql: "UPDATE run_log SET name = '2001' || substr(name, 5)")
        }
        try index.database.close()
        let before = try saved()
        for open in [{ _ = try told() }, { _ = try corpus.rebuild() }, { _ = try corpus.mend() }] {
            #expect { try open() } throws: { ($0 as? Stop)?.reason.contains("is of another account") == true }
        }
        #expect(try saved() == before)
    }

    // MARK: Where numbers were given twice

    /// What a program made that did not notice: a run with an index that is older than the files.
    private func numbersGivenTwice() throws {
        let old = try saved()
        try corpus.night { _ = try edit($0, 1...9, "third", second: 3000) }
        try restore(old)
        let vault = try Vault(
            folders: corpus.folders, disk: corpus.disk, clock: corpus.clock,
            lock: Vault.prepare(corpus.folders, corpus.disk))
        let store = try vault.beginRun()
        _ = try edit(store, 5...12, "fourth", second: 3200)
        try corpus.put(store, corpus.users, 0, (1...5).map { corpus.object($0, second: nil) }, covered: 0..<4000)
        try store.end(outcome: .complete, exitCode: 0)
        vault.close()
        corpus.clock.advance(milliseconds: 86_400_000)
    }

    private func expectMended(_ report: VerifyReport) throws {
        let later = try #require(try corpus.folders.lostFiles(on: corpus.disk).first { $0.stream == "deals" })
        #expect(later.firstSeq == 147 && later.lastSeq == 154)
        #expect(report.refetch?.putAside[later.path] != nil)
        #expect(try corpus.disk.size(corpus.folders.mending) == nil)
        #expect(try corpus.verify().disagreements == [])
        // The next runs pull what was in it, and give no number a third time.
        #expect(report.refetch?.uncovered.contains { $0.since == "\(Instant(seconds: 3205))" } == true)
        let told = try told { vault in
            let store = try vault.beginRun()
            let page = try edit(store, 5...12, "fourth", second: 3200)
            #expect(page.versions.map(\.seq).first ?? 0 > 155)
            #expect(page.versions.count == 8)
            try store.end(outcome: .complete, exitCode: 0)
        }
        #expect(told == [])
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func theLaterFileIsPutAside() throws {
        try numbersGivenTwice()
        let named = try corpus.verify().disagreements.filter { $0.what.contains("had given such numbers before") }
        #expect(named.count == 2)
        #expect { _ = try told() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.hint.contains("verify --refetch") == true
        }
        try expectMended(try corpus.mend())
    }

    /// An older pipesnap began a mending that it could not end, and every command ended with the same sentence.
    @Test func aMendingThatCouldNotEndIsEnded() throws {
        try numbersGivenTwice()
        let stray = "snapshots/account=acme/stream=deals/dt=2026-11-23/stray.txt"
        try corpus.disk.append([1], to: corpus.folders.absolute(stray))
        var begun = Mending()
        begun.lose(stray, nil)
        try Mender(folders: corpus.folders, disk: corpus.disk).begin(begun)
        #expect { _ = try told() } throws: { ($0 as? Stop)?.code == .badData }
        try expectMended(try corpus.mend())
        #expect(try corpus.disk.size(corpus.folders.absolute(stray)) == nil)
    }
}
