import GRDB

/// A field of Pipedrive as the definitions have described it since they were first listed. The key stays for ever;
/// names are not unique and may change.
package struct FieldHistory: Hashable, Sendable, Encodable {
    /// The stream of definitions, `deal_fields`.
    package var stream: String
    /// The stream whose records have the field, `deals`.
    package var entity: String
    /// `title`, or forty hexadecimal digits for a custom field.
    package var key: String
    package var isCustom: Bool
    /// The newest; of a deleted field the last one. So are name and label.
    package var type: String
    package var name: String
    /// No longer among the definitions.
    package var isDeleted: Bool
    /// Oldest first; the last one is `name`.
    package var names: [Period]
    /// Those of deleted options too: records keep their ids. In the order of the ids.
    package var options: [Option]

    package struct Option: Hashable, Sendable, Encodable {
        package var id: String
        package var label: String
        package var isDeleted: Bool
        package var labels: [Period]
    }

    /// For how long something had a name: from the answer that first showed it to the one that no longer did, RFC
    /// 3339 in UTC. Nothing is known of the time before the first listing.
    package struct Period: Hashable, Sendable, Encodable {
        package var name: String
        package var since: String
        /// Nil while it lasts.
        package var until: String?
    }

    /// Names that it had before and has no longer, oldest first, each once.
    package var earlierNames: [String] { Self.earlier(names, now: name) }

    package static func earlier(_ periods: [Period], now name: String) -> [String] {
        periods.map(\.name).reduce(into: []) { if $1 != name && !$0.contains($1) { $0.append($1) } }
    }
}

// MARK: - Reading

extension Index {
    /// Every field that any listing of the definitions has shown, ordered by stream, then key; empty before the first.
    /// - Parameter stream: a stream of definitions, `deal_fields`; nil for all of them.
    package func fields(of stream: String? = nil) throws -> [FieldHistory] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT stream, entity, field, option, name, type, since, until FROM field_names
                    WHERE ?1 IS NULL OR stream = ?1
                    ORDER BY stream, field, option IS NOT NULL, CAST(option AS INTEGER), option, since, until IS NULL
                    """, arguments: [stream])
            return rows.reduce(into: []) { add($1, to: &$0) }
        }
    }

    private func add(_ row: Row, to fields: inout [FieldHistory]) {
        let (stream, key): (String, String) = (row["stream"], row["field"])
        let period = FieldHistory.Period(name: row["name"], since: row["since"], until: row["until"])
        if fields.last?.stream != stream || fields.last?.key != key {
            fields.append(
                FieldHistory(
                    stream: stream, entity: row["entity"], key: key, isCustom: isCustomFieldKey(key), type: "",
                    name: "", isDeleted: true, names: [], options: []))
        }
        guard let option: String = row["option"] else {
            fields[fields.count - 1].type = row["type"]
            return fields[fields.count - 1].add(period)
        }
        fields[fields.count - 1].add(period, option: option)
    }
}

extension FieldHistory {
    fileprivate mutating func add(_ period: Period) {
        (name, isDeleted) = (period.name, period.until != nil)
        names.join(period)
    }

    fileprivate mutating func add(_ period: Period, option id: String) {
        if options.last?.id != id { options.append(Option(id: id, label: "", isDeleted: true, labels: [])) }
        let last = options.count - 1
        (options[last].label, options[last].isDeleted) = (period.name, period.until != nil)
        options[last].labels.join(period)
    }
}

extension [FieldHistory.Period] {
    /// A field that was given another type keeps its name.
    fileprivate mutating func join(_ period: Element) {
        if let last, last.name == period.name, last.until == period.since {
            self[count - 1].until = period.until
        } else {
            append(period)
        }
    }
}

/// Forty hexadecimal digits.
private func isCustomFieldKey(_ key: String) -> Bool {
    key.utf8.count == 40 && key.allSatisfy { $0.isHexDigit && $0.isASCII }
}
