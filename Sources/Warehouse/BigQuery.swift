/// BigQuery reads the files from a bucket as an external table whose one column is the line, or merges them into
/// tables.
struct BigQuery: Dialect {
    func quoted(_ identifier: String) -> String {
        "`\(identifier.replacing("\\", with: "\\\\").replacing("`", with: "\\`").replacing("\n", with: " "))`"
    }
    func literal(_ text: String) -> String { escapedLiteral(text) }

    var textType: String { "STRING" }

    func preamble(_ lake: Lake) -> [String] {
        [
            "CREATE SCHEMA IF NOT EXISTS \(quoted(lake.schema))",
            "CREATE TABLE IF NOT EXISTS \(book(lake)) (run STRING NOT NULL, loaded_at TIMESTAMP NOT NULL)",
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        let files = name("\(table.name)__files", lake)
        // An address takes one star, which stands for folders as well.
        return [external(files, ["\(lake.folder(of: table.name))*.ndjson.gz"])]
            + view(lines(table, lake), as: read(files, table))
    }

    private func external(_ name: String, _ files: [String]) -> String {
        """
        CREATE OR REPLACE EXTERNAL TABLE \(name) (line STRING)
        OPTIONS (format = 'CSV', compression = 'GZIP', field_delimiter = '\\x01', quote = '',
          uris = [\(files.map(literal).joined(separator: ", "))])
        """
    }

    func newest(in relation: String) -> String {
        "TRUE QUALIFY \(age) = 1"
    }

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        let columns = """
            (_seq INT64 NOT NULL, _op STRING NOT NULL, _run STRING NOT NULL, _fetched_at TIMESTAMP NOT NULL,
              _reason STRING, _key STRING NOT NULL, _record STRING NOT NULL)
            """
        return [lines(table, lake), currentTable(table, lake)].map {
            "CREATE TABLE IF NOT EXISTS \($0) \(columns)\nCLUSTER BY _key"
        }
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let isNew = isNew(run, lake)
        func staged(_ table: StreamTable) -> String { name("\(table.name)__staged", lake) }
        let outside = tables.map { external(staged($0), run.paths[$0.name] ?? []) }
        let steps = tables.flatMap { table in
            [
                "INSERT INTO \(lines(table, lake)) (\(LineColumn.list)) SELECT \(LineColumn.list)\n"
                    + "FROM (\(read(staged(table), table))) WHERE \(isNew) AND \(isMissing(in: lines(table, lake)))",
                merge(into: currentTable(table, lake), from: "(\(read(staged(table), table)))"),
            ]
        }
        let note =
            "INSERT INTO \(book(lake)) (run, loaded_at) SELECT \(literal(run.run)), CURRENT_TIMESTAMP()"
            + " FROM (SELECT 1) WHERE \(isNew)"
        return outside + ["BEGIN TRANSACTION"] + steps + (run.isWhole ? [note] : []) + ["COMMIT TRANSACTION"]
    }

    private func read(_ files: String, _ table: StreamTable) -> String {
        func own(_ member: String) -> String { "JSON_VALUE(line, \(path([member])))" }
        let key = key(table, seq: own(LineColumn.seq)) { "JSON_VALUE(line, \(path($0)))" }
        return """
            SELECT CAST(\(own("_seq")) AS INT64) AS _seq, \(own("_op")) AS _op, \(own("_run")) AS _run,
              CAST(\(own("_fetched_at")) AS TIMESTAMP) AS _fetched_at, \(own("_reason")) AS _reason,
              \(key) AS _key, line AS _record
            FROM \(files)
            """
    }

    private func path(_ members: [String]) -> String {
        literal("$" + members.map { ".\"\($0)\"" }.joined())
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        select(table, from: condition.map { "(SELECT * FROM \(relation) WHERE \($0))" } ?? relation) { column in
            let isWhole = column.kind == .json || column.kind == .ids || isLabels(column.kind)
            return value(column.kind, "\(isWhole ? "JSON_QUERY" : "JSON_VALUE")(_record, \(path(column.path)))")
        }
    }

    private func isLabels(_ kind: Column.Kind) -> Bool {
        if case .labels = kind { return true }
        return false
    }

    private func value(_ kind: Column.Kind, _ text: String) -> String {
        switch kind {
        case .text: text
        case .json: "SAFE.PARSE_JSON(\(text), wide_number_mode => 'round')"
        case .integer: "SAFE_CAST(\(text) AS INT64)"
        case .number: "SAFE_CAST(\(text) AS NUMERIC)"
        case .boolean:
            "CASE \(text) WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE "
                + "WHEN '0' THEN FALSE END"
        case .time: "SAFE_CAST(\(text) AS TIMESTAMP)"
        case .date: "SAFE_CAST(\(text) AS DATE)"
        case .clock: "COALESCE(SAFE_CAST(\(text) AS TIME), SAFE_CAST(CONCAT(\(text), ':00') AS TIME))"
        case .ids: "ARRAY(SELECT SAFE_CAST(i AS INT64) FROM \(ids(text)))"
        case .label(let options): labels(of: options, for: "SAFE_CAST(\(text) AS INT64)")
        case .labels(let options):
            "ARRAY(SELECT \(labels(of: options, for: "SAFE_CAST(i AS INT64)", unknown: "''")) FROM \(ids(text)))"
        }
    }

    /// An array holds no null here.
    private func labels(of options: [CustomField.Option], for id: String, unknown: String) -> String {
        "IFNULL(\(labels(of: options, for: id)), \(unknown))"
    }

    private func ids(_ text: String) -> String {
        "UNNEST(REGEXP_EXTRACT_ALL(\(text), r'[0-9]+')) AS i WITH OFFSET AS place ORDER BY place"
    }
}
