// For tests: what a warehouse is compared with.

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
    /// The id of the record under which it is listed, if any. A child is no longer there at all once it is gone.
    package var parent: Int?
}

extension SimulatedAccount {
    /// Every record there ever was of a kind, by id, the deleted ones marked; of children those there are now.
    package func truth(_ kind: RecordKind) -> [TrueRecord] {
        if kind.parent != nil { return childTruth(kind) }
        return rows(kind).map { truth(kind, $0) }
    }

    package func truth(_ kind: RecordKind, _ row: RecordRow) -> TrueRecord {
        TrueRecord(
            id: Int(row.id), key: writer.key(kind, row), updateTime: writer.updateTime(kind, row),
            updateMilliseconds: row.updateMilliseconds == RecordRow.noTime ? nil : row.updateMilliseconds,
            json: writer.json(kind, row), isDeleted: row.isDeleted, isArchived: row.isArchived)
    }

    /// The children of one record, or of all; those of deleted parents are gone with them.
    package func children(_ kind: RecordKind, of id: Int) -> [TrueRecord] {
        guard let parent = kind.parent, let row = row(parent, id), !row.isDeleted else { return [] }
        return children(kind, row).map { child in
            TrueRecord(
                id: Int(child.id), key: child.key, updateTime: child.updateTime,
                updateMilliseconds: child.updateMilliseconds, json: child.json, isDeleted: false,
                isArchived: row.isArchived, parent: id)
        }
    }

    private func childTruth(_ kind: RecordKind) -> [TrueRecord] {
        guard let parent = kind.parent else { return [] }
        var account = self
        account.wake(parent)
        return account.rows(parent).flatMap { account.children(kind, of: Int($0.id)) }
    }

    /// The rows as of now, also of a list that nobody has asked for yet.
    /// Much cheaper than their texts, for telling which have changed.
    package func rows(_ kind: RecordKind) -> [RecordRow] {
        guard RecordKind.side.contains(kind) else { return tables[kind]?.rows ?? [] }
        var copy = self
        copy.wake(kind)
        return copy.tables[kind]?.rows ?? []
    }
}
