import Foundation
import GRDB
import Planning

/// What a run committed, written last and atomically: with the files it is enough to make the index anew.
struct Manifest: Codable, Hashable {
    static let currentFormat = 1

    var format = Manifest.currentFormat
    var account: String
    var run: String
    var startedAt: String
    var endedAt: String
    var outcome: Outcome
    var exitCode: Int32?
    var files: [File]
    var coverage: [Span]
    var tokens: Tokens
    /// One a stream of which any file of the run was rewritten; nil where none was.
    var rewritten: [RewrittenStream]?

    struct File: Codable, Hashable {
        var path: String
        var stream: String
        var records: Int
        var deletes: Int
        var bytes: Int64
        var uncompressedBytes: Int64
        var sha256: String
        var firstSeq: Int64
        var lastSeq: Int64
        var minUpdateTime: String?
        var maxUpdateTime: String?
        /// Which runs a merged file has lines of, oldest first, its own last; nil for a file of its own run alone.
        var runs: [RunShare]?

        enum CodingKeys: String, CodingKey {
            case path, stream, records, deletes, bytes, sha256, runs
            case uncompressedBytes = "uncompressed_bytes"
            case firstSeq = "first_seq"
            case lastSeq = "last_seq"
            case minUpdateTime = "min_update_time"
            case maxUpdateTime = "max_update_time"
        }
    }

    /// A half-open interval of update time that the run finished.
    struct Span: Codable, Hashable {
        var stream: String
        var since: String
        var until: String
    }

    struct Tokens: Codable, Hashable {
        var spent = 0
        var byStream: [String: Int] = [:]
        var byDay: [String: [String: Spent]] = [:]

        struct Spent: Codable, Hashable {
            var requests: Int
            var tokens: Int
        }

        enum CodingKeys: String, CodingKey {
            case spent
            case byStream = "by_stream"
            case byDay = "by_day"
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case format, account, run, outcome, files, coverage, tokens, rewritten
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case exitCode = "exit_code"
    }

    /// Every member is written, also those that are null: a loader should not have to guess.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(format, forKey: .format)
        try container.encode(account, forKey: .account)
        try container.encode(run, forKey: .run)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(endedAt, forKey: .endedAt)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(exitCode, forKey: .exitCode)
        try container.encode(files, forKey: .files)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(tokens, forKey: .tokens)
        try container.encodeIfPresent(rewritten, forKey: .rewritten)
    }

    /// Something was committed; a run without it leaves no manifest.
    var isWorthWriting: Bool { !files.isEmpty || !coverage.isEmpty || rewritten != nil }

    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try ManifestCheck.added(to: Array(encoder.encode(self)))
    }
}

extension Manifest {
    init(account: String, run: RunRow, endedAt: Instant, outcome: Outcome, exitCode: Int32?, index: Index) throws {
        self.init(
            account: account, run: run.name, startedAt: run.startedAt.description, endedAt: endedAt.description,
            outcome: outcome, exitCode: exitCode, files: try index.files(of: run.id).compactMap(File.init),
            coverage: try index.spans(of: run), tokens: try index.tokens(of: run))
        remember(try index.runBooks(of: run.name).map(\.told))
    }
}

extension Manifest.File {
    /// Nil for a file that is not sealed.
    init?(_ row: FileRow) {
        guard let sha256 = row.sha256, let first = row.firstSeq, let last = row.lastSeq else { return nil }
        self.init(
            path: row.path, stream: row.stream, records: row.records, deletes: row.deletes, bytes: row.bytes,
            uncompressedBytes: row.uncompressedBytes, sha256: sha256, firstSeq: first, lastSeq: last,
            minUpdateTime: row.minUpdateTime?.description, maxUpdateTime: row.maxUpdateTime?.description,
            runs: row.runs)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(stream, forKey: .stream)
        try container.encode(records, forKey: .records)
        try container.encode(deletes, forKey: .deletes)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(uncompressedBytes, forKey: .uncompressedBytes)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(firstSeq, forKey: .firstSeq)
        try container.encode(lastSeq, forKey: .lastSeq)
        try container.encode(minUpdateTime, forKey: .minUpdateTime)
        try container.encode(maxUpdateTime, forKey: .maxUpdateTime)
        try container.encodeIfPresent(runs, forKey: .runs)
    }
}

extension Index {
    fileprivate func spans(of run: RunRow) throws -> [Manifest.Span] {
        try read { db in
            var merged: [String: Coverage] = [:]
            let rows = try Row.fetchAll(
                db, sql: "SELECT stream, since, until FROM run_coverage WHERE run = ?", arguments: [run.id])
            for row in rows {
                let interval = Interval(since: Instant(seconds: row[1]), until: Instant(seconds: row[2]))
                if let interval { merged[row[0], default: Coverage()].add(interval) }
            }
            return merged.sorted { $0.key < $1.key }.flatMap { stream, coverage in
                coverage.intervals.map {
                    Manifest.Span(stream: stream, since: $0.since.description, until: $0.until.description)
                }
            }
        }
    }

    fileprivate func tokens(of run: RunRow) throws -> Manifest.Tokens {
        try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT day, stream, requests, tokens FROM spend WHERE run = ?", arguments: [run.name])
            return rows.reduce(into: Manifest.Tokens()) { sum, row in
                let (day, stream, tokens): (String, String, Int) = (row["day"], row["stream"], row["tokens"])
                sum.spent += tokens
                sum.byStream[stream, default: 0] += tokens
                sum.byDay[day, default: [:]][stream] = Manifest.Tokens.Spent(requests: row["requests"], tokens: tokens)
            }
        }
    }
}
