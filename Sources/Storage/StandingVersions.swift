import GRDB
import Planning

/// Which versions of one stream stand at a moment: for every record that is there the number of its newest version.
/// One bit a number of the account, so ten million versions take little more than a megabyte.
struct StandingVersions: Sendable {
    private var words: [UInt64] = []
    private var first: Int64 = 0
    private(set) var count = 0

    init() {}

    /// - Parameter numbers: the least and the greatest number that can be added.
    init(numbers: ClosedRange<Int64>) {
        first = numbers.lowerBound
        words = Array(repeating: 0, count: Int((numbers.upperBound - numbers.lowerBound) / 64) + 1)
    }

    mutating func add(_ seq: Int64) {
        words[Int((seq - first) / 64)] |= 1 << UInt64((seq - first) % 64)
        count += 1
    }

    func contains(_ seq: Int64) -> Bool {
        let place = Int((seq - first) / 64)
        return seq >= first && place < words.count && words[place] & (1 << UInt64((seq - first) % 64)) != 0
    }

    func count(in numbers: ClosedRange<Int64>) -> Int { numbers.count { contains($0) } }
}

extension StandingVersions {
    /// - Parameter moment: nil for now. Otherwise the newest version of a record counts whose update time is not
    ///   later than the moment; tombstones, and versions that have no update time, count by the time of the answer
    ///   that brought them.
    init(stream: Int64, at moment: Instant?, in db: Database) throws {
        let bounds = try Row.fetchOne(
            db, sql: "SELECT min(first_seq), max(last_seq) FROM file_log WHERE stream = ?", arguments: [stream])
        guard let least: Int64 = bounds?[0], let greatest: Int64 = bounds?[1] else {
            self.init()
            return
        }
        self.init(numbers: least...greatest)
        if let moment {
            try addStanding(at: moment, of: stream, in: db)
        } else {
            try addNewest(of: stream, in: db)
        }
    }

    private mutating func addStanding(at moment: Instant, of stream: Int64, in db: Database) throws {
        let heads = try Row.fetchCursor(
            db, sql: "SELECT seq, op, update_time, id FROM heads WHERE stream = ?", arguments: [stream])
        let judge = MomentJudge(moment: moment, stream: stream, db: db)
        while let row = try heads.next() {
            if let seq = try judge.standing(row) { add(seq) }
        }
    }

    private mutating func addNewest(of stream: Int64, in db: Database) throws {
        let heads = try RowStatement("SELECT seq FROM heads WHERE stream = ? AND op = ?", in: db)
        heads.bind(stream, at: 1)
        heads.bind(Int64(RecordOperation.upsert.rawValue), at: 2)
        try heads.forEach { add($0.integer(0)) }
    }
}

/// Finds the version of a record that stood at a moment.
private struct MomentJudge {
    let moment: Instant
    let stream: Int64
    let db: Database

    /// - Parameter head: `seq, op, update_time, id` of the record's newest version.
    /// - Returns: the number of the version that stood; nil when the record was not there.
    func standing(_ head: Row) throws -> Int64? {
        if try counts(head) { return present(head) }
        let find = try db.cachedStatement(
            sql: "SELECT seq, op, update_time FROM history WHERE stream = ? AND id = ? ORDER BY seq DESC")
        let older = try Row.fetchCursor(find, arguments: [stream, head[3] as DatabaseValue])
        while let row = try older.next() {
            if try counts(row) { return present(row) }
        }
        return nil
    }

    private func present(_ row: Row) -> Int64? { row[1] == RecordOperation.upsert.rawValue ? row[0] : nil }

    private func counts(_ row: Row) throws -> Bool {
        try DatedVersion.counts(
            RecordOperation(rawValue: row[1]), UpdateTime(stored: row[2]), at: moment,
            answeredAtMilliseconds: answered(row[0]))
    }

    private func answered(_ seq: Int64) throws -> Int64 {
        let find = try db.cachedStatement(
            sql: "SELECT answered_ms FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1")
        return try Int64.fetchOne(find, arguments: [seq]) ?? .max
    }
}
