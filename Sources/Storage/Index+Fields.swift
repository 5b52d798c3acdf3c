import GRDB
import Planning

/// One version of a definition: what it calls the field and its options, or that there is none any more.
struct FieldVersion {
    var stream: Int64
    var field: RecordKey
    var seq: Int64
    /// The second of the answer, as the line says it: so a rebuild writes the same.
    var answeredAt: Instant
    /// Empty when the field is gone.
    var names: [FieldName]
}

extension Index {
    /// Ends what the version no longer says, and begins what it says anew. Versions come in the order of their numbers.
    static func remember(_ version: FieldVersion, in db: Database) throws {
        let field = version.field.description
        let open = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT option, name, type FROM field_history WHERE stream = ? AND field = ? AND until IS NULL"),
            arguments: [version.stream, field]
        ).map { FieldName(option: ($0[0] as String).nilIfEmpty, name: $0[1], type: $0[2]) }
        let (before, after) = (Set(open), Set(version.names))
        for ended in open where !after.contains(ended) {
            try db.executeCached(
                sql: """
                    UPDATE field_history SET until = ?
                    WHERE stream = ? AND field = ? AND option = ? AND until IS NULL
                    """, arguments: [version.answeredAt.seconds, version.stream, field, ended.option ?? ""])
        }
        for begun in version.names where !before.contains(begun) {
            // Should a definition show one option twice, the last counts.
            try db.executeCached(
                sql: """
                    REPLACE INTO field_history(stream, field, option, seq, since, until, name, type)
                    VALUES (?, ?, ?, ?, ?, NULL, ?, ?)
                    """,
                arguments: [
                    version.stream, field, begun.option ?? "", version.seq, version.answeredAt.seconds, begun.name,
                    begun.type,
                ])
        }
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
