import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// A stream as it stands and as it stood, against the same question asked of the published lines in plain words.
/// Cannot see whether the command writes it well.
@Suite struct StateReaderTests {
    private static func export(_ account: TestAccount, _ stream: String = "deals", at moment: String? = nil)
        async throws -> [String]
    {
        let reader = try StateReader(
            index: try account.index(), folders: account.folders, disk: LocalDisk(), stream: stream,
            at: moment.flatMap { Instant($0) })
        var bytes: [UInt8] = []
        try await reader.read { bytes += $0.lines }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.count == reader.recordCount)
        return lines
    }

    /// Three nights of edits, deletions and returns, many to a page.
    private static func nights(_ account: TestAccount, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for night in 0..<3 {
            let vault = try account.vault()
            let store = try vault.beginRun()
            for page in 0..<6 {
                let shown = Set((0..<20).map { _ in Int64.random(in: 0..<60, using: &random) }).sorted().map { id in
                    Shown(
                        id, "2026-11-2\(night)T10:0\(page):00Z", "v\(night)-\(page)",
                        isDeleted: Int.random(in: 0..<4, using: &random) == 0)
                }
                try store.put(shown, of: Streams.deals, PageNews(answered: Int64(night * 86_400_000 + page * 1000)))
                if page == 3 { try store.publish(filesOver: 0) }
            }
            try store.endComplete()
            vault.close()
            account.clock.advance(milliseconds: 86_400_000)
        }
    }

    /// The contract's own words, over all published lines.
    private static func expected(_ account: TestAccount, at moment: String? = nil) throws -> [String] {
        var newest: [String: String] = [:]
        for line in try account.lines() {
            let time = line.firstMatch(of: /"update_time":"([^"]*)"/).map { String($0.1) } ?? ""
            let fetched = line.firstMatch(of: /"_fetched_at":"([^"]*)"/).map { String($0.1) } ?? ""
            let isDelete = line.hasPrefix(#"{"_op":"delete""#)
            if let moment, (isDelete ? fetched : time) > moment { continue }
            newest[line.firstMatch(of: /"id":(\d+)/).map { String($0.1) } ?? "", default: ""] = line
        }
        return newest.values.filter { $0.hasPrefix(#"{"_op":"upsert""#) }
            .sorted { (Line.seq($0) ?? 0) < (Line.seq($1) ?? 0) }
            .map { "{" + $0.replacing(/^.*"_fetched_at":"[^"]*",/, with: "") }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func isTheNewestVersionOfEveryRecordThatIsThere(seed: UInt64) async throws {
        let account = try TestAccount()
        try Self.nights(account, seed: seed)
        let now = try await Self.export(account)
        #expect(try now == Self.expected(account))
        #expect(!now.isEmpty && now.allSatisfy { $0.hasPrefix(#"{"id":"#) })
        for moment in ["2026-11-20T10:02:30Z", "2026-11-21T10:00:00Z", "2026-11-24T02:00:04Z", "2026-11-27T00:00:00Z"] {
            #expect(try await Self.export(account, at: moment) == Self.expected(account, at: moment), "at \(moment)")
        }
        #expect(try await Self.export(account, at: "2020-01-01T00:00:00Z").isEmpty)
    }

    @Test func seesWhatARunUnderWayHasCommitted() async throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1, "2026-11-22T10:00:00Z"), Shown(2)])
        #expect(try await Self.export(account).count == 2)
        #expect(try await Self.export(account, "persons").isEmpty)
    }

    /// What has no update time stands from the moment it was fetched.
    @Test func whatHasNoUpdateTime() async throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(2)], of: Streams.deals, PageNews(answered: 7000))
        #expect(try await Self.export(account, at: "2026-11-23T02:00:06Z").isEmpty)
        #expect(try await Self.export(account, at: "2026-11-23T02:00:07Z").count == 1)
    }

    @Test func aFileIsOneGzipMemberAndAppearsAtOnce() async throws {
        let account = try TestAccount()
        try Self.nights(account, seed: 9)
        let path = account.folder("deals.ndjson.gz")
        let reader = try StateReader(
            index: try account.index(), folders: account.folders, disk: LocalDisk(), stream: "deals", at: nil)
        let file = try ExportFile(path: path, disk: LocalDisk())
        try await reader.read(deflating: file.level) { try file.add($0) }
        #expect(try LocalDisk().size(path) == nil)
        try file.publish()
        let bytes = try LocalDisk().read(path, offset: 0, count: 1 << 20)
        let text = try #require(Gzip.onlyMember(bytes))
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(try await Self.export(account) == lines)
    }

    @Test func damageIsSaid() async throws {
        let account = try TestAccount()
        try Self.nights(account, seed: 5)
        // The last file: what stands in the first may be nothing.
        try LocalDisk().remove(account.output + "/" + (try #require(account.snapshots.last)))
        let stop = await #expect(throws: Stop.self) { try await Self.export(account) }
        #expect(stop?.code == .badData)
    }

    /// A short export would pass for a whole one.
    @Test func notALineComesOutOfADamagedFile() async throws {
        let account = try TestAccount()
        try Self.nights(account, seed: 5)
        let path = account.output + "/" + (try #require(account.snapshots.last))
        let whole = try LocalDisk().read(path, offset: 0, count: 1 << 20)
        var damaged = whole.indices.map { place in
            var bytes = whole
            bytes[place] ^= 0x10
            return bytes
        }
        damaged += [Array(whole.dropLast()), whole + [0], []]
        for bytes in damaged {
            try LocalDisk().remove(path)
            try LocalDisk().append(bytes, to: path)
            let reader = try StateReader(
                index: try account.index(), folders: account.folders, disk: LocalDisk(), stream: "deals", at: nil)
            var lines = 0
            let stop = await #expect(throws: Stop.self) { try await reader.read { _ in lines += 1 } }
            #expect(stop?.code == .badData && lines == 0)
        }
    }
}
