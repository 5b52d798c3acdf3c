/// What a page holds before it is put into its envelope.
struct PageContent {
    var texts: [String] = []
    var hasMore = false
    /// The key of the last record, where the list goes by keys.
    var last: (value: SortValue, id: Int32)?

    var data: String {
        var data = "["
        data.reserveCapacity(texts.reduce(2) { $0 + $1.utf8.count + 1 })
        for text in texts {
            if data.utf8.count > 1 { data += "," }
            data += text
        }
        return data + "]"
    }
}

/// Pages in their envelopes: v2's cursor, v1's offsets, and the odd ones.
struct Envelope {
    let endpoint: Endpoint
    let query: ListQuery
    let faults: Set<Misbehaviour.Kind>
    /// The number of the request.
    let number: Int
    /// What has changed about this path since it was described.
    var changes: [APIChange] = []

    /// The first page is what a broken cursor would show: the top of the list again.
    func answer(_ content: PageContent, firstPage: () -> PageContent) -> SimulatedResponse {
        var content = content
        if !changes.isEmpty { content.texts = content.texts.map(reshaped) }
        return switch endpoint.paging {
        case .cursor, .rareCursor, .logCursor: keyset(content, firstPage)
        case .offset, .bareOffset, .silentOffset: offset(content)
        case .whole, .wholeWithNull, .single, .me: whole(content)
        }
    }

    func reshaped(_ json: String) -> String { changes.reduce(json) { $1.reshaped($0) } }

    /// The cursor is null at the end, and only there.
    private func keyset(_ content: PageContent, _ firstPage: () -> PageContent) -> SimulatedResponse {
        if faults.contains(.emptyPageWithCursor) { return success("[]", nextCursor: samePlace) }
        let shown = faults.contains(.repeatedPage) ? firstPage() : content
        var next: String?
        if content.hasMore, let last = content.last { next = text(cursor(last)) }
        if faults.contains(.loopingCursor), let used = query.cursor { next = text(used) }
        return success(shown.data, nextCursor: next)
    }

    private func offset(_ content: PageContent) -> SimulatedResponse {
        // v1 says null where v2 says [].
        let rows = content.texts.isEmpty ? "null" : content.data
        if case .silentOffset = endpoint.paging { return success(rows) }
        let (start, limit) = (query.start, query.limit)
        var pagination = #""start":\#(start),"limit":\#(limit),"more_items_in_collection":\#(content.hasMore)"#
        let isBare = if case .bareOffset = endpoint.paging { true } else { false }
        if content.hasMore, !isBare { pagination += #","next_start":\#(start + limit)"# }
        let extra = isBare ? "{\(pagination)}" : #"{"pagination":{\#(pagination)}}"#
        let related = endpoint.kind == .dealParticipants || endpoint.kind == .dealFlow ? #","related_objects":{}"# : ""
        return SimulatedResponse(
            status: 200, body: #"{"success":true,"data":\#(rows),"additional_data":\#(extra)\#(related)}"#)
    }

    private func whole(_ content: PageContent) -> SimulatedResponse {
        if case .wholeWithNull = endpoint.paging { return success(content.data, more: #","additional_data":null"#) }
        switch endpoint.kind {
        case .goals:
            let head = #"{"success":true,"statusCode":20000,"statusText":"OK","service":"statistics-goals-api","#
            return SimulatedResponse(status: 200, body: head + #""data":{"goals":\#(content.data)}}"#)
        case .webhooks:
            return SimulatedResponse(status: 200, body: #"{"status":"ok","success":true,"data":\#(content.data)}"#)
        case .organizationRelationships:
            let page = #"{"pagination":{"start":0,"limit":100,"more_items_in_collection":false}}"#
            return success(content.data, more: #","additional_data":\#(page),"related_objects":{"organization":{}}"#)
        default: return success(content.data)
        }
    }

    func success(_ data: String, more: String = "") -> SimulatedResponse {
        SimulatedResponse(status: 200, body: #"{"success":true,"data":\#(data)\#(more)}"#)
    }

    private func success(_ data: String, nextCursor: String?) -> SimulatedResponse {
        if nextCursor == nil, case .rareCursor = endpoint.paging { return success(data) }
        let cursor = nextCursor.map { #""\#($0)""# } ?? "null"
        return success(data, more: #","additional_data":{"next_cursor":\#(cursor)}"#)
    }

    private func text(_ cursor: PageCursor) -> String {
        if case .logCursor = endpoint.paging { cursor.logText } else { cursor.text }
    }

    /// Filters are not in the cursor: whoever forgets to send them again gets other rows.
    private func cursor(_ last: (value: SortValue, id: Int32)) -> PageCursor {
        let order = query.ordering[0]
        return PageCursor(field: order.field, value: last.value, isDescending: order.isDescending, id: last.id)
    }

    /// A cursor that looks new and points where the last one did, or before everything.
    private var samePlace: String {
        let order = query.ordering[0]
        let edge: SortValue = order.isDescending ? .text("\u{10FFFF}") : .none
        var cursor =
            query.cursor
            ?? PageCursor(
                field: order.field,
                value: order.field.hasSuffix("_time") && order.isDescending ? .number(1 << 46) : edge,
                isDescending: order.isDescending, id: 0)
        cursor.nonce = number
        return text(cursor)
    }
}
