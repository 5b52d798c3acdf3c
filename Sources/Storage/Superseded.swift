import GRDB
import Planning

/// A version of a record with the times that say when it stood.
struct DatedVersion: Hashable {
    var seq: Int64
    var operation: RecordOperation
    var updateTime: UpdateTime?
    var answeredAtMilliseconds: Int64

    /// Tombstones, and versions that have no update time, count by the time of the answer that brought them.
    func counts(at moment: Instant) -> Bool {
        Self.counts(operation, updateTime, at: moment, answeredAtMilliseconds: answeredAtMilliseconds)
    }

    /// - Parameter answeredAtMilliseconds: asked for only when the version does not say itself.
    static func counts(
        _ operation: RecordOperation?, _ updateTime: UpdateTime?, at moment: Instant,
        answeredAtMilliseconds: @autoclosure () throws -> Int64
    ) rethrows -> Bool {
        if operation == .upsert, let updateTime { return updateTime <= UpdateTime(seconds: moment.seconds) }
        return try Instant(milliseconds: answeredAtMilliseconds()) <= moment
    }
}

/// Tells which versions of one record nobody needs who asks for the horizon or a later moment. It is asked of the
/// newest first.
///
/// At a moment the newest version stands that counts by then. So once a version counts at the horizon, and was here by
/// then, none before it stands at the horizon or later, and all of those go together: of A, B, A no B goes without the
/// A before it, and no two equal versions come to stand side by side. The newest version never goes.
struct Superseded {
    let horizon: Instant
    private var isSettled = false

    init(horizon: Instant) { self.horizon = horizon }

    mutating func goes(_ version: DatedVersion) -> Bool {
        if isSettled { return true }
        isSettled =
            version.counts(at: horizon) && Instant(milliseconds: version.answeredAtMilliseconds) <= horizon
        return false
    }
}

/// A version in `history` that goes.
struct SupersededRow {
    var seq: Int64
    var id: DatabaseValue
    var operation: RecordOperation
    var updateTime: DatabaseValue
    var hash: Int64

    func isSame(as line: KeptLine) -> Bool {
        line.seq == seq && line.key.databaseValue == id && line.operation == operation && line.hash == hash
            && (line.updateTime?.databaseValue ?? .null) == updateTime
    }
}

extension Index {
    /// Calls for every version of the stream that goes, record by record in the order of the keys: one at a time, so
    /// memory does not grow with their number.
    static func forEachSuperseded(
        of stream: String, before horizon: Instant, in db: Database, _ take: (SupersededRow) throws -> Void
    ) throws {
        let answered = try RowStatement(
            "SELECT answered_ms FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1", in: db)
        func dated(_ seq: Int64, _ operation: Int, _ updateTime: DatabaseValue) throws -> DatedVersion {
            answered.bind(seq, at: 1)
            return DatedVersion(
                seq: seq, operation: RecordOperation(rawValue: operation) ?? .upsert,
                updateTime: UpdateTime(stored: updateTime),
                answeredAtMilliseconds: try answered.first { $0.integer(0) } ?? .max)
        }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT v.id, v.seq, v.op, v.update_time, v.hash, h.seq, h.op, h.update_time FROM history v
                JOIN heads h ON h.stream = v.stream AND h.id = v.id AND h.seq > v.seq
                WHERE v.stream = (SELECT id FROM stream_names WHERE name = ?) ORDER BY v.id, v.seq DESC
                """, arguments: [stream])
        var (record, judge) = (DatabaseValue.null, Superseded(horizon: horizon))
        while let row = try rows.next() {
            if record != row[0] as DatabaseValue {
                (record, judge) = (row[0], Superseded(horizon: horizon))
                _ = judge.goes(try dated(row[5], row[6], row[7]))
            }
            let version = try dated(row[1], row[2], row[3])
            guard judge.goes(version) else { continue }
            try take(
                SupersededRow(
                    seq: version.seq, id: record, operation: version.operation, updateTime: row[3], hash: row[4]))
        }
    }
}

/// The versions that go, by their numbers, in a table of SQLite's temporary database: it is gone with the connection,
/// and is made anew by whoever ends a pruning that was killed. What went meanwhile changes nothing for what is left.
struct SupersededTable {
    let pruning: Pruning

    private var name: String { "temp.superseded_\(pruning.stream)_\(pruning.horizonSeconds)" }

    func fill(in db: Database, _ observe: (SupersededRow) -> Void = { _ in }) throws {
        try drop(in: db)
        try db.execute(sql: "CREATE TABLE \(name)(seq INTEGER PRIMARY KEY, id, op, update_time, hash)")
        let add = try db.cachedStatement(sql: "INSERT INTO \(name) VALUES (?, ?, ?, ?, ?)")
        try Index.forEachSuperseded(of: pruning.stream, before: pruning.horizon, in: db) { row in
            try add.execute(arguments: [row.seq, row.id, row.operation.rawValue, row.updateTime, row.hash])
            observe(row)
        }
    }

    func drop(in db: Database) throws { try db.execute(sql: "DROP TABLE IF EXISTS \(name)") }

    func rows(in numbers: ClosedRange<Int64>, _ db: Database) throws -> [SupersededRow] {
        let find = try db.cachedStatement(sql: "SELECT * FROM \(name) WHERE seq BETWEEN ? AND ? ORDER BY seq")
        return try Row.fetchAll(find, arguments: [numbers.lowerBound, numbers.upperBound]).map {
            SupersededRow(
                seq: $0[0], id: $0[1], operation: RecordOperation(rawValue: $0[2]) ?? .upsert, updateTime: $0[3],
                hash: $0[4])
        }
    }

    /// Takes them out of the versions.
    func remove(_ numbers: ClosedRange<Int64>, in db: Database) throws {
        let isFilled = try Bool.fetchOne(
            db, sql: "SELECT EXISTS(SELECT 1 FROM sqlite_temp_schema WHERE name = ?)",
            arguments: [String(name.dropFirst("temp.".count))])
        if isFilled != true { try fill(in: db) }
        try db.execute(
            sql: """
                DELETE FROM history WHERE stream = (SELECT id FROM stream_names WHERE name = ?)
                  AND (id, seq) IN (SELECT id, seq FROM \(name) WHERE seq BETWEEN ? AND ?)
                """, arguments: [pruning.stream, numbers.lowerBound, numbers.upperBound])
        guard db.changesCount == pruning.count else {
            throw Stop(
                .brokenInvariant, "\(db.changesCount) versions of \(pruning.stream) would go and not \(pruning.count)",
                hint: "run pipesnap rebuild, and please report this")
        }
    }
}
