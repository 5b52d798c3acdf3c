import GRDB
import GRDBSQLite
import Planning

/// A statement that is run for every record of a page: bound and stepped by SQLite's own calls. GRDB notes for each
/// execution what it read and changed, so that observers can be told; here nobody observes, and the notes cost more
/// than the row. It belongs to the transaction in which it was made.
struct RowStatement {
    /// GRDB keeps the compiled statement for the next page.
    private let statement: Statement
    private let handle: OpaquePointer
    private let database: OpaquePointer?

    init(_ sql: String, in db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
        database = db.sqliteConnection
        sqlite3_reset(handle)
    }

    /// SQLite copies the bytes before the call returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ number: Int64, at place: Int32) { sqlite3_bind_int64(handle, place, number) }

    func bind(_ text: String, at place: Int32) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(handle, place, characters.baseAddress, Int32(characters.count), Self.copied)
            }
        }
    }

    func bind(_ key: RecordKey, at place: Int32) {
        switch key {
        case .integer(let number): bind(number, at: place)
        case .text(let text): bind(text, at: place)
        }
    }

    /// Plain seconds take four bytes as an integer; a fraction has to be kept as it came.
    func bind(_ time: UpdateTime?, at place: Int32) {
        guard let time else {
            sqlite3_bind_null(handle, place)
            return
        }
        if time.fractionDigits == 0 { bind(time.seconds, at: place) } else { bind(time.description, at: place) }
    }

    /// - Returns: what `row` makes of the first row, nil when there is none.
    func first<Value>(_ row: (Columns) throws -> Value?) throws -> Value? {
        defer { sqlite3_reset(handle) }
        return try step() ? try row(Columns(handle: handle)) : nil
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        defer { sqlite3_reset(handle) }
        _ = try step()
    }

    /// Every row, in order.
    func forEach(_ row: (Columns) throws -> Void) throws {
        defer { sqlite3_reset(handle) }
        while try step() { try row(Columns(handle: handle)) }
    }

    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: sqlite3_errmsg(database).map { String(cString: $0) })
        }
    }

    /// The row at which a statement stands.
    struct Columns {
        fileprivate let handle: OpaquePointer

        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

        func updateTime(_ column: Int32) -> UpdateTime? {
            switch sqlite3_column_type(handle, column) {
            case SQLITE_INTEGER: UpdateTime(seconds: integer(column))
            case SQLITE_TEXT: UpdateTime(inPlace: text(column))
            default: nil
            }
        }

        private func text(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(
                start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
        }
    }
}
