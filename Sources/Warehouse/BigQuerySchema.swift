/// A field of BigQuery's JSON schema file, as `bq mk` and `bq load` take it.
package struct BigQueryField: Encodable, Hashable, Sendable {
    package var name: String
    /// `STRING`, `INTEGER`, `NUMERIC`, `BOOLEAN`, `TIMESTAMP`, `DATE`, `TIME` or `JSON`.
    package var type: String
    /// `NULLABLE` or `REPEATED`.
    package var mode: String
    /// What people call a custom field; nil for the API's own members.
    package var description: String?

    /// BigQuery refuses a schema with a longer one.
    static let mostDescriptionCharacters = 1024

    init(_ name: String, _ type: String, isList: Bool = false, description: String? = nil) {
        (self.name, self.type, self.mode) = (name, type, isList ? "REPEATED" : "NULLABLE")
        self.description = description.map { String($0.unicodeScalars.prefix(Self.mostDescriptionCharacters)) }
    }
}

extension StreamTable {
    /// The columns of the stream's view, in its order.
    package var bigQueryFields: [BigQueryField] {
        let descriptions: [String: String] = fields.reduce(into: [:]) { found, field in
            for name in customNames[field.key] ?? [] { found[name] = "\(field.key) \(field.names.last?.name ?? "")" }
        }
        let own = LineColumn.all.map { BigQueryField($0, LineColumn.bigQueryTypes[$0] ?? "STRING") }
        return standard.map { $0.bigQueryField(nil) } + own + custom.map { $0.bigQueryField(descriptions[$0.name]) }
    }
}

extension LineColumn {
    fileprivate static let bigQueryTypes = [seq: "INTEGER", fetchedAt: "TIMESTAMP"]
}

extension Column {
    fileprivate func bigQueryField(_ description: String?) -> BigQueryField {
        let (type, isList) =
            switch kind {
            case .text, .label: ("STRING", false)
            case .integer: ("INTEGER", false)
            case .number: ("NUMERIC", false)
            case .boolean: ("BOOLEAN", false)
            case .time: ("TIMESTAMP", false)
            case .date: ("DATE", false)
            case .clock: ("TIME", false)
            case .json: ("JSON", false)
            case .ids: ("INTEGER", true)
            case .labels: ("STRING", true)
            }
        return BigQueryField(name, type, isList: isList, description: description)
    }
}
