/// Spark reads the files in place or loads them into a table with a partition a run, which is overwritten as a whole: a
/// second time changes nothing. A line is taken apart once, into a struct of texts.
struct Spark: Dialect {
    func quoted(_ identifier: String) -> String { backquoted(identifier) }
    func literal(_ text: String) -> String { escapedLiteral(text) }

    var textType: String { "STRING" }

    func preamble(_ lake: Lake) -> [String] { ["CREATE DATABASE IF NOT EXISTS \(quoted(lake.schema))"] }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        view(lines(table, lake), as: read(lake.files(of: table.name), table))
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
        // A merged file that comes after the files it replaces holds lines that other partitions hold as well.
        ("(SELECT *, \(age) AS _age FROM \(lines(table, lake)))", "_age = 1")
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        tables.map { table in
            let files = (run.paths[table.name] ?? []).map { path in
                "SELECT _seq, _op, _fetched_at, _reason, _key, _record FROM (\(read(path, table)))"
            }
            return """
                INSERT OVERWRITE TABLE \(lines(table, lake)) PARTITION (_run = \(literal(run.run)))
                \(files.joined(separator: "\nUNION ALL "))
                """
        }
    }

    private func read(_ path: String, _ table: StreamTable) -> String {
        let key = key(
            table, parent: "v.\(LineColumn.parent)", member: "v.\(quoted(table.keyMember))", seq: "v._seq")
        let names = (LineColumn.own + [LineColumn.parent, table.keyMember]).filter { !$0.isEmpty }
        let members = names.map { "\(quoted($0)): \($0 == LineColumn.seq ? "BIGINT" : "STRING")" }
        let shape = "STRUCT<\(members.joined(separator: ", "))>"
        return """
            SELECT v._seq, v._op, v._run, CAST(v._fetched_at AS TIMESTAMP) AS _fetched_at, v._reason,
              \(key) AS _key, _record
            FROM (SELECT value AS _record, from_json(value, \(literal(shape))) AS v FROM text.\(quoted(path)))
            """
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        let shape = PathTree(table.columns.map(\.path)).text(leaf: "STRING") { members in
            "STRUCT<" + members.map { "\(quoted($0.name)): \($0.text)" }.joined(separator: ", ") + ">"
        }
        let columns = table.columns.map { column in
            (value(column.kind, (["v"] + column.path.map(quoted)).joined(separator: ".")), column.name)
        }
        let source = "(SELECT *, from_json(_record, \(literal(shape))) AS v FROM \(relation)"
        return select(columns, from: source + (condition.map { "\nWHERE \($0)" } ?? "") + ")")
    }

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
