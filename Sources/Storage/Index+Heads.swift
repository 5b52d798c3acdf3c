import GRDB
import Planning

extension Index {
    /// Asks for the newest versions of one stream's records, any number of them in one transaction.
    /// - Parameter firstSeq: the first number of the run.
    func lookingUpHeads<Value>(of stream: String, runBegins firstSeq: Int64, _ body: (HeadLookup) throws -> Value)
        throws -> Value
    {
        try read { try body(HeadLookup(stream: stream, runBegins: firstSeq, in: $0)) }
    }

    /// The small number under which the rows know the stream.
    static func streamNumber(_ name: String, in db: Database) throws -> Int64 {
        let find = try db.cachedStatement(sql: "SELECT id FROM stream_names WHERE name = ?")
        if let known = try Int64.fetchOne(find, arguments: [name]) { return known }
        try db.executeCached(sql: "INSERT INTO stream_names(name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }

    /// The number after the greatest that was ever committed, also in a file that was lost since.
    func nextSeq() throws -> Int64 {
        try read { db in
            // Of the files, whose rows are sound or the index would not have been opened.
            let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(last_seq) FROM file_log")) ?? 0
            return max(last, try Self.skippedNumbers(in: db)) + 1
        }
    }

    /// A loader may have read a file before it was damaged: its numbers are not given again. Kept as a mark of no
    /// address, which `rebuild` takes from the old index and from what is told of lost files.
    static func skipNumbers(through last: Int64, in db: Database) throws {
        guard last > (try skippedNumbers(in: db)) else { return }
        try db.executeCached(
            sql: "REPLACE INTO marks(name, until, base_url, detail) VALUES (?, ?, '', '')",
            arguments: [lostLinesName, last])
    }

    private static let lostLinesName = "lost-lines"

    private static func skippedNumbers(in db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT until FROM marks WHERE name = ?"), arguments: [lostLinesName]) ?? 0
    }
}

struct HeadLookup {
    /// Nil while the stream has no rows at all.
    private let stream: Int64?
    private let firstSeq: Int64
    private let heads: RowStatement
    private let blocks: RowStatement

    init(stream: String, runBegins firstSeq: Int64, in db: Database) throws {
        let find = try db.cachedStatement(sql: "SELECT id FROM stream_names WHERE name = ?")
        self.stream = try Int64.fetchOne(find, arguments: [stream])
        self.firstSeq = firstSeq
        heads = try RowStatement("SELECT seq, op, update_time, hash FROM heads WHERE stream = ? AND id = ?", in: db)
        blocks = try RowStatement(
            "SELECT answered_ms FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1", in: db)
    }

    func head(of key: RecordKey) throws -> Head? {
        guard let stream else { return nil }
        heads.bind(stream, at: 1)
        heads.bind(key, at: 2)
        return try heads.first { row in
            let seq = row.integer(0)
            return Head(
                seq: seq, operation: RecordOperation(rawValue: Int(row.integer(1))) ?? .upsert,
                updateTime: row.updateTime(2), hash: row.integer(3),
                answeredAtMilliseconds: seq < firstSeq ? nil : try answered(seq))
        }
    }

    private func answered(_ seq: Int64) throws -> Int64? {
        blocks.bind(seq, at: 1)
        return try blocks.first { $0.integer(0) }
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
