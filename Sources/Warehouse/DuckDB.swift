/// DuckDB reads the snapshot files in place or loads them. A line is read as the one column of a CSV file without any
/// quoting: the engine's own JSON reader would refuse a whole file for half a surrogate pair in a string.
struct DuckDB: Dialect {
    func quoted(_ identifier: String) -> String { doubleQuoted(identifier) }
    func literal(_ text: String) -> String { standardLiteral(text) }

    func preamble(_ lake: Lake) -> [String] {
        [
            "CREATE SCHEMA IF NOT EXISTS \(quoted(lake.schema))",
            "CREATE TABLE IF NOT EXISTS \(book(lake)) (run VARCHAR PRIMARY KEY, loaded_at TIMESTAMP NOT NULL)",
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        view(lines(table, lake), as: read(literal(lake.files(of: table.name)), table))
    }

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        let columns = """
            (_seq BIGINT NOT NULL, _op VARCHAR NOT NULL, _run VARCHAR NOT NULL, _fetched_at TIMESTAMP NOT NULL,
              _reason VARCHAR, _key VARCHAR NOT NULL, _record JSON NOT NULL)
            """
        return [lines(table, lake), currentTable(table, lake)].map { "CREATE TABLE IF NOT EXISTS \($0) \(columns)" }
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let isNew = isNew(run, lake)
        let steps = tables.flatMap { table -> [String] in
            let files = (run.paths[table.name] ?? []).map(literal).joined(separator: ", ")
            return [
                "CREATE OR REPLACE TEMP TABLE staged_lines AS\n\(read("[\(files)]", table))\nWHERE \(isNew)",
                // A merged file may bring lines of earlier runs once more.
                """
                INSERT INTO \(lines(table, lake)) SELECT \(LineColumn.list) FROM staged_lines
                WHERE \(isMissing(in: lines(table, lake)))
                """,
            ] + replaceOlder(in: currentTable(table, lake), lake)
        }
        let note = "INSERT INTO \(book(lake)) SELECT \(literal(run.run)), now()::TIMESTAMP WHERE \(isNew)"
        return ["BEGIN TRANSACTION"] + steps + (run.isWhole ? [note] : []) + ["COMMIT"]
    }

    /// Records larger than this are refused; the default is two million bytes.
    private static let mostLineBytes = 16_777_216

    private func read(_ files: String, _ table: StreamTable) -> String {
        let paths = LineColumn.own.map { [$0] } + [[LineColumn.parent]] + table.keyPaths
        func text(_ path: [String]) -> String { "v[\((paths.firstIndex(of: path) ?? 0) + 1)]" }
        let members = paths.map(path).joined(separator: ", ")
        // Half a surrogate pair makes a line that this engine does not take for JSON: all of that line's are replaced.
        let surrogate = #"'\\u[dD][89a-fA-F][0-9a-fA-F][0-9a-fA-F]'"#
        return """
            SELECT CAST(v[1] AS BIGINT) AS _seq, v[2] AS _op, v[3] AS _run, CAST(v[4] AS TIMESTAMP) AS _fetched_at,
              v[5] AS _reason, \(key(table, seq: "v[1]", text: text)) AS _key,
              CAST(line AS JSON) AS _record
            FROM (SELECT line, json_extract_string(line, [\(members)]) AS v FROM (
              SELECT CASE WHEN json_valid(line) THEN line
                ELSE regexp_replace(line, \(surrogate), '\\\\ufffd', 'g') END AS line
              FROM read_csv(\(files), columns = {'line': 'VARCHAR'}, auto_detect = false, header = false,
                delim = '\\x01', quote = '', escape = '', strict_mode = false, compression = 'gzip',
                max_line_size = \(Self.mostLineBytes))))
            """
    }

    /// A pointer, in which only two characters mean anything.
    private func path(_ members: [String]) -> String {
        literal(members.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined())
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        let paths = table.columns.map(\.path).reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
        let places = Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($0.element, $0.offset + 1) })
        let members = paths.map(path).joined(separator: ", ")
        let source = "(SELECT *, json_extract_string(_record, [\(members)]) AS v FROM \(relation)"
        return select(table, from: source + (condition.map { "\nWHERE \($0)" } ?? "") + ")") {
            value($0.kind, "v[\(places[$0.path] ?? 0)]")
        }
    }

    private func value(_ kind: Column.Kind, _ text: String) -> String {
        switch kind {
        case .text: text
        case .integer: "TRY_CAST(\(text) AS BIGINT)"
        case .number: "TRY_CAST(\(text) AS DECIMAL(38, 9))"
        case .boolean: "TRY_CAST(\(text) AS BOOLEAN)"
        case .time: "TRY_CAST(\(text) AS TIMESTAMP)"
        case .date: "TRY_CAST(\(text) AS DATE)"
        case .clock: "TRY_CAST(\(text) AS TIME)"
        case .json: "TRY_CAST(\(text) AS JSON)"
        case .ids: ids(text)
        case .label(let options): labels(of: options, for: "TRY_CAST(\(text) AS BIGINT)")
        case .labels(let options): "[\(labels(of: options, for: "i")) FOR i IN \(ids(text))]"
        }
    }

    private func ids(_ text: String) -> String { "TRY_CAST(regexp_extract_all(\(text), '[0-9]+') AS BIGINT[])" }
}
