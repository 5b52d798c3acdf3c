/// Spark reads the files in place or appends them to a table with a partition a run. There are no transactions; lines
/// that are there already are left out, so a second time changes nothing, and what was killed is simply begun again. A
/// line is taken apart once, into a struct of texts.
struct Spark: Dialect {
    func quoted(_ identifier: String) -> String { backquoted(identifier) }
    /// Spark puts values of settings and of the environment in the place of `${…}`, within literals too.
    func literal(_ text: String) -> String { escapedLiteral(text).replacing("${", with: "$\\{") }

    var textType: String { "STRING" }

    func preamble(_ lake: Lake) -> [String] { ["CREATE DATABASE IF NOT EXISTS \(quoted(lake.schema))"] }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        // By the folder: stars behind slashes begin a comment for some clients, also within backquotes.
        view(lines(table, lake), as: read(lake.folder(of: table.name), table))
    }

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        [
            """
            CREATE TABLE IF NOT EXISTS \(lines(table, lake)) (_seq BIGINT, _op STRING, _fetched_at TIMESTAMP,
              _reason STRING, _key STRING, _record STRING, _run STRING) USING parquet PARTITIONED BY (_run)
            """
        ]
    }

    func loadedCurrent(_ table: StreamTable, _ lake: Lake) -> (relation: String, condition: String?) {
        // Two loaders at once may both have brought a line.
        ("(SELECT *, \(age) AS _age FROM \(lines(table, lake)))", "_age = 1")
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        tables.map { table in
            let files = (run.paths[table.name] ?? []).map { read($0, table) }.joined(separator: "\nUNION ALL ")
            // The table's own order, in which the partition comes last.
            return """
                INSERT INTO \(lines(table, lake))
                SELECT _seq, _op, _fetched_at, _reason, _key, _record, _run
                FROM (\(files)) AS new LEFT ANTI JOIN \(lines(table, lake)) AS old ON new._seq = old._seq
                """
        }
    }

    private func read(_ path: String, _ table: StreamTable) -> String {
        let key = key(table, seq: "v._seq", text: member)
        let shape = shape(LineColumn.own.map { [$0] } + [[LineColumn.parent]] + table.keyPaths)
        return """
            SELECT CAST(v._seq AS BIGINT) AS _seq, v._op, v._run,
              CAST(v._fetched_at AS TIMESTAMP) AS _fetched_at, v._reason, \(key) AS _key, _record
            FROM (SELECT value AS _record, from_json(value, \(literal(shape))) AS v FROM text.\(quoted(path)))
            """
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        let shape = shape(table.columns.map(\.path))
        let source = "(SELECT *, from_json(_record, \(literal(shape))) AS v FROM \(relation)"
        return select(table, from: source + (condition.map { "\nWHERE \($0)" } ?? "") + ")") {
            value($0.kind, member($0.path))
        }
    }

    /// The type of a struct of texts that has these members.
    private func shape(_ paths: [[String]]) -> String {
        PathTree(paths).text(leaf: "STRING") { members in
            "STRUCT<" + members.map { "\(quoted($0.name)): \($0.text)" }.joined(separator: ", ") + ">"
        }
    }

    private func member(_ path: [String]) -> String { (["v"] + path.map(quoted)).joined(separator: ".") }

    private func value(_ kind: Column.Kind, _ text: String) -> String {
        switch kind {
        case .text, .clock, .json: text
        case .integer: "try_cast(\(text) AS BIGINT)"
        case .number: "try_cast(\(text) AS DECIMAL(38, 9))"
        case .boolean: "try_cast(\(text) AS BOOLEAN)"
        // Without a zone it would be taken for a time of the session's zone.
        case .time:
            "try_cast(CASE WHEN \(text) LIKE '____-__-__ __:__:__%' THEN concat(\(text), 'Z') "
                + "ELSE \(text) END AS TIMESTAMP)"
        case .date: "try_cast(\(text) AS DATE)"
        case .ids: ids(text)
        case .label(let options): labels(of: options, for: "try_cast(\(text) AS BIGINT)")
        case .labels(let options): "transform(\(ids(text)), i -> \(labels(of: options, for: "i")))"
        }
    }

    private func ids(_ text: String) -> String {
        "transform(regexp_extract_all(\(text), '[0-9]+', 0), i -> try_cast(i AS BIGINT))"
    }
}
