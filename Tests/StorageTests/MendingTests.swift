import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// `verify --refetch`: what is damaged is put aside, and what it vouched for is pulled again.
@Suite struct MendingTests {
    let corpus = RebuildCorpus()

    init() throws { try corpus.fill() }

    /// What was told of a lost file stands nowhere else.
    @Test func aTurnedByteOfWhatWasLostIsFound() throws {
        _ = try damage(try #require(try corpus.snapshots.first), corpus)
        _ = try mend(corpus)
        let lost = try #require(try corpus.folders.lost(on: corpus.disk).first)
        let (place, path) = (corpus.folders.absolute(lost.path), lost.path)
        let bytes = try corpus.bytes(place)
        for index in bytes.indices {
            var turned = bytes
            turned[index] ^= 1 << UInt8(index % 8)
            try corpus.replace(place, with: turned)
            #expect(try corpus.folders.lost(on: corpus.disk).map(\.told) == [nil], "byte \(index)")
        }
        for length in [0, 1, bytes.count / 2, bytes.count - 65, bytes.count - 1] {
            try corpus.replace(place, with: Array(bytes[..<length]))
            #expect(try corpus.folders.lost(on: corpus.disk).map(\.told) == [nil], "cut at \(length)")
        }
        #expect(try corpus.verify().disagreements.map(\.path) == [path])
        _ = try mend(corpus)
        #expect(try corpus.verify().disagreements == [])
    }

    /// An older pipesnap told of a lost file without a check behind it.
    @Test func whatAnOlderOneToldOfALostFileIsBelieved() throws {
        _ = try damage(try #require(try corpus.snapshots.first), corpus)
        _ = try mend(corpus)
        let lost = try #require(try corpus.folders.lost(on: corpus.disk).first)
        let place = corpus.folders.absolute(lost.path)
        try corpus.replace(place, with: Array(try corpus.bytes(place).prefix { $0 != UInt8(ascii: "\n") }))
        #expect(try corpus.folders.lost(on: corpus.disk).map(\.told) == [lost.told])
        #expect(try corpus.verify().isWell)
    }

    private func mend(_ corpus: RebuildCorpus, _ disk: (any FileSystem)? = nil) throws -> VerifyReport {
        try Vault.mend(
            account: "acme", output: corpus.output, disk: disk ?? corpus.disk, clock: corpus.clock,
            recovery: corpus.recovery)
    }

    private func coverage(_ corpus: RebuildCorpus, _ stream: String) throws -> [Interval] {
        let index = try Index(reading: corpus.folders.index)
        return try index.streamCoverage()[stream]?.intervals ?? []
    }

    private func span(_ since: Int64, _ until: Int64) -> Interval? {
        Interval(since: Instant(seconds: since), until: Instant(seconds: until))
    }

    private func damage(_ path: String, _ corpus: RebuildCorpus) throws -> [UInt8] {
        var bytes = try corpus.bytes(corpus.folders.absolute(path))
        bytes[40] ^= 1
        try corpus.replace(corpus.folders.absolute(path), with: bytes)
        return bytes
    }

    @Test func whatIsWellIsLeftAlone() throws {
        let before = try corpus.rows()
        let report = try mend(corpus)
        #expect(report.isWell && report.refetch == nil)
        #expect(try corpus.rows() == before)
        #expect(try corpus.disk.size(corpus.output + "/damaged") == nil)
    }

    /// The second night's deals are of the seconds 2001 to 2020.
    @Test(arguments: [true, false]) func aLostFileIsPulledAgain(isThere: Bool) throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deals") }.last)
        let bytes = try damage(path, corpus)
        if !isThere { try corpus.disk.remove(corpus.folders.absolute(path)) }
        let report = try mend(corpus)
        #expect(report.disagreements.map(\.path) == [path])
        #expect(report.refetch?.uncovered.map(\.since) == ["\(Instant(seconds: 2001))"])
        let aside = report.refetch?.putAside[path]
        #expect((aside == nil) == !isThere && report.refetch?.missing == (isThere ? [] : [path]))
        if let aside { #expect(try corpus.bytes(corpus.folders.absolute(aside)) == bytes) }
        #expect(try corpus.folders.lostFiles(on: corpus.disk).map(\.path) == [path])
        #expect(try corpus.verify().disagreements == [])
        #expect(try coverage(corpus, "deals") == [span(0, 2001), span(2021, 3000)].compactMap { $0 })
        #expect(try coverage(corpus, "users") == [span(0, 3000)].compactMap { $0 })
        // The number of a lost line is not given again, since a loader may know it; nothing lost is known.
        try corpus.night { store in
            let edited = (1...20).map { corpus.object($0, second: 2000 + $0, title: "edited", isDeleted: $0 == 7) }
            let page = try corpus.put(store, corpus.deals, 0, edited, covered: 2001..<2021)
            #expect(page.versions.count == 20)
            #expect(page.versions.first?.seq ?? 0 > 145)
            try corpus.put(store, corpus.deals, 1, [], covered: 2001..<2021)
        }
        #expect(try coverage(corpus, "deals") == [span(0, 3000)].compactMap { $0 })
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func aStreamOfWholeListsIsForgottenAltogether() throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=users") }.first)
        _ = try damage(path, corpus)
        #expect(try mend(corpus).refetch?.uncovered.map(\.since) == [nil])
        #expect(try coverage(corpus, "users") == [])
        #expect(try coverage(corpus, "deals") == [span(0, 3000)].compactMap { $0 })
        #expect(try corpus.verify().disagreements == [])
    }

    /// Its intervals are those of its parents: what its own lines' times are says nothing of them.
    @Test func aStreamOfChildrenIsForgottenAltogether() throws {
        try corpus.night { store in
            try store.beginChildren([corpus.dealProducts])
            try corpus.put(store, corpus.deals, 0, [corpus.object(20, second: 4000)], covered: 3000..<5000)
            try corpus.put(store, corpus.deals, 1, [], covered: 3000..<5000)
            let child = #"{"id":1,"deal_id":20,"update_time":"\(Instant(seconds: 4500))"}"#
            let page = PreparedPage(
                try RebuildCorpus.page([child], of: corpus.dealProducts),
                answeredAtMilliseconds: corpus.clock.nowMilliseconds)
            let numbered = try store.pass(page, of: corpus.dealProducts, burying: [])
            var entry = PageEntry(
                stream: corpus.dealProducts, list: corpus.dealProducts.lists[0], page: numbered,
                block: try numbered.encoded(level: 6), walkBefore: nil, walkAfter: nil, covered: nil)
            let queue = try store.childBook(of: corpus.dealProducts, limit: 1000).waiting
            var walk = Walk(list: entry.list.name, interval: nil, order: .unordered, beganAt: corpus.now)
            walk.parents = queue
            entry.children = ChildPage(walk: walk, shown: [.integer(1)], isFirst: true, done: queue)
            try store.commit([entry], allowance: corpus.allowance)
        }
        #expect(try coverage(corpus, "deal_products") == [span(0, 5000)].compactMap { $0 })
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deal_products") }.first)
        _ = try damage(path, corpus)
        #expect(try mend(corpus).refetch?.uncovered.map(\.since) == [nil])
        #expect(try coverage(corpus, "deal_products") == [])
        #expect(try coverage(corpus, "deals") == [span(0, 5000)].compactMap { $0 })
    }

    /// The greatest number is that of the users' last file.
    @Test func theGreatestNumberIsRemembered() throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=users") }.last)
        _ = try damage(path, corpus)
        let last = try #require(try corpus.rows(["versions"])["versions"]?.count)
        _ = try mend(corpus)
        _ = try corpus.rebuild()
        let index = try Index(reading: corpus.folders.index)
        #expect(try index.nextSeq() == Int64(last) + 1)
    }

    /// Every byte of a manifest may lie, also where only the index can tell.
    @Test func aDamagedManifestIsPutAside() throws {
        var random = SeededRandom(seed: 20_261_124)
        for _ in 0..<12 {
            let corpus = RebuildCorpus()
            try corpus.fill()
            let versions = try corpus.rows(["versions"])["versions"]?.count
            let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
            let path = corpus.folders.manifest(run: run)
            var bytes = try corpus.bytes(path)
            let place = Int.random(in: bytes.indices.dropLast(), using: &random)
            bytes[place] ^= 1
            try corpus.replace(path, with: bytes)
            let covered = try coverage(corpus, "deals")
            let report = try mend(corpus)
            #expect(!report.isWell, "byte \(place)")
            #expect(try corpus.verify().disagreements == [], "byte \(place)")
            // What is covered afterwards was covered before; nothing whole is lost.
            let known = Coverage(covered)
            #expect(try coverage(corpus, "deals").allSatisfy(known.covers), "byte \(place)")
            #expect(try corpus.rows(["versions"])["versions"]?.count == versions, "byte \(place)")
        }
    }

    @Test func aFileOfNobodyIsPutAside() throws {
        let path = "snapshots/account=acme/stream=deals/dt=2026-11-23/stray.txt"
        try corpus.disk.append([1], to: corpus.folders.absolute(path))
        #expect(try mend(corpus).refetch?.putAside[path] != nil)
        #expect(try corpus.verify().disagreements == [])
        #expect(try coverage(corpus, "deals") == [span(0, 3000)].compactMap { $0 })
    }

    @Test func aFileIsMendedWithoutAnIndex() throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deals") }.last)
        _ = try damage(path, corpus)
        try corpus.removeIndex()
        _ = try mend(corpus)
        #expect(try corpus.verify().disagreements == [])
        #expect(try coverage(corpus, "deals") == [span(0, 2001), span(2021, 3000)].compactMap { $0 })
    }

    @Test func aRunUnderWayIsNotDisturbed() throws {
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect { try mend(corpus) } throws: { ($0 as? Stop)?.code == .alreadyRunning }
    }

    /// The plan knows nothing of it. Every command ended with 70 and named no file, for ever.
    @Test func aManifestThatWasDamagedMeanwhileIsPutAsideToo() throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deals") }.last)
        var begun = Mending()
        begun.lose(path, nil)
        try Mender(folders: corpus.folders, disk: corpus.disk).begin(begun)
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).first)
        try corpus.replace(corpus.folders.manifest(run: run), with: [UInt8(ascii: "{")])
        for open in [{ try corpus.vault(corpus.recovery).close() }, { _ = try corpus.rebuild() }] {
            #expect { try open() } throws: { error in
                let stop = error as? Stop
                return stop?.code == .badData && stop?.reason.contains("\(run).json is no manifest") == true
                    && stop?.hint.contains("verify --refetch") == true
            }
        }
        #expect(try mend(corpus).refetch?.putAside.keys.contains("manifests/account=acme/\(run).json") == true)
        #expect(try corpus.verify().disagreements == [])
        #expect(try coverage(corpus, "deals") == [])
    }

    /// A second one of the same name does not take the place of the first: of neither anything else is left.
    @Test func whatIsPutAsideTwiceIsThereTwice() throws {
        let path = "snapshots/account=acme/stream=deals/dt=2026-11-23/stray.txt"
        var aside: Set<String> = []
        for byte: UInt8 in [1, 2, 3] {
            try corpus.disk.append([byte], to: corpus.folders.absolute(path))
            _ = try mend(corpus)
            let names = Set(try corpus.disk.list(corpus.folders.damaged))
            let new = try #require(names.subtracting(aside).first)
            #expect(try corpus.bytes("\(corpus.folders.damaged)/\(new)") == [byte])
            #expect(names.count == Int(byte))
            aside = names
        }
    }

    /// Killed at every effect, or cut from its power there, it is ended by whoever comes next: a run, or the same
    /// command again.
    @Test(arguments: [false, true]) func killedAtEveryEffect(isPowerLost: Bool) throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deals") }.last)
        _ = try damage(path, corpus)
        let whole = try corpus.copy()
        let watched = FailingDisk(LocalDisk())
        _ = try mend(whole, watched)
        let views = ["files", "records", "versions", "coverage", "token_spend"]
        let (expected, effects) = (try whole.rows(views), watched.effects)
        let lost = try whole.folders.lostFiles(on: whole.disk)
        #expect(effects > 25)
        for effect in 0..<effects {
            let mishap: FailingDisk.Mishap = [.dieBefore, .dieAfter, .dieTorn][effect % 3]
            let label = "\(mishap) at \(effect) of \(effects)"
            let copy = try corpus.copy()
            let disk = ForgetfulDisk(LocalDisk())
            #expect(throws: FailingDisk.Death.self, "\(label)") {
                try mend(copy, FailingDisk(disk, mishap, at: effect))
            }
            if isPowerLost { try disk.losePower(effect.isMultiple(of: 3) ? .some(seed: UInt64(effect)) : .everything) }
            // A run ends what was begun; what was not is left to the command.
            if effect.isMultiple(of: 2) { try copy.vault(copy.recovery).close() }
            _ = try mend(copy)
            #expect(try copy.rows(views) == expected, "\(label)")
            #expect(try copy.verify().disagreements == [], "\(label)")
            #expect(try copy.disk.list(copy.folders.staging) == [], "\(label)")
            #expect(try copy.folders.lostFiles(on: copy.disk) == lost, "\(label)")
        }
    }

    @Test func whatIsMendedStaysSo() throws {
        let path = try #require(try corpus.snapshots.filter { $0.contains("stream=deals") }.last)
        let bytes = try damage(path, corpus)
        let disk = ForgetfulDisk(LocalDisk())
        let aside = try #require(try mend(corpus, disk).refetch?.putAside[path])
        try disk.losePower()
        #expect(try corpus.verify().disagreements == [])
        #expect(try corpus.bytes(corpus.folders.absolute(aside)) == bytes)
        #expect(try corpus.folders.lostFiles(on: corpus.disk).map(\.path) == [path])
    }
}
