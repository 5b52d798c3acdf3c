/// Finds the rows of a page. v2 goes on from a key, so nothing shifts; v1 counts from the start, so things do.
struct ListPage {
    static let purgeMilliseconds = 30 * Stamp.dayMilliseconds

    let endpoint: Endpoint
    let query: ListQuery
    let writer: RecordWriter
    let nowMilliseconds: Int64
    let visibility: Visibility

    /// The rows of a v2 page, and whether more follow.
    func keyset(_ table: inout RecordTable) -> (rows: [RecordRow], hasMore: Bool) {
        let order = query.ordering[0]
        let indices = sorted(&table, by: order.field)
        let rows = table.rows
        var found: [RecordRow] = []
        // Down the same order for `desc`: ids break ties in the direction of the sort.
        var position = firstPosition(indices, rows, order)
        let step = order.isDescending ? -1 : 1
        while indices.indices.contains(position) {
            let row = rows[Int(indices[position])]
            position += step
            if order.field == "update_time", isPastWindow(row, order) { break }
            guard matches(row) else { continue }
            if found.count == query.limit { return (found, true) }
            found.append(row)
        }
        return (found, false)
    }

    /// The rows of a v1 page, and whether more follow.
    func slice(_ table: inout RecordTable) -> (rows: [RecordRow], hasMore: Bool) {
        var indices = sorted(&table, by: query.ordering[0].field)
        let rows = table.rows
        if query.ordering == [ListQuery.Ordering(field: "update_time", isDescending: true)] {
            indices = ListPage.newestFirst(indices, rows)
        } else if query.ordering.count > 1 || query.ordering[0].isDescending {
            indices.sort { precedes(rows[Int($0)], rows[Int($1)]) }
        }
        let all = indices.lazy.map { rows[Int($0)] }.filter { matches($0) }
        let page = Array(all.dropFirst(query.start).prefix(query.limit + 1))
        return (Array(page.prefix(query.limit)), page.count > query.limit)
    }

    /// What a row is sorted by. Fields this account does not model sort all rows alike, so by id.
    func value(_ row: RecordRow, _ field: String) -> SortValue {
        let kind = endpoint.kind
        switch field {
        case "id": return kind == .leads ? .text(writer.key(kind, row)) : .number(Int64(row.id))
        case "add_time": return .number(row.addMilliseconds)
        case "update_time": return row.updateMilliseconds == RecordRow.noTime ? .none : .number(row.updateMilliseconds)
        case "due_date": return .text(writer.dueDate(row))
        case "name": return .text(writer.productName(row))
        case "order_nr": return .number(Int64(writer.stageOrder(row)))
        case "owner_id", "creator_id", "user_id": return .number(Int64(writer.owner(kind, row.id)))
        case "person_id": return .number(Int64(writer.personID(kind, row.id)))
        case "org_id": return .number(Int64(writer.organizationID(kind, row.id)))
        case "deal_id": return .number(Int64(writer.dealID(kind, row.id)))
        default: return .none
        }
    }

    // MARK: Order

    /// Ids follow add times here, so the order by add time is the order by id.
    private func sorted(_ table: inout RecordTable, by field: String) -> [Int32] {
        if field == "update_time" { return table.updateOrder() }
        let plain = table.rows.indices.map(Int32.init)
        if field == "add_time" || (field == "id" && endpoint.kind != .leads) { return plain }
        // v1 without `sort` means the order of creation, also where the ids are UUIDs.
        if endpoint.version == 1, query.ordering == [ListQuery.Ordering()] { return plain }
        let keyed = table.rows.map { (value: value($0, field), id: $0.id) }
        return plain.sorted { (keyed[Int($0)].value, keyed[Int($0)].id) < (keyed[Int($1)].value, keyed[Int($1)].id) }
    }

    /// The order of update times turned round, ids within one time still going up.
    private static func newestFirst(_ indices: [Int32], _ rows: [RecordRow]) -> [Int32] {
        var turned: [Int32] = []
        turned.reserveCapacity(indices.count)
        var end = indices.count
        while end > 0 {
            let time = rows[Int(indices[end - 1])].updateMilliseconds
            var start = end - 1
            while start > 0, rows[Int(indices[start - 1])].updateMilliseconds == time { start -= 1 }
            turned += indices[start..<end]
            end = start
        }
        return turned
    }

    /// v1 alone sorts by several fields; ids break ties, upwards, whatever the direction.
    private func precedes(_ left: RecordRow, _ right: RecordRow) -> Bool {
        for order in query.ordering {
            let (a, b) = (value(left, order.field), value(right, order.field))
            if a != b { return order.isDescending ? a > b : a < b }
        }
        return left.id < right.id
    }

    /// Where a walk begins: after the cursor's key, or at the window's lower edge, without looking at what is before.
    private func firstPosition(_ indices: [Int32], _ rows: [RecordRow], _ order: ListQuery.Ordering) -> Int {
        func key(_ position: Int) -> (SortValue, Int32) {
            let row = rows[Int(indices[position])]
            return (value(row, order.field), row.id)
        }
        if let cursor = query.cursor {
            let place = (cursor.value, cursor.id)
            if order.isDescending { return ListPage.partition(indices.count) { key($0) < place } - 1 }
            return ListPage.partition(indices.count) { key($0) <= place }
        }
        if order.field == "update_time", !order.isDescending, let since = query.updatedSince {
            return ListPage.partition(indices.count) { key($0).0 < .number(since) }
        }
        return order.isDescending ? indices.count - 1 : 0
    }

    /// The first position for which `isBefore` no longer holds.
    private static func partition(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// In the order of update times the rest of the list cannot match, so a page need not read it.
    private func isPastWindow(_ row: RecordRow, _ order: ListQuery.Ordering) -> Bool {
        if order.isDescending { return query.updatedSince.map { row.updateMilliseconds < $0 } ?? false }
        return query.updatedUntil.map { row.updateMilliseconds >= $0 } ?? false
    }

    // MARK: Filters

    func matches(_ row: RecordRow) -> Bool {
        if let identifiers = query.identifiers, !identifiers.contains(row.id) { return false }
        if let since = query.updatedSince, row.updateMilliseconds < since { return false }
        if let until = query.updatedUntil {
            if row.updateMilliseconds >= until || row.updateMilliseconds == RecordRow.noTime { return false }
        }
        return isShown(row) && visibility.sees(endpoint.kind, row.id) && hasValues(row)
    }
}
