import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Many small files become few, and nothing else changes.
@Suite struct MergeTests {
    let corpus = RebuildCorpus()
    private static let same = [RebuildCorpus.versions, "runs", "coverage", "token_spend", "field_names"]

    init() throws {
        try corpus.fill()
        try corpus.killedNight(publishing: true)
        try corpus.night { store in
            let again = (5...9).map { corpus.object($0, second: 5000 + $0, title: "again") }
            try corpus.put(store, corpus.deals, 0, again, covered: 3000..<6000)
        }
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
    }

    @Test func theLinesAreThoseOfBefore() throws {
        let (lines, before, paths) = (try corpus.lines(), try corpus.rows(Self.same), try corpus.snapshots)
        let report = try corpus.compact()
        #expect(paths.count == 6)
        #expect(report.merged.map(\.replaced.count) == [4, 2])
        #expect(report.merged.flatMap(\.replaced).sorted() == paths)
        #expect(try corpus.snapshots == report.merged.map(\.path).sorted())
        #expect(try corpus.lines() == lines)
        #expect(try corpus.rows(Self.same) == before)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func eachFileKnowsWhoseLinesItHas() throws {
        _ = try corpus.compact()
        let runs = try corpus.folders.manifestRuns(on: corpus.disk)
        let manifests = try runs.map { try Manifest(run: $0, folders: corpus.folders, disk: corpus.disk) }
        let deals = try #require(manifests.flatMap(\.files).first { $0.stream == "deals" })
        let users = try #require(manifests.flatMap(\.files).first { $0.stream == "users" })
        #expect(manifests.map(\.files.count) == [0, 1, 0, 1])
        #expect(deals.runs?.map(\.run) == runs)
        #expect(deals.runs?.map(\.records) == [120, 20, 21, 5])
        #expect(deals.runs?.map(\.deletes) == [0, 1, 0, 0])
        #expect(users.runs?.map(\.records) == [5, 1])
        #expect(deals.path.hasSuffix("dt=2026-11-27/\(runs[3])-0002.ndjson.gz"))
        // A loader that has all runs has the merged files too.
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect(try vault.index.files(after: runs[3], stream: nil).isEmpty)
        #expect(try vault.index.files(after: runs[1], stream: nil).map(\.run) == [runs[3]])
    }

    @Test func whatWasReadBeforeIsReadAfterwards() async throws {
        let index = try Index(reading: corpus.folders.index)
        let begun = try StateReader(
            index: index, folders: corpus.folders, disk: corpus.disk, stream: "deals", at: nil)
        let history = VersionReader(index: index, account: "acme", output: corpus.output, disk: corpus.disk)
        let before = try history.lines(stream: "deals", key: .integer(7), history: true)
        #expect(before.count == 3)
        _ = try corpus.compact()
        #expect(try history.lines(stream: "deals", key: .integer(7), history: true) == before)
        let after = try StateReader(
            index: index, folders: corpus.folders, disk: corpus.disk, stream: "deals", at: nil)
        var (old, new): ([UInt8], [UInt8]) = ([], [])
        try await begun.read { old += $0.lines }
        try await after.read { new += $0.lines }
        #expect(!new.isEmpty)
        #expect(old == new)
    }

    @Test func theIndexIsMadeAnewFromMergedFiles() throws {
        _ = try corpus.compact()
        let places = "(SELECT first_seq, last_seq, start, length, answered_ms / 1000 FROM blocks)"
        let tables = RebuildCorpus.views + [places]
        let before = try corpus.rows(tables)
        _ = try corpus.rebuild()
        #expect(try corpus.rows(tables) == before)
        try corpus.removeIndex()
        try corpus.vault(corpus.recovery).close()
        for view in ["files", "records", "versions", "coverage", places] {
            #expect(try corpus.rows([view])[view] == before[view], "\(view)")
        }
        #expect(try corpus.verify().disagreements == [])
    }

    /// A merged file of a run that lost its manifest is taken in for what it is.
    @Test func aMergedFileThatNoManifestNamesIsTakenIn() throws {
        _ = try corpus.compact()
        let before = try corpus.rows(["files", RebuildCorpus.versions])
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        try corpus.disk.remove(corpus.folders.manifest(run: run))
        #expect(try corpus.rebuild().adopted.count == 1)
        #expect(try corpus.rows(["files", RebuildCorpus.versions]) == before)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func runsGoOnAndMergeAgain() throws {
        _ = try corpus.compact()
        #expect(try corpus.compact().merged.isEmpty)
        try corpus.night { store in
            let known = try corpus.put(
                store, corpus.deals, 0, [corpus.object(1, second: 2001, title: "edited")], covered: nil)
            #expect(known.isEmpty)
            try corpus.put(store, corpus.deals, 0, [corpus.object(1, second: 9000)], covered: nil)
            try store.publish(filesOver: 0)
            try corpus.put(store, corpus.deals, 0, [corpus.object(2, second: 9000)], covered: nil)
        }
        #expect(try corpus.compact().merged.isEmpty, "the month is not over")
        let lines = try corpus.lines()
        let report = try corpus.compact(by: .day)
        #expect(report.merged.map(\.replaced.count) == [2])
        #expect(try corpus.lines() == lines)
        #expect(try corpus.rows(["merged_runs"])["merged_runs"]?.count == 6, "one run's own files need no shares")
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func whatIsNotOverIsLeftAlone() throws {
        let corpus = RebuildCorpus()
        try corpus.fill()
        let paths = try corpus.snapshots
        #expect(try corpus.compact().merged.isEmpty)
        #expect(try corpus.compact(by: .day).merged.isEmpty, "a file a day")
        #expect(try corpus.snapshots == paths)
    }

    @Test func noFileGrowsOverTheSize() throws {
        let lines = try corpus.lines()
        let sizes = try corpus.snapshots.map { try corpus.bytes(corpus.folders.absolute($0)).count }.sorted()
        let rollAtBytes = Int64(sizes[sizes.count - 1] + sizes[sizes.count - 2])
        let report = try corpus.compact(rollAtBytes: rollAtBytes)
        #expect(!report.merged.isEmpty)
        #expect(report.merged.allSatisfy { $0.bytes <= rollAtBytes })
        #expect(try corpus.compact(rollAtBytes: rollAtBytes).merged.isEmpty)
        #expect(try corpus.lines() == lines)
        #expect(try corpus.verify().disagreements == [])
    }

    /// The file with a run's greatest number was merged away into a later run's; then two others of the run are merged.
    @Test func noPathIsEverUsedAgain() throws {
        let corpus = RebuildCorpus()
        try corpus.night { store in
            for part in 0..<3 {
                let records = (1...(part == 2 ? 2 : 40)).map { corpus.object(100 * part + $0, second: $0) }
                try corpus.put(store, corpus.deals, 0, records, covered: nil)
                try store.publish(filesOver: 0)
            }
        }
        try corpus.night { store in
            try corpus.put(store, corpus.deals, 0, [corpus.object(900, second: 900)], covered: nil)
        }
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
        let paths = try corpus.snapshots
        let sizes = try paths.map { Int64(try corpus.bytes(corpus.folders.absolute($0)).count) }
        let first = try corpus.compact(rollAtBytes: sizes[2] + sizes[3])
        #expect(first.merged.map(\.replaced) == [Array(paths[2...])])
        _ = try corpus.rebuild()
        let second = try corpus.compact(rollAtBytes: sizes[0] + sizes[1])
        #expect(second.merged.map(\.replaced) == [Array(paths[..<2])])
        #expect(Set(second.merged.map(\.path)).isDisjoint(with: paths))
        #expect(second.merged.first?.path.hasSuffix("-0004.ndjson.gz") == true)
        #expect(try corpus.verify().disagreements == [])
        let told = try corpus.rows([RebuildCorpus.books])
        #expect(told[RebuildCorpus.books]?.count == 2)
        _ = try corpus.rebuild()
        #expect(try corpus.rows([RebuildCorpus.books]) == told)
        #expect(try corpus.verify().disagreements == [])
    }

    /// Nor that of a file that was damaged and put aside: a loader may have read it before.
    @Test func thePathOfADamagedFileIsNotUsedAgain() throws {
        let corpus = RebuildCorpus()
        try corpus.night { store in
            for part in 0..<3 {
                try corpus.put(store, corpus.deals, 0, [corpus.object(part, second: part)], covered: nil)
                try store.publish(filesOver: 0)
            }
        }
        let last = try #require(try corpus.snapshots.last)
        try corpus.replace(corpus.folders.absolute(last), with: [1, 2, 3])
        #expect(try corpus.mend().refetch?.putAside.keys.contains(last) == true)
        #expect(try corpus.verify().disagreements == [])
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
        #expect(try corpus.compact().merged.map { String($0.path.suffix(14)) } == ["0004.ndjson.gz"])
        #expect(try corpus.verify().disagreements == [])
    }

    /// The books of rewritten files in a manifest and in the index, each changed alone.
    @Test func aBookThatWasChangedIsFound() throws {
        _ = try corpus.compact()
        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        var manifest = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        let sound = try manifest.bytes()
        manifest.rewritten?[0].lastNumber += 1
        try corpus.replace(corpus.folders.manifest(run: run), with: manifest.bytes())
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("rewritten") })
        manifest.rewritten?[0].lastNumber = 1
        try corpus.replace(corpus.folders.manifest(run: run), with: manifest.bytes())
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("beyond the last one") })
        try corpus.replace(corpus.folders.manifest(run: run), with: sound)
        #expect(try corpus.verify().disagreements == [])
        try corpus.behindItsBack { try $0.execute(sql: "UPDATE rewritten SET last_number = last_number + 1") }
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("table rewritten") })
        _ = try corpus.rebuild()
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func aSurveyTellsWhatComes() throws {
        let paths = try corpus.snapshots
        let options = CompactOptions(stream: "deals", period: .month, rollAtBytes: 96_000_000)
        let told = try Vault.surveyCompacting(
            options, index: try Index(reading: corpus.folders.index), folders: corpus.folders, now: corpus.now)
        #expect(try corpus.snapshots == paths)
        let done = try corpus.compact(stream: "deals")
        #expect(told.merged.map(\.path) == done.merged.map(\.path))
        #expect(told.merged.map(\.bytes) == done.merged.map(\.bytes))
        #expect(told.merged.map(\.records) == done.merged.map(\.records))
        #expect(try corpus.snapshots.count == 3)
    }

    @Test func aDamagedFileIsNotMerged() throws {
        let path = try #require(try corpus.snapshots.first)
        var bytes = try corpus.bytes(corpus.folders.absolute(path))
        bytes[200] ^= 1
        try corpus.replace(corpus.folders.absolute(path), with: bytes)
        let (paths, before) = (try corpus.snapshots, try corpus.rows())
        #expect { try corpus.compact() } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.reason.contains(path) == true
        }
        #expect(try corpus.snapshots == paths)
        #expect(try corpus.rows() == before)
    }

    @Test func notWhileARunIsUnderWay() throws {
        let vault = try corpus.vault()
        defer { vault.close() }
        #expect { try corpus.compact() } throws: { ($0 as? Stop)?.code == .alreadyRunning }
    }

    /// A merged file that was turned, and a manifest that says another run had its lines.
    @Test func damageIsFound() throws {
        _ = try corpus.compact()
        let path = try #require(try corpus.snapshots.first)
        let copy = try corpus.copy()
        var bytes = try copy.bytes(copy.folders.absolute(path))
        bytes[bytes.count / 2] ^= 4
        try copy.replace(copy.folders.absolute(path), with: bytes)
        #expect(try copy.verify().disagreements.contains { $0.path == path })
        _ = try copy.mend()
        #expect(try copy.verify().disagreements == [])

        let run = try #require(try corpus.folders.manifestRuns(on: corpus.disk).last)
        var manifest = try Manifest(run: run, folders: corpus.folders, disk: corpus.disk)
        manifest.files[0].runs?[0].records -= 1
        manifest.files[0].runs?[1].records += 1
        try corpus.replace(corpus.folders.manifest(run: run), with: manifest.bytes())
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("runs are others") })
        #expect { try corpus.rebuild() } throws: { ($0 as? Stop)?.code == .badData }
        _ = try corpus.mend()
        #expect(try corpus.verify().disagreements == [])
    }

    /// Killed at every effect, or cut from its power there. At no instant does a listing miss a version; afterwards
    /// everything is as before or as intended, nothing is there twice, and all is well.
    @Test(arguments: [false, true]) func killedAtEveryEffect(isPowerLost: Bool) throws {
        let lines = try corpus.lines()
        let whole = try corpus.copy()
        _ = try whole.compact()
        let expected = try whole.rows(["files", "versions"])
        try corpus.killedAtEveryEffect(isPowerLost: isPowerLost) { copy, disk in
            _ = try copy.compact(disk)
        } atOnce: { copy, label in
            let seen = try copy.lines()
            #expect(Set(seen) == Set(lines), label)
        } afterwards: { copy, effect, label in
            #expect(try copy.lines() == lines, label)
            guard effect.isMultiple(of: 3) else { return }
            _ = try copy.compact()
            #expect(try copy.lines() == lines, label)
            #expect(try copy.rows(["files", "versions"]) == expected, label)
        }
    }

    /// What a killed exchange left may lie there for long; as long as nothing was touched, the old files count.
    @Test(arguments: ["turned", "cut", "missing"]) func aDraftThatIsDamagedIsGivenUp(damage: String) throws {
        let (lines, paths) = (try corpus.lines(), try corpus.snapshots)
        let copy = try killedBeforeTheNewFileComes()
        let plan = "\(copy.folders.staging)/exchange.json"
        let exchange = try #require(try Exchanger(folders: copy.folders, disk: copy.disk).underWay())
        let name = try #require(try copy.disk.list(copy.folders.staging).first { $0.hasSuffix(".ndjson.gz") })
        let draft = "\(copy.folders.staging)/\(name)"
        var bytes = try copy.bytes(draft)
        bytes[bytes.count / 2] ^= 1
        if damage == "cut" { bytes.removeLast() }
        try copy.replace(draft, with: bytes)
        if damage == "missing" { try copy.disk.remove(draft) }
        #expect { try copy.vault(copy.recovery) } throws: { error in
            let stop = error as? Stop
            return stop?.code == .badData && stop?.reason.contains(draft) == true && stop?.hint == "run again"
        }
        #expect(try !copy.disk.isTaken(plan) && exchange.replaced.allSatisfy(paths.contains))
        try copy.vault(copy.recovery).close()
        #expect(try copy.snapshots == paths)
        #expect(try copy.lines() == lines)
        #expect(try copy.verify().disagreements == [])
    }

    private func killedBeforeTheNewFileComes() throws -> RebuildCorpus {
        for effect in 0... {
            let copy = try corpus.copy()
            #expect(throws: FailingDisk.Death.self) {
                try copy.compact(FailingDisk(LocalDisk(), .dieBefore, at: effect))
            }
            if try Exchanger(folders: copy.folders, disk: copy.disk).underWay() != nil { return copy }
        }
        return corpus
    }

    /// A disk that refuses is told of, and the next try ends well.
    @Test func refusedAtEveryEffect() throws {
        let lines = try corpus.lines()
        let whole = try corpus.copy()
        let watched = FailingDisk(LocalDisk())
        _ = try whole.compact(watched)
        for effect in stride(from: 0, to: watched.effects, by: 3) {
            let copy = try corpus.copy()
            let disk = FailingDisk(LocalDisk(), effect.isMultiple(of: 2) ? .noSpace : .inputOutputError, at: effect)
            #expect { try copy.compact(disk) } throws: {
                [.cannotWriteOutput, .cannotCreateOutput].contains(($0 as? Stop)?.code)
            }
            _ = try copy.compact()
            #expect(try copy.lines() == lines, "refused at \(effect)")
            #expect(try copy.verify().disagreements == [], "refused at \(effect)")
        }
    }
}
