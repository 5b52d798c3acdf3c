/// For tests: changes made by hand at the account's present time, and the truth to compare a warehouse with.
extension SimulatedAccount {
    /// From now on the account misbehaves in these ways, and in no others.
    package mutating func misbehave(_ misbehaviours: [Misbehaviour] = []) { options.misbehaviours = misbehaviours }

    package mutating func edit(_ kind: RecordKind, _ ids: Int...) {
        for id in ids { touch(kind, id, at: nowMilliseconds) }
    }

    /// Edits so many undeleted records in this one second; gives their ids.
    @discardableResult
    package mutating func bulkEdit(_ kind: RecordKind, count: Int) -> [Int] {
        let ids = (tables[kind]?.rows ?? []).lazy.filter { !$0.isDeleted }.prefix(count).map { Int($0.id) }
        for id in Array(ids) { touch(kind, id, at: nowMilliseconds) }
        return Array(ids)
    }

    @discardableResult
    package mutating func create(_ kind: RecordKind) -> Int { create(kind, at: nowMilliseconds) }

    package mutating func delete(_ kind: RecordKind, _ id: Int) { delete(kind, id, at: nowMilliseconds) }

    /// Deals and leads.
    package mutating func archive(_ kind: RecordKind, _ id: Int) { archive(kind, id, true, at: nowMilliseconds) }

    package mutating func unarchive(_ kind: RecordKind, _ id: Int) { archive(kind, id, false, at: nowMilliseconds) }

    package mutating func merge(_ kind: RecordKind, _ loser: Int, into winner: Int) {
        merge(kind, loser, into: winner, at: nowMilliseconds)
    }

    package mutating func setStatus(_ kind: RecordKind, _ id: Int, _ status: RecordRow.DealStatus) {
        let time = kind.rounded(nowMilliseconds)
        touch(kind, id, at: time) { row in
            row.status = status
            row.closedMilliseconds = status == .open ? 0 : time
        }
    }

    /// What the row of this id is remembered by; nil when there never was one.
    package func row(_ kind: RecordKind, _ id: Int) -> RecordRow? {
        guard let rows = tables[kind]?.rows, rows.indices.contains(id - 1) else { return nil }
        return rows[id - 1]
    }
}

/// A record as it is now.
package struct TrueRecord: Sendable, Hashable {
    package let id: Int
    /// The value of the field by which its list names it: an id, a UUID, a code or a key, as text.
    package let key: String
    /// In the form the record itself carries; nil where it is null or there is none.
    package let updateTime: String?
    package let updateMilliseconds: Int64?
    /// The bytes of the list's element; of a deleted deal as `status=deleted` lists it.
    package let json: String
    package let isDeleted: Bool
    package let isArchived: Bool
}

extension SimulatedAccount {
    /// Every record there ever was of a kind, by id, the deleted ones marked.
    package func truth(_ kind: RecordKind) -> [TrueRecord] {
        (tables[kind]?.rows ?? []).map { row in
            TrueRecord(
                id: Int(row.id), key: writer.key(kind, row), updateTime: writer.updateTime(kind, row),
                updateMilliseconds: row.updateMilliseconds == RecordRow.noTime ? nil : row.updateMilliseconds,
                json: writer.json(kind, row), isDeleted: row.isDeleted, isArchived: row.isArchived)
        }
    }
}
