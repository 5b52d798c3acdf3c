import Crypto
import Foundation
import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Files, manifest and views of runs that end well. Cannot see what a crash leaves; CrashTests does.
@Suite struct SnapshotTests {
    /// Two runs over two streams, with a deletion, a fraction and a rolled file.
    private static func twoRuns() throws -> TestAccount {
        let account = try TestAccount()
        let vault = try account.vault()
        let first = try vault.beginRun()
        let news = PageNews(covered: span("2026-11-01T00:00:00Z", "2026-11-23T01:58:00Z"))
        var allowance = Tokens.allowance()
        allowance.reserve(10)
        let reservations = [Reservation(stream: "deals", tokens: 10), Reservation(stream: "persons", tokens: 10)]
        try first.reserve(reservations, allowance: allowance)
        try first.reserve([Reservation(stream: "deals", tokens: 10)], allowance: allowance)
        try first.put([Shown(1, "2026-11-20T10:00:00.250Z", "a"), Shown(2, "2026-11-21T10:00:00Z", "b")], PageNews())
        try first.publish(filesOver: 1)
        try first.put([Shown(2, "2026-11-21T11:00:00Z", "c", isDeleted: true), Shown(3, nil, "d")], news)
        var archived = news
        archived.list = 1
        try first.put([], archived)
        try first.put([Shown(key: .text("p-1"), text: #"{"id":"p-1"}"#)], of: Streams.persons)
        try first.endComplete()
        account.clock.advance(milliseconds: 24 * 3600 * 1000)
        let second = try vault.beginRun()
        try second.reserve([Reservation(stream: "deals", tokens: 10)], allowance: Tokens.allowance(day: "2026-11-24"))
        try second.put([Shown(1, "2026-11-23T10:00:00Z", "e")], PageNews(answered: 24 * 3600 * 1000))
        try second.end(outcome: .paused, exitCode: 75)
        vault.close()
        return account
    }

    @Test func rollsFiles() throws {
        let account = try Self.twoRuns()
        let folder = "snapshots/account=acme/stream="
        #expect(
            account.snapshots == [
                "\(folder)deals/dt=2026-11-23/20261123T020000Z-0001.ndjson.gz",
                "\(folder)deals/dt=2026-11-23/20261123T020000Z-0002.ndjson.gz",
                "\(folder)deals/dt=2026-11-24/20261124T020000Z-0001.ndjson.gz",
                "\(folder)persons/dt=2026-11-23/20261123T020000Z-0001.ndjson.gz",
            ])
        #expect(try account.lines().compactMap(Line.seq) == [1, 2, 3, 4, 5, 6])
        #expect(account.paths(below: "staging").isEmpty)
    }

    @Test func theManifest() throws {
        let account = try Self.twoRuns()
        let manifest = try account.manifest("20261123T020000Z")
        #expect(manifest.format == 1 && manifest.account == "acme" && manifest.run == "20261123T020000Z")
        #expect(manifest.startedAt == "2026-11-23T02:00:00Z" && manifest.endedAt == "2026-11-23T02:00:00Z")
        #expect(manifest.outcome == .complete && manifest.exitCode == 0)
        #expect(
            manifest.coverage == [
                .init(stream: "deals", since: "2026-11-01T00:00:00Z", until: "2026-11-23T01:58:00Z")
            ])
        #expect(manifest.tokens.spent == 30 && manifest.tokens.byStream == ["deals": 20, "persons": 10])
        #expect(
            manifest.tokens.byDay == [
                "2026-11-23": ["deals": .init(requests: 2, tokens: 20), "persons": .init(requests: 1, tokens: 10)]
            ])
        #expect(manifest.files.map(\.stream) == ["deals", "deals", "persons"])
        #expect(manifest.files.map(\.records) == [2, 2, 1] && manifest.files.map(\.deletes) == [0, 1, 0])
        #expect(manifest.files.map(\.firstSeq) == [1, 3, 5] && manifest.files.map(\.lastSeq) == [2, 4, 5])
        #expect(
            manifest.files.map(\.minUpdateTime) == ["2026-11-20T10:00:00.250Z", "2026-11-21T11:00:00Z", nil])
        #expect(manifest.files.map(\.maxUpdateTime) == ["2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z", nil])
        let second = try account.manifest("20261124T020000Z")
        #expect(second.outcome == .paused && second.exitCode == 75 && second.coverage.isEmpty)
        for file in manifest.files + second.files {
            let bytes = try account.bytes(file.path)
            #expect(file.bytes == Int64(bytes.count))
            #expect(file.sha256 == SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined())
            #expect(file.uncompressedBytes == Int64(Gzip.onlyMember(bytes)?.count ?? -1))
        }
    }

    /// A loader finds every member in its place, also those that are null.
    @Test func theManifestsMembers() throws {
        let account = try Self.twoRuns()
        let data = try Data(account.bytes("manifests/account=acme/20261123T020000Z.json"))
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "format", "account", "run", "started_at", "ended_at", "outcome", "exit_code", "files", "coverage",
                "tokens", "check",
            ])
        let files = try #require(object["files"] as? [[String: Any]])
        for file in files {
            #expect(
                Set(file.keys) == [
                    "path", "stream", "records", "deletes", "bytes", "uncompressed_bytes", "sha256", "first_seq",
                    "last_seq", "min_update_time", "max_update_time",
                ])
        }
        #expect(files.last?["min_update_time"] is NSNull)
        #expect((object["tokens"] as? [String: Any])?.keys.sorted() == ["by_day", "by_stream", "spent"])
    }

    @Test func theViews() throws {
        let account = try Self.twoRuns()
        let columns = [
            "runs": "run, started_at, ended_at, outcome, exit_code, tokens_spent, records, deletes",
            "files": "path, stream, dt, run, records, deletes, bytes, uncompressed_bytes, sha256, first_seq, last_seq",
            "records": "stream, id, op, seq, update_time, file, run",
            "versions": "stream, id, op, seq, update_time, file, run",
            "coverage": "stream, since, until", "token_spend": "budget_day, run, stream, requests, tokens",
        ]
        for (view, names) in columns { #expect(try account.columns(of: view).joined(separator: ", ") == names) }
        let (one, two) = ("20261123T020000Z", "20261124T020000Z")
        #expect(
            try account.rows("SELECT * FROM runs ORDER BY run") == [
                "\(one)|2026-11-23T02:00:00Z|2026-11-23T02:00:00Z|complete|0|30|5|1",
                "\(two)|2026-11-24T02:00:00Z|2026-11-24T02:00:00Z|paused|75|10|1|0",
            ])
        func file(_ stream: String, _ run: String, _ number: Int) -> String {
            let day = run == one ? "2026-11-23" : "2026-11-24"
            return "snapshots/account=acme/stream=\(stream)/dt=\(day)/\(run)-000\(number).ndjson.gz"
        }
        let heads = [
            "deals|2|delete|3|2026-11-21T11:00:00Z|\(file("deals", one, 2))|\(one)",
            "deals|3|upsert|4|null|\(file("deals", one, 2))|\(one)",
            "persons|p-1|upsert|5|null|\(file("persons", one, 1))|\(one)",
            "deals|1|upsert|6|2026-11-23T10:00:00Z|\(file("deals", two, 1))|\(two)",
        ]
        #expect(try account.rows("SELECT * FROM records ORDER BY seq") == heads)
        #expect(
            try account.rows("SELECT * FROM versions ORDER BY seq") == [
                "deals|1|upsert|1|2026-11-20T10:00:00.250Z|\(file("deals", one, 1))|\(one)",
                "deals|2|upsert|2|2026-11-21T10:00:00Z|\(file("deals", one, 1))|\(one)",
            ] + heads)
        #expect(try account.rows("SELECT DISTINCT typeof(id) FROM versions") == ["text"])
        #expect(try account.rows("SELECT * FROM coverage") == ["deals|2026-11-01T00:00:00Z|2026-11-23T01:58:00Z"])
        #expect(
            try account.rows("SELECT * FROM token_spend ORDER BY budget_day, stream") == [
                "2026-11-23|\(one)|deals|2|20", "2026-11-23|\(one)|persons|1|10", "2026-11-24|\(two)|deals|1|10",
            ])
        let listed = try account.rows("SELECT path, stream, dt, run, records, deletes, sha256 FROM files ORDER BY path")
        let manifests = [try account.manifest(one), try account.manifest(two)]
        let said = manifests.flatMap { manifest in
            manifest.files.map { file in
                let day = manifest.startedAt.prefix(10)
                return
                    "\(file.path)|\(file.stream)|\(day)|\(manifest.run)|\(file.records)|\(file.deletes)|\(file.sha256)"
            }
        }
        #expect(listed == said.sorted())
    }

    /// An interval of a stream is covered when all its lists are; the merged intervals have no seams.
    @Test func coverageNeedsEveryList() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let parts = [
            (0, "2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z"), (0, "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z"),
            (1, "2026-11-05T00:00:00Z", "2026-11-25T00:00:00Z"), (1, "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"),
        ]
        for (list, since, until) in parts { try store.put([], PageNews(list: list, covered: span(since, until))) }
        #expect(try account.rows("SELECT * FROM coverage") == ["deals|2026-11-05T00:00:00Z|2026-11-20T00:00:00Z"])
        #expect(store.coverage()["deals"]?.intervals.count == 1)
        #expect(store.coverage()["deals/archived"]?.intervals.count == 2)
        try store.endComplete()
        #expect(try account.manifest(store.name).coverage.map(\.until) == ["2026-11-20T00:00:00Z"])
    }

    @Test func aRunWithNothingLeavesNothing() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.reserve([Reservation(stream: "deals", tokens: 10)], allowance: Tokens.allowance())
        try store.put([])
        try store.endComplete()
        #expect(account.snapshots.isEmpty && account.paths(below: "manifests").isEmpty)
        #expect(try account.rows("SELECT tokens_spent, records FROM runs") == ["10|0"])
    }

    /// Readers see nothing before the one rename.
    @Test func nothingHalfDoneIsVisible() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1)])
        #expect(account.snapshots.isEmpty && account.paths(below: "staging").count == 1)
        #expect(try account.rows("SELECT count(*) FROM files") == ["0"])
        #expect(try account.rows("SELECT id FROM records") == ["1"])
        try store.publish(filesOver: 1_000_000)
        #expect(account.snapshots.isEmpty)
        try store.publish(filesOver: 1)
        #expect(account.snapshots.count == 1 && account.paths(below: "staging").isEmpty)
        #expect(account.paths(below: "manifests").isEmpty, "the manifest comes last")
        try store.endComplete()
        #expect(account.paths(below: "manifests").count == 1)
    }
}
