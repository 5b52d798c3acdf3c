import GRDB
import Planning

extension Index {
    /// A prepared question for the newest versions of one stream's records.
    func headLookup(stream: String) throws -> HeadLookup {
        HeadLookup(index: self, stream: try streamNumber(stream))
    }

    /// The small number under which the rows know the stream.
    func streamNumber(_ name: String) throws -> Int64 {
        try write { try Self.streamNumber(name, in: $0) }
    }

    static func streamNumber(_ name: String, in db: Database) throws -> Int64 {
        let find = try db.cachedStatement(sql: "SELECT id FROM stream_names WHERE name = ?")
        if let known = try Int64.fetchOne(find, arguments: [name]) { return known }
        try db.execute(sql: "INSERT INTO stream_names(name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }

    /// The number after the greatest that was ever committed, also in a file that was lost since.
    func nextSeq() throws -> Int64 {
        try read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT last_seq FROM blocks ORDER BY first_seq DESC LIMIT 1") ?? 0
            return max(last, try Self.skippedNumbers(in: db)) + 1
        }
    }

    /// A loader may have read a file before it was damaged: its numbers are not given again. Kept as a mark of no
    /// address, which `rebuild` takes from the old index and from what is told of lost files.
    static func skipNumbers(through last: Int64, in db: Database) throws {
        guard last > (try skippedNumbers(in: db)) else { return }
        try db.execute(
            sql: "REPLACE INTO marks(name, until, base_url, detail) VALUES (?, ?, '', '')",
            arguments: [lostLinesName, last])
    }

    private static let lostLinesName = "lost-lines"

    private static func skippedNumbers(in db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT until FROM marks WHERE name = ?", arguments: [lostLinesName]) ?? 0
    }
}

struct HeadLookup {
    let index: Index
    let stream: Int64

    func head(of key: RecordKey, runBegins firstSeq: Int64) throws -> Head? {
        try index.read { db in
            let find = try db.cachedStatement(
                sql: "SELECT seq, op, update_time, hash FROM heads WHERE stream = ? AND id = ?")
            guard let row = try Row.fetchOne(find, arguments: [stream, key.databaseValue]) else { return nil }
            let seq: Int64 = row[0]
            return Head(
                seq: seq, operation: RecordOperation(rawValue: row[1]) ?? .upsert,
                updateTime: UpdateTime(stored: row[2]), hash: row[3],
                answeredAtMilliseconds: seq < firstSeq ? nil : try Self.answered(seq, in: db))
        }
    }

    private static func answered(_ seq: Int64, in db: Database) throws -> Int64? {
        let find = try db.cachedStatement(
            sql: "SELECT answered_ms FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1")
        return try Int64.fetchOne(find, arguments: [seq])
    }
}

extension RecordKey {
    var databaseValue: DatabaseValue {
        switch self {
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }

    init(stored value: DatabaseValue) {
        if let number = Int64.fromDatabaseValue(value), case .int64 = value.storage {
            self = .integer(number)
        } else {
            self = .text(String.fromDatabaseValue(value) ?? "")
        }
    }
}

extension UpdateTime {
    /// Plain seconds take four bytes as an integer; a fraction has to be kept as it came.
    var databaseValue: DatabaseValue { fractionDigits == 0 ? seconds.databaseValue : description.databaseValue }

    init?(stored value: DatabaseValue) {
        switch value.storage {
        case .int64(let seconds): self.init(seconds: seconds)
        case .string(let text): self.init(text)
        default: return nil
        }
    }
}
