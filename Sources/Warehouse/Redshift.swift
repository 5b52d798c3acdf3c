/// Redshift copies the files into tables, each line as one `SUPER`; it reads nothing in place here.
struct Redshift: Dialect {
    func quoted(_ identifier: String) -> String { doubleQuoted(identifier) }
    /// A backslash escapes here, and so does a quote.
    func literal(_ text: String) -> String {
        standardLiteral(text.replacing("\\", with: "\\\\"))
    }

    var textType: String { "VARCHAR" }

    func preamble(_ lake: Lake) -> [String] {
        [
            "CREATE SCHEMA IF NOT EXISTS \(quoted(lake.schema))",
            "CREATE TABLE IF NOT EXISTS \(book(lake)) (run VARCHAR(32) NOT NULL, loaded_at TIMESTAMPTZ NOT NULL)",
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? { nil }

    private static let lineColumns = """
        (_seq BIGINT NOT NULL, _op VARCHAR(8) NOT NULL, _run VARCHAR(32) NOT NULL, _fetched_at TIMESTAMPTZ NOT NULL,
          _reason VARCHAR(16), _key VARCHAR(256) NOT NULL, _record SUPER NOT NULL)
        """

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        [
            "CREATE TABLE IF NOT EXISTS \(lines(table, lake)) \(Self.lineColumns) DISTKEY (_key) SORTKEY (_seq)",
            "CREATE TABLE IF NOT EXISTS \(currentTable(table, lake)) \(Self.lineColumns) DISTKEY (_key) SORTKEY (_key)",
        ]
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let isNew = isNew(run, lake)
        let steps = tables.flatMap { table -> [String] in
            let copies = (run.paths[table.name] ?? []).map {
                "COPY staged_text FROM \(literal($0)) IAM_ROLE DEFAULT GZIP FORMAT JSON 'noshred'"
            }
            return ["CREATE TEMP TABLE staged_text (line SUPER)"] + copies + [
                "CREATE TEMP TABLE staged_lines AS \(read(table)) WHERE \(isNew)",
                "INSERT INTO \(lines(table, lake)) (\(LineColumn.list)) SELECT \(LineColumn.list) FROM staged_lines"
                    + " WHERE \(isMissing(in: lines(table, lake)))",
            ] + replaceOlder(in: currentTable(table, lake), lake) + [
                "DROP TABLE staged_lines", "DROP TABLE staged_text",
            ]
        }
        let note = "INSERT INTO \(book(lake)) (run, loaded_at) SELECT \(literal(run.run)), GETDATE() WHERE \(isNew)"
        return ["BEGIN", "LOCK TABLE \(book(lake))"] + steps + (run.isWhole ? [note] : []) + ["COMMIT"]
    }

    private func read(_ table: StreamTable) -> String {
        func own(_ member: String, _ type: String) -> String { "CAST(line.\(quoted(member)) AS \(type))" }
        return """
            SELECT \(own("_seq", "BIGINT")) AS _seq, \(own("_op", "VARCHAR(8)")) AS _op,
              \(own("_run", "VARCHAR(32)")) AS _run,
              CAST(\(own("_fetched_at", "VARCHAR(32)")) AS TIMESTAMPTZ) AS _fetched_at,
              \(own("_reason", "VARCHAR(16)")) AS _reason, \(key(table)) AS _key,
              line AS _record
            FROM staged_text
            """
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        select(table, from: relation + (condition.map { "\nWHERE \($0)" } ?? "")) {
            value($0.kind, (["_record"] + $0.path.map(quoted)).joined(separator: "."))
        }
    }

    /// A view is replaced here by one of the very same columns only, and a new field brings new ones.
    func view(_ name: String, as query: String) -> [String] {
        ["BEGIN", "DROP VIEW IF EXISTS \(name)", "CREATE VIEW \(name) AS\n\(query)", "COMMIT"]
    }

    private func key(_ table: StreamTable) -> String {
        func member(_ path: [String]) -> String { text((["line"] + path.map(quoted)).joined(separator: ".")) }
        return key(table, seq: member([LineColumn.seq]), text: member)
    }

    private func text(_ member: String) -> String {
        "CASE JSON_TYPEOF(\(member)) WHEN 'string' THEN CAST(\(member) AS VARCHAR(65535)) WHEN 'null' THEN NULL "
            + "ELSE JSON_SERIALIZE(\(member)) END"
    }

    private func value(_ kind: Column.Kind, _ member: String) -> String {
        let text = text(member)
        return switch kind {
        case .text: text
        case .json: member
        case .integer: "TRY_CAST(\(text) AS BIGINT)"
        case .number: "TRY_CAST(\(text) AS DECIMAL(38, 9))"
        case .boolean: "TRY_CAST(\(text) AS BOOLEAN)"
        case .time: "TRY_CAST(\(text) AS TIMESTAMPTZ)"
        case .date: "TRY_CAST(\(text) AS DATE)"
        case .clock: "TRY_CAST(\(text) AS TIME)"
        // Numbers stay numbers; what is one text becomes a list of texts.
        case .ids: "CASE WHEN IS_ARRAY(\(member)) THEN \(member) ELSE \(ids(text)) END"
        case .label(let options): labels(of: options, for: "TRY_CAST(\(text) AS BIGINT)")
        // There is no way to map a list inside an expression: the view of options is there to be joined.
        case .labels: "CAST(NULL AS VARCHAR)"
        }
    }

    private func ids(_ text: String) -> String {
        "SPLIT_TO_ARRAY(BTRIM(REGEXP_REPLACE(\(text), '[^0-9]+', ','), ','), ',')"
    }
}
