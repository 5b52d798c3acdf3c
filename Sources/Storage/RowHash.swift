import CSQLite
import GRDB
import Glibc

/// The hash of one row, value by value.
///
/// FNV-1a with 64 bits: each step is one to one, so a single byte that differs always shows. Its last steps alone would
/// be as good as an addition, and the same change of several rows could cancel out in their sum; so all bits are mixed
/// once more, also one to one.
struct RowHash {
    private var bits: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The last steps of MurmurHash3.
    var value: Int64 {
        var hash = bits
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return Int64(bitPattern: hash ^ hash >> 33)
    }

    /// A value as a trigger passes it.
    mutating func add(_ value: DatabaseValue) {
        switch value.storage {
        case .null: addNull()
        case .int64(let number): add(number)
        case .double(let number): add(number)
        case .string(var text): text.withUTF8 { add(text: $0) }
        case .blob(let bytes): bytes.withUnsafeBytes { add(blob: $0) }
        }
    }

    /// A value of the row at which a statement stands: the same as `add` of it, without a copy of every text.
    mutating func add(column: Int32, of statement: OpaquePointer) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: add(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: add(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            // To its first zero byte, as the library takes it.
            let text = sqlite3_column_text(statement, column)
            add(text: UnsafeBufferPointer(start: text, count: text.map { strlen($0) } ?? 0))
        case SQLITE_BLOB:
            let bytes = sqlite3_column_blob(statement, column)
            add(blob: UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
        default: addNull()
        }
    }

    private mutating func addNull() { add("n", UnsafeRawBufferPointer(start: nil, count: 0)) }
    private mutating func add(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { add("i", $0) } }
    private mutating func add(_ number: Double) {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { add("d", $0) }
    }
    private mutating func add(text: UnsafeBufferPointer<UInt8>) { add("t", UnsafeRawBufferPointer(text)) }
    private mutating func add(blob: UnsafeRawBufferPointer) { add("b", blob) }

    private mutating func add(_ kind: Unicode.Scalar, _ bytes: UnsafeRawBufferPointer) {
        add(UInt8(ascii: kind))
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { count in
            for byte in count { add(byte) }
        }
        for byte in bytes { add(byte) }
    }

    private mutating func add(_ byte: UInt8) { bits = (bits ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
