/// What is remembered of one record; its text is written anew from the seed, the id and the revision each time.
package struct RecordRow: Sendable, Hashable {
    package enum DealStatus: String, Sendable { case open, won, lost }

    /// Stands for an update time of null; sorts before all times.
    package static let noTime = Int64.min

    package let id: Int32
    package let addMilliseconds: Int64
    package internal(set) var updateMilliseconds: Int64
    package internal(set) var revision: Int32 = 0
    package internal(set) var status = DealStatus.open
    /// When the deal was won or lost.
    package internal(set) var closedMilliseconds: Int64 = 0
    /// Zero unless archived.
    package internal(set) var archivedMilliseconds: Int64 = 0
    package internal(set) var isDeleted = false
    /// The lead that this deal was made from; zero for none.
    package internal(set) var sourceLead: Int32 = 0
    /// In the table's list of rows whose place in the order of update times is out of date.
    var isMoved = false

    package var isArchived: Bool { archivedMilliseconds != 0 }
}

/// The records of one kind, by id and by update time.
struct RecordTable: Sendable {
    /// The row of id n is at n - 1: rows are never taken out, a deleted record only says so.
    private(set) var rows: [RecordRow] = []
    private var byUpdateTime: [Int32] = []
    private var moved: [Int32] = []

    init(rows: [RecordRow]) {
        self.rows = rows
        byUpdateTime = rows.indices.map(Int32.init).sorted { RecordTable.precedes(rows, $0, $1) }
    }

    mutating func append(_ row: RecordRow) {
        rows.append(row)
        mark(rows.count - 1)
    }

    mutating func change(_ id: Int, _ body: (inout RecordRow) -> Void) {
        body(&rows[id - 1])
        mark(id - 1)
    }

    /// Indices of rows in the order of (update time, id). Many edits between two requests cost one merge.
    mutating func updateOrder() -> [Int32] {
        guard !moved.isEmpty else { return byUpdateTime }
        var merged: [Int32] = []
        merged.reserveCapacity(rows.count)
        let moved = moved.sorted { RecordTable.precedes(rows, $0, $1) }
        var next = 0
        for index in byUpdateTime where !rows[Int(index)].isMoved {
            while next < moved.count, RecordTable.precedes(rows, moved[next], index) {
                merged.append(moved[next])
                next += 1
            }
            merged.append(index)
        }
        merged += moved[next...]
        for index in moved { rows[Int(index)].isMoved = false }
        self.moved = []
        byUpdateTime = merged
        return merged
    }

    private mutating func mark(_ index: Int) {
        guard !rows[index].isMoved else { return }
        rows[index].isMoved = true
        moved.append(Int32(index))
    }

    private static func precedes(_ rows: [RecordRow], _ left: Int32, _ right: Int32) -> Bool {
        let (a, b) = (rows[Int(left)].updateMilliseconds, rows[Int(right)].updateMilliseconds)
        return a != b ? a < b : left < right
    }
}
