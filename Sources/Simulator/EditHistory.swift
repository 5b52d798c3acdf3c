/// When the records that have children or a changelog were edited: what hangs on them is written from their
/// revisions, and a revision once shown keeps its time.
struct EditHistory: Sendable {
    private static let parents = Set(RecordKind.children.compactMap(\.parent))

    /// Update times since the account began, the one it began with first.
    private var times: [RecordKind: [Int32: [Int64]]] = [:]

    mutating func add(_ kind: RecordKind, before: RecordRow, after: RecordRow) {
        guard EditHistory.parents.contains(kind) else { return }
        times[kind, default: [:]][before.id, default: [EditHistory.known(before)]].append(EditHistory.known(after))
    }

    /// When the record came to this revision. What lies before the account's first day is spread evenly.
    func time(_ kind: RecordKind, _ row: RecordRow, revision: Int) -> Int64 {
        let known = times[kind]?[row.id] ?? [EditHistory.known(row)]
        let before = Int(row.revision) - (known.count - 1)
        if revision >= before { return known[min(revision - before, known.count - 1)] }
        let span = known[0] - row.addMilliseconds
        return kind.rounded(row.addMilliseconds + span * Int64(max(revision, 0)) / Int64(max(before, 1)))
    }

    private static func known(_ row: RecordRow) -> Int64 {
        row.updateMilliseconds == RecordRow.noTime ? row.addMilliseconds : row.updateMilliseconds
    }
}
