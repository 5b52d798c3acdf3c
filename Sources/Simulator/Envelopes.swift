/// Pages in their envelopes: v2's cursor, v1's offsets, and the odd one of leads.
extension SimulatedAccount {
    mutating func page(
        _ endpoint: Endpoint, _ query: ListQuery, _ faults: Set<Misbehaviour.Kind>, _ number: Int
    ) -> SimulatedResponse {
        let list = ListPage(endpoint: endpoint, query: query, writer: writer, nowMilliseconds: nowMilliseconds)
        var table = tables[endpoint.kind] ?? RecordTable(rows: [])
        defer { tables[endpoint.kind] = table }
        // Out of the dictionary while it changes, or each page would copy it.
        tables[endpoint.kind] = nil
        switch endpoint.paging {
        case .cursor: return keysetPage(list, &table, faults, number)
        case .offset, .bareOffset: return offsetPage(list, &table)
        case .whole: return success(data(list, table.rows.filter { list.matches($0) }))
        case .single: return success(writer.currentUser(table.rows[0]))
        }
    }

    /// The cursor is null at the end, and only there.
    private func keysetPage(
        _ list: ListPage, _ table: inout RecordTable, _ faults: Set<Misbehaviour.Kind>, _ number: Int
    ) -> SimulatedResponse {
        if faults.contains(.emptyPageWithCursor) { return success("[]", nextCursor: samePlace(list.query, number)) }
        let page = list.keyset(&table)
        var shown = page.rows
        if faults.contains(.repeatedPage) { shown = firstPage(list, &table) }
        var next: String?
        if page.hasMore, let last = page.rows.last { next = cursor(list, last).text }
        if faults.contains(.loopingCursor), let used = list.query.cursor { next = used.text }
        return success(data(list, shown), nextCursor: next)
    }

    private func offsetPage(_ list: ListPage, _ table: inout RecordTable) -> SimulatedResponse {
        let page = list.slice(&table)
        let (start, limit) = (list.query.start, list.query.limit)
        var pagination = #""start":\#(start),"limit":\#(limit),"more_items_in_collection":\#(page.hasMore)"#
        let isBare = if case .bareOffset = list.endpoint.paging { true } else { false }
        if page.hasMore, !isBare { pagination += #","next_start":\#(start + limit)"# }
        // v1 says null where v2 says [].
        let rows = page.rows.isEmpty ? "null" : data(list, page.rows)
        let extra = isBare ? "{\(pagination)}" : #"{"pagination":{\#(pagination)}}"#
        return SimulatedResponse(status: 200, body: #"{"success":true,"data":\#(rows),"additional_data":\#(extra)}"#)
    }

    private func data(_ list: ListPage, _ rows: [RecordRow]) -> String {
        var text = "["
        for row in rows {
            if text.utf8.count > 1 { text += "," }
            text += writer.json(list.endpoint.kind, row, list.query.wishes)
        }
        return text + "]"
    }

    private func success(_ data: String) -> SimulatedResponse {
        SimulatedResponse(status: 200, body: #"{"success":true,"data":\#(data)}"#)
    }

    private func success(_ data: String, nextCursor: String?) -> SimulatedResponse {
        let cursor = nextCursor.map { #""\#($0)""# } ?? "null"
        return SimulatedResponse(
            status: 200, body: #"{"success":true,"data":\#(data),"additional_data":{"next_cursor":\#(cursor)}}"#)
    }

    /// Filters are not in the cursor: whoever forgets to send them again gets other rows.
    private func cursor(_ list: ListPage, _ row: RecordRow) -> PageCursor {
        let order = list.query.ordering[0]
        return PageCursor(
            field: order.field, value: list.value(row, order.field), isDescending: order.isDescending, id: row.id)
    }

    /// A cursor that looks new and points where the last one did, or before everything.
    private func samePlace(_ query: ListQuery, _ number: Int) -> String {
        let order = query.ordering[0]
        let edge: SortValue = order.isDescending ? .text("\u{10FFFF}") : .none
        var cursor =
            query.cursor
            ?? PageCursor(
                field: order.field,
                value: order.field.hasSuffix("_time") && order.isDescending ? .number(1 << 46) : edge,
                isDescending: order.isDescending, id: 0)
        cursor.nonce = number
        return cursor.text
    }

    /// What a broken cursor would show: the top of the list again.
    private func firstPage(_ list: ListPage, _ table: inout RecordTable) -> [RecordRow] {
        var query = list.query
        query.cursor = nil
        let first = ListPage(endpoint: list.endpoint, query: query, writer: writer, nowMilliseconds: nowMilliseconds)
        return first.keyset(&table).rows
    }
}
