/// From a request that was let in to a page of rows, of children, or one record.
extension SimulatedAccount {
    mutating func page(
        _ match: Endpoint.Match, _ query: ListQuery, _ faults: Set<Misbehaviour.Kind>, _ number: Int
    ) throws(ListQuery.Complaint) -> SimulatedResponse {
        let endpoint = match.endpoint
        var envelope = Envelope(endpoint: endpoint, query: query, faults: faults, number: number)
        envelope.changes = options.apiChanges.filter { $0.concerns(endpoint) }
        wake(endpoint.kind.parent ?? endpoint.kind)
        stir(match, query, number)
        if case .single = endpoint.paging { return try single(match, query, envelope) }
        if endpoint.kind.parent != nil { return try childPage(match, query, envelope) }
        let list = ListPage(
            endpoint: endpoint, query: query, writer: writer, nowMilliseconds: nowMilliseconds, visibility: visibility)
        var table = tables[endpoint.kind] ?? RecordTable(rows: [])
        defer { tables[endpoint.kind] = table }
        // Out of the dictionary while it changes, or each page would copy it.
        tables[endpoint.kind] = nil
        if case .me = endpoint.paging { return envelope.success(writer.currentUser(table.rows[0])) }
        let content = list.content(&table)
        return envelope.answer(content) { list.fromTheTop.content(&table) }
    }

    /// A record that is gone, or that the token may not see, was never there.
    private func single(
        _ match: Endpoint.Match, _ query: ListQuery, _ envelope: Envelope
    ) throws(ListQuery.Complaint) -> SimulatedResponse {
        let kind = match.endpoint.kind
        guard let row = try named(match, kind) else { return Refusal.gone(kind) }
        return envelope.success(envelope.reshaped(writer.json(kind, row, query.wishes)))
    }

    /// Children come with the parent; of a parent that is gone there are none, and asked for by its path it is a 404.
    private func childPage(
        _ match: Endpoint.Match, _ query: ListQuery, _ envelope: Envelope
    ) throws(ListQuery.Complaint) -> SimulatedResponse {
        let kind = match.endpoint.kind
        let parentKind = kind.parent ?? kind
        var parents: [RecordRow] = []
        if match.endpoint.hasIdentifier {
            guard let parent = try named(match, parentKind) else { return Refusal.gone(parentKind) }
            parents = [parent]
        } else {
            let ids = query.equals["org_id"].map { [Int32(clamping: $0)] } ?? query.parents
            parents = ids.sorted().compactMap { present(parentKind, Int($0)) }
        }
        let records = parents.flatMap { children(kind, $0) }.filter { isWanted($0, query) }
        let page = ChildPage(query: query, records: records)
        var top = query
        top.cursor = nil
        let content = page.content(match.endpoint)
        return envelope.answer(content) { ChildPage(query: top, records: records).content(match.endpoint) }
    }

    /// What the children of a record are now.
    func children(_ kind: RecordKind, _ parent: RecordRow) -> [ChildRecord] {
        if kind == .organizationRelationships { return relationships(of: parent) }
        return ChildWriter(writer: writer, history: history).children(kind, parent)
    }

    /// The record of an id in a path. Leads and permission sets go by another name than their number.
    private func named(_ match: Endpoint.Match, _ kind: RecordKind) throws(ListQuery.Complaint) -> RecordRow? {
        let text = match.identifier ?? ""
        if kind == .leads || kind == .permissionSets {
            return tables[kind]?.rows.first {
                !$0.isDeleted && visibility.sees(kind, $0.id) && writer.key(kind, $0) == text
            }
        }
        guard let id = Int(text) else { throw ListQuery.Complaint(text: "id: Expected number") }
        return present(kind, id)
    }

    /// The row of this id, where there is one to be seen.
    func present(_ kind: RecordKind, _ id: Int) -> RecordRow? {
        guard let row = row(kind, id), !row.isDeleted, visibility.sees(kind, row.id) else { return nil }
        return row
    }

    private var visibility: Visibility { Visibility(seed: options.seed, share: options.visibleShare) }

    private func isWanted(_ record: ChildRecord, _ query: ListQuery) -> Bool {
        if record.item == "customChange" {
            guard query.texts["all_changes"] == "1" else { return false }
            return query.items?.contains("dealChange") ?? true
        }
        return query.items?.contains(record.item) ?? true
    }
}

extension ListPage {
    var fromTheTop: ListPage {
        var top = query
        top.cursor = nil
        return ListPage(
            endpoint: endpoint, query: top, writer: writer, nowMilliseconds: nowMilliseconds, visibility: visibility)
    }

    func content(_ table: inout RecordTable) -> PageContent {
        let (rows, hasMore): ([RecordRow], Bool) =
            switch endpoint.paging {
            case .cursor, .rareCursor, .logCursor: keyset(&table)
            case .offset, .bareOffset, .silentOffset: slice(&table)
            case .whole, .wholeWithNull, .single, .me: (inOrder(table.rows.filter { matches($0) }), false)
            }
        var content = PageContent(hasMore: hasMore)
        content.texts = rows.map { writer.json(endpoint.kind, $0, wishes) }
        content.last = rows.last.map { (value($0, query.ordering[0].field), $0.id) }
        return content
    }

    private var wishes: RecordWriter.Wishes {
        var wishes = query.wishes
        wishes.skipsUsers = query.equals["skip_users"] == 1
        return wishes
    }

    private func inOrder(_ rows: [RecordRow]) -> [RecordRow] {
        switch query.chosen["order_by"] {
        case "manager_id": rows.sorted { (writer.teamManager($0), $0.id) < (writer.teamManager($1), $1.id) }
        case "active_flag": rows.sorted { ($0.id % 2, $0.id) < ($1.id % 2, $1.id) }
        default: rows
        }
    }
}

extension ChildPage {
    func content(_ endpoint: Endpoint) -> PageContent {
        let (records, hasMore): ([ChildRecord], Bool) =
            switch endpoint.paging {
            case .cursor, .rareCursor, .logCursor: keyset()
            case .offset, .bareOffset, .silentOffset: slice()
            case .whole, .wholeWithNull, .single, .me: (self.records, false)
            }
        return PageContent(
            texts: records.map(\.json), hasMore: hasMore,
            last: records.last.map { ($0.value(query.ordering[0].field), $0.id) })
    }
}
