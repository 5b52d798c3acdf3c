/// A record that is listed under its parent. Its text hangs on the parent's row alone, so a child changes only when
/// its parent does.
struct ChildRecord: Sendable {
    /// Orders the list, and is what a cursor points at.
    let id: Int32
    let parent: Int32
    let key: String
    let addMilliseconds: Int64
    /// Nil where the record carries none.
    var updateTime: String?
    var updateMilliseconds: Int64?
    /// What the record can be sorted by, besides these.
    var dateText = ""
    /// The kind of an entry, where a list mixes several.
    var item = ""
    let json: String

    func value(_ field: String) -> SortValue {
        switch field {
        case "id": .number(Int64(id))
        case "deal_id": .number(Int64(parent))
        case "add_time": .number(addMilliseconds)
        case "update_time": updateMilliseconds.map { .number($0) } ?? .none
        case "order_nr": .number(Int64(id % 64))
        case "billing_date": .text(dateText)
        default: .none
        }
    }
}

/// Finds the children of a page.
struct ChildPage {
    let query: ListQuery
    /// In the order of their ids.
    let records: [ChildRecord]

    /// The records of a page that goes on from a key, and whether more follow.
    func keyset() -> (records: [ChildRecord], hasMore: Bool) {
        let order = query.ordering[0]
        func place(_ record: ChildRecord) -> (SortValue, Int32) { (record.value(order.field), record.id) }
        var sorted = records.sorted { place($0) < place($1) }
        if order.isDescending { sorted.reverse() }
        if let cursor = query.cursor {
            let from = (cursor.value, cursor.id)
            sorted = sorted.filter { order.isDescending ? place($0) < from : place($0) > from }
        }
        return (Array(sorted.prefix(query.limit)), sorted.count > query.limit)
    }

    /// The records of a page counted from the start of the list, and whether more follow.
    func slice() -> (records: [ChildRecord], hasMore: Bool) {
        let page = records.dropFirst(query.start).prefix(query.limit)
        return (Array(page), page.endIndex < records.endIndex)
    }
}
