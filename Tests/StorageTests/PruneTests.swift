import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Versions that were superseded before the horizon go, and nothing else changes.
@Suite struct PruneTests {
    let corpus = RebuildCorpus()
    private static let newest = "(SELECT stream, id, op, seq, update_time, run FROM records)"
    private static let untouched = [newest, "coverage", "token_spend", "field_names"]
    private let dealFields = Catalogue.stream(named: "deal_fields") ?? .unknown("deal_fields")
    private static let keepDays: Int64 = 36

    /// Eight nights, one a day: edits that come the same night and days late, deletions, records that come back, a file
    /// of which every version is superseded, records without a time, and definitions of fields.
    init() throws {
        for night in 0..<8 {
            try corpus.night { store in
                let second = Int(corpus.now.seconds)
                let edited = Array(stride(from: 1 + night % 3, through: night == 0 ? 60 : 24, by: night == 0 ? 1 : 3))
                let deals = edited.map { id in
                    corpus.object(
                        id, second: second - (id % 5 == 0 ? 2 * 86_400 + id : 60 - id), title: "night \(night)",
                        isDeleted: id == 3 + night || (night == 5 && id == 12))
                }
                try corpus.put(store, corpus.deals, 0, deals, covered: nil)
                if night == 4 { try store.publish(filesOver: 0) }
                try corpus.put(
                    store, corpus.deals, 0, [corpus.object(700 + night % 2, second: second, title: "\(night)")],
                    covered: nil)
                // A whole list: what is not shown is gone.
                let users = (1...6).filter { night == 0 || ($0 + night) % 4 != 0 }
                let title = night < 4 ? "a title" : "another"
                try corpus.put(
                    store, corpus.users, 0, users.map { corpus.object($0, second: nil, title: title) },
                    covered: 0..<Int64(1000 * (night + 1)))
                try corpus.put(
                    store, dealFields, 0, [corpus.object(1, second: nil, title: "field \(night)")], covered: nil)
                try corpus.put(
                    store, corpus.dealProducts, 0,
                    [#"{"id":1,"deal_id":\#(20 + night % 2),"quantity":\#(night)}"#], covered: nil)
            }
        }
        corpus.clock.advance(milliseconds: 32 * 86_400_000)
    }

    // MARK: What must be left

    /// A line of a snapshot as anybody would read it.
    private struct Seen {
        var text: String
        var record: String
        var seq: Int
        /// From when on it counts, and when it was here.
        var counts: Instant
        var answered: Instant

        init?(_ text: String, stream: String) throws {
            func found(_ member: String) -> String? {
                text.split(separator: "\"\(member)\":\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
            }
            let id = try #require(text.firstMatch(of: /"id":(\d+)/)?.1)
            (self.text, record, seq) = (text, "\(stream) \(id)", try #require(Line.seq(text)))
            answered = try #require(found("_fetched_at").flatMap { Instant($0) })
            let time = text.hasPrefix(#"{"_op":"upsert""#) ? found("update_time").flatMap { Instant($0) } : nil
            counts = time ?? answered
        }
    }

    /// Of every record its last version that counted and was here at the horizon, and all that came after it.
    private func expected(_ corpus: RebuildCorpus, keepDays: Int64, stream: String? = nil) throws -> [String] {
        let horizon = corpus.pruneOptions(keepDays: keepDays).horizon
        var records: [String: [Seen]] = [:]
        for path in try corpus.snapshots {
            let name = try #require(path.firstMatch(of: /stream=([a-z_]+)/).map { String($0.1) })
            let text = try #require(Gzip.onlyMember(try corpus.bytes(corpus.folders.absolute(path))))
            for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                if let seen = try Seen(String(line), stream: name) { records[seen.record, default: []].append(seen) }
            }
        }
        let left = records.values.flatMap { versions in
            let versions = versions.sorted { $0.seq < $1.seq }
            let settled = versions.lastIndex { $0.counts <= horizon && $0.answered <= horizon } ?? 0
            let isKept = versions[0].record.hasPrefix("deal_fields") || !versions[0].record.hasPrefix(stream ?? "")
            return isKept ? versions : Array(versions[settled...])
        }
        return left.sorted { $0.seq < $1.seq }.map(\.text)
    }

    @Test(arguments: [0, 33, 36, 38, 41])
    func whatIsSupersededGoes(keepDays: Int64) throws {
        let (before, untouched) = (try corpus.lines(), try corpus.rows(Self.untouched))
        let expected = try expected(corpus, keepDays: keepDays)
        let told = try Vault.surveyPruning(
            corpus.pruneOptions(keepDays: keepDays), index: try Index(reading: corpus.folders.index),
            folders: corpus.folders)
        #expect(try corpus.lines() == before)
        let done = try corpus.prune(keepDays: keepDays)
        #expect(try corpus.lines() == expected)
        #expect(before.count - expected.count == done.versions)
        #expect(told.versions == done.versions && told.files == done.files)
        #expect(told.streams.map(\.stream) == done.streams.map(\.stream))
        #expect(done.versions > 0 || keepDays == 41)
        #expect(done.freedBytes > 0 || keepDays == 41)
        #expect(try corpus.rows(Self.untouched) == untouched)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func aSecondTimeChangesNothing() throws {
        try corpus.prune(keepDays: Self.keepDays)
        let (rows, paths) = (try corpus.rows(RebuildCorpus.views + [RebuildCorpus.books]), try corpus.snapshots)
        #expect(try corpus.prune(keepDays: Self.keepDays).versions == 0)
        #expect(try corpus.prune(keepDays: Self.keepDays + 3).versions == 0)
        #expect(try corpus.snapshots == paths)
        #expect(try corpus.rows(RebuildCorpus.views + [RebuildCorpus.books]) == rows)
    }

    @Test func oneStreamAlone() throws {
        let expected = try expected(corpus, keepDays: Self.keepDays, stream: "users")
        #expect(try corpus.prune(keepDays: Self.keepDays, stream: "users").streams.map(\.stream) == ["users"])
        #expect(try corpus.lines() == expected)
    }

    // MARK: Moments

    private func state(_ corpus: RebuildCorpus, _ stream: String, at moment: Instant?) async throws -> [UInt8] {
        let reader = try StateReader(
            index: try Index(reading: corpus.folders.index), folders: corpus.folders, disk: corpus.disk,
            stream: stream, at: moment)
        var lines: [UInt8] = []
        try await reader.read { lines += $0.lines }
        return lines
    }

    /// From the horizon on each moment is as it was; earlier ones are refused, by pruned streams alone.
    @Test func momentsFromTheHorizonOnAreAsTheyWere() async throws {
        let horizon = corpus.pruneOptions(keepDays: Self.keepDays).horizon
        let moments = (0...20).map { horizon + Int64($0) * 40_000 }
        var before: [[UInt8]] = []
        for moment in moments { before.append(try await state(corpus, "deals", at: moment)) }
        let users = try await state(corpus, "users", at: horizon)
        let fields = try await state(corpus, "deal_fields", at: horizon - 86_400)
        #expect(Set(before).count > 3)
        try corpus.prune(keepDays: Self.keepDays)
        for (moment, before) in zip(moments, before) {
            #expect(try await state(corpus, "deals", at: moment) == before, "\(moment)")
        }
        #expect(try await state(corpus, "users", at: horizon) == users)
        #expect(try await state(corpus, "deal_fields", at: horizon - 86_400) == fields)
        await #expect {
            try await state(corpus, "deals", at: horizon - 1)
        } throws: { error in
            let stop = error as? Stop
            return stop?.code == .notInIndex && stop?.reason.contains("\(horizon)") == true
        }
        _ = try corpus.rebuild()
        await #expect(throws: Stop.self) { try await state(corpus, "deals", at: horizon - 1) }
        #expect(try Index(reading: corpus.folders.index).prunedBefore()["deals"] == horizon)
    }

    /// Readers that began before go on.
    @Test func whatWasReadBeforeIsReadAfterwards() async throws {
        let reader = try StateReader(
            index: try Index(reading: corpus.folders.index), folders: corpus.folders, disk: corpus.disk,
            stream: "deals", at: nil)
        try corpus.prune(keepDays: Self.keepDays)
        var lines: [UInt8] = []
        try await reader.read { lines += $0.lines }
        #expect(try await state(corpus, "deals", at: nil) == lines)
    }

    // MARK: The books

    @Test func theIndexIsMadeAnew() throws {
        try corpus.prune(keepDays: Self.keepDays)
        let places = "(SELECT first_seq, last_seq, start, length, answered_ms / 1000 FROM blocks)"
        let parents = "(SELECT s.name, c.id, c.parent FROM child_parents c JOIN stream_names s ON s.id = c.stream)"
        let tables = RebuildCorpus.views + [places, parents, RebuildCorpus.books]
        let before = try corpus.rows(tables)
        _ = try corpus.rebuild()
        #expect(try corpus.rows(tables) == before)
        try corpus.removeIndex()
        try corpus.vault(corpus.recovery).close()
        for view in tables where !["runs", "token_spend"].contains(view) {
            #expect(try corpus.rows([view])[view] == before[view], "\(view)")
        }
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func theBooksSayWhatWent() throws {
        let report = try corpus.prune(keepDays: Self.keepDays)
        let horizon = corpus.pruneOptions(keepDays: Self.keepDays).horizon
        let runs = try corpus.folders.manifestRuns(on: corpus.disk)
        let manifests = try runs.map { try Manifest(run: $0, folders: corpus.folders, disk: corpus.disk) }
        let books = manifests.flatMap { $0.rewritten ?? [] }
        #expect(books.reduce(0) { $0 + $1.pruned } == report.versions)
        #expect(Set(books.map(\.prunedBefore)) == ["\(horizon)"])
        #expect(!books.contains { $0.stream == "deal_fields" })
        // One manifest tells of another moment.
        let place = try #require(manifests.firstIndex { $0.rewritten != nil })
        var manifest = manifests[place]
        manifest.rewritten?[0].prunedBefore = "\(horizon - 86_400)"
        try corpus.replace(corpus.folders.manifest(run: manifest.run), with: manifest.bytes())
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("rewritten") })
        manifest.rewritten?[0].prunedBefore = nil
        try corpus.replace(corpus.folders.manifest(run: manifest.run), with: manifest.bytes())
        #expect(try corpus.verify().disagreements.contains { $0.what.contains("what cannot be") })
    }

    /// A row of the index that says otherwise than the line, or a page that does, is no reason to remove anything.
    @Test(arguments: [
        "UPDATE history SET hash = hash + 1", "UPDATE history SET op = 1 - op", "UPDATE blocks SET answered_ms = 1",
    ])
    func damageStopsIt(sql: String) throws {
        try corpus.behindItsBack { try $0.execute(sql: sql) }
        let lines = try corpus.lines()
        #expect { try corpus.prune(keepDays: Self.keepDays) } throws: { ($0 as? Stop)?.code == .badData }
        #expect(try corpus.lines() == lines)
        _ = try corpus.rebuild()
        try corpus.prune(keepDays: Self.keepDays)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func aDamagedFileIsNotPruned() throws {
        for path in try corpus.snapshots where path.contains("stream=deals") {
            let copy = try corpus.copy()
            var bytes = try copy.bytes(copy.folders.absolute(path))
            bytes[bytes.count / 2] ^= 1
            try copy.replace(copy.folders.absolute(path), with: bytes)
            do {
                try copy.prune(keepDays: 0)
            } catch let stop as Stop {
                #expect(stop.code == .badData && stop.reason.contains(path), "\(stop)")
            }
            #expect(try copy.bytes(copy.folders.absolute(path)) == bytes, "it lies where it lay")
        }
    }

    // MARK: With other commands

    @Test func runsGoOn() throws {
        try corpus.prune(keepDays: 0)
        let greatest = try #require(try corpus.lines().compactMap(Line.seq).max())
        try corpus.night { store in
            let second = Int(corpus.now.seconds)
            let page = try corpus.put(
                store, corpus.deals, 0, [corpus.object(700, second: second, title: "new")], covered: nil)
            #expect(page.versions.map(\.seq) == [Int64(greatest) + 1])
        }
        #expect(try corpus.verify().disagreements == [])
        corpus.clock.advance(milliseconds: 2 * 86_400_000)
        #expect(try corpus.prune(keepDays: 0).versions == 1)
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func mergedFilesArePrunedAndPrunedOnesMerged() throws {
        let expected = try expected(corpus, keepDays: Self.keepDays)
        let other = try corpus.copy()
        _ = try corpus.compact()
        try corpus.prune(keepDays: Self.keepDays)
        try other.prune(keepDays: Self.keepDays)
        _ = try other.compact()
        for corpus in [corpus, other] {
            #expect(try corpus.lines() == expected)
            #expect(try corpus.verify().disagreements == [])
            let rows = try corpus.rows(["files", "records", "versions", RebuildCorpus.books])
            _ = try corpus.rebuild()
            #expect(try corpus.rows(["files", "records", "versions", RebuildCorpus.books]) == rows)
        }
        #expect(try corpus.rows([RebuildCorpus.versions]) == other.rows([RebuildCorpus.versions]))
    }

    /// A merged file whose newest run loses every line goes to the run before it.
    @Test func aMergedFileThatLosesItsEndGoesToAnEarlierRun() throws {
        let corpus = try Self.smallCorpus()
        let runs = try corpus.folders.manifestRuns(on: corpus.disk)
        try corpus.prune(keepDays: Self.smallKeepDays)
        let snapshots = try corpus.snapshots
        #expect(snapshots.first?.hasSuffix("dt=2026-11-23/\(runs[0])-0002.ndjson.gz") == true)
        #expect(snapshots.dropFirst().map { String($0.suffix(31)) } == runs[3...].map { "\($0)-0001.ndjson.gz" })
        #expect(try corpus.verify().disagreements == [])
        let books = try corpus.rows([RebuildCorpus.books])
        _ = try corpus.rebuild()
        #expect(try corpus.rows([RebuildCorpus.books]) == books)
        #expect(books[RebuildCorpus.books]?.count == 3)
        // One a run that lost all of its lines; its manifest still tells of it.
        let told = try Manifest(run: runs[2], folders: corpus.folders, disk: corpus.disk)
        #expect(told.files.isEmpty && told.rewritten?.first?.pruned == 4)
    }

    // MARK: Kills

    /// A merged file whose newer run loses all of its lines, a file that goes altogether, and one that stays.
    private static func smallCorpus() throws -> RebuildCorpus {
        let corpus = RebuildCorpus()
        for (night, ids) in [1...9, 1...2, 1...4, 1...4, 1...3].enumerated() {
            if night == 2 { try corpus.compactLater() }
            try corpus.night { store in
                let second = Int(corpus.now.seconds)
                try corpus.put(
                    store, corpus.deals, 0, ids.map { corpus.object($0, second: second, title: "\(night)") },
                    covered: nil)
            }
        }
        corpus.clock.advance(milliseconds: 40 * 86_400_000)
        return corpus
    }

    private static let smallKeepDays: Int64 = 41

    /// Killed at every effect, or cut from its power there. At no instant does a listing miss a version that stays;
    /// called again, it ends as if nothing had been.
    @Test(arguments: [false, true]) func killedAtEveryEffect(isPowerLost: Bool) throws {
        let corpus = try Self.smallCorpus()
        let before = Set(try corpus.lines())
        let left = try expected(corpus, keepDays: Self.smallKeepDays)
        let whole = try corpus.copy()
        let report = try whole.prune(keepDays: Self.smallKeepDays)
        #expect(report.versions == 10 && report.files == 2)
        #expect(try whole.snapshots.count == corpus.snapshots.count - 1)
        let tables = ["files", "versions", RebuildCorpus.books]
        let expected = try whole.rows(tables)
        try corpus.killedAtEveryEffect(isPowerLost: isPowerLost) { copy, disk in
            try copy.prune(disk, keepDays: Self.smallKeepDays)
        } atOnce: { copy, label in
            let seen = Set(try copy.lines())
            #expect(seen.isSubset(of: before), label)
            #expect(Set(left).isSubset(of: seen), label)
        } afterwards: { copy, effect, label in
            let seen = Set(try copy.lines())
            #expect(Set(left).isSubset(of: seen), label)
            guard effect.isMultiple(of: 3) else { return }
            try copy.prune(keepDays: Self.smallKeepDays)
            #expect(try copy.lines() == left, label)
            #expect(try copy.rows(tables) == expected, label)
            #expect(try copy.verify().disagreements == [], label)
        }
    }

    /// A disk that refuses is told of, and the next try ends well.
    @Test func refusedAtEveryEffect() throws {
        let corpus = try Self.smallCorpus()
        let left = try expected(corpus, keepDays: Self.smallKeepDays)
        let watched = FailingDisk(LocalDisk())
        try corpus.copy().prune(watched, keepDays: Self.smallKeepDays)
        for effect in stride(from: 0, to: watched.effects, by: 3) {
            let copy = try corpus.copy()
            let disk = FailingDisk(LocalDisk(), effect.isMultiple(of: 2) ? .noSpace : .inputOutputError, at: effect)
            #expect { try copy.prune(disk, keepDays: Self.smallKeepDays) } throws: {
                [.cannotWriteOutput, .cannotCreateOutput].contains(($0 as? Stop)?.code)
            }
            try copy.prune(keepDays: Self.smallKeepDays)
            #expect(try copy.lines() == left, "refused at \(effect)")
            #expect(try copy.verify().disagreements == [], "refused at \(effect)")
        }
    }
}

extension RebuildCorpus {
    /// As if the month were over; then the clock stands where it stood.
    fileprivate func compactLater() throws {
        let now = clock.nowMilliseconds
        clock.advance(milliseconds: 40 * 86_400_000)
        #expect(try compact().merged.map(\.replaced.count) == [2])
        clock.set(milliseconds: now)
    }
}
