/// ClickHouse reads the files in place (`file` or `s3`) or loads them into tables that replace rows of one key by the
/// one with the greatest `_seq`, so that loading twice comes to the same. Rows are replaced in the engine's own time:
/// a line that is there is not loaded again, and only two loaders at once need the `FINAL` that the views have. A line
/// is taken apart once, into a tuple of texts.
struct ClickHouse: Dialect {
    func quoted(_ identifier: String) -> String { backquoted(identifier) }
    func literal(_ text: String) -> String { escapedLiteral(text) }

    var textType: String { "Nullable(String)" }

    func preamble(_ lake: Lake) -> [String] {
        [
            "CREATE DATABASE IF NOT EXISTS \(quoted(lake.schema))",
            """
            CREATE TABLE IF NOT EXISTS \(book(lake)) (run String, loaded_at DateTime('UTC'))
            ENGINE = ReplacingMergeTree ORDER BY run
            """,
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        view(lines(table, lake), as: read(lake.files(of: table.name), table))
    }

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        let columns = """
            (_seq Int64, _op LowCardinality(String), _run String, _fetched_at DateTime('UTC'),
              _reason Nullable(String), _key String, _record String)
            """
        return [
            "CREATE TABLE IF NOT EXISTS \(lines(table, lake)) \(columns)\nENGINE = ReplacingMergeTree ORDER BY _seq",
            """
            CREATE TABLE IF NOT EXISTS \(currentTable(table, lake)) \(columns)
            ENGINE = ReplacingMergeTree(_seq) ORDER BY _key
            """,
        ]
    }

    func loadedLines(_ table: StreamTable, _ lake: Lake) -> String { lines(table, lake) + " FINAL" }
    func loadedCurrent(_ table: StreamTable, _ lake: Lake) -> (relation: String, condition: String?) {
        (currentTable(table, lake) + " FINAL", nil)
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let loads = "(SELECT count() FROM \(book(lake)) WHERE run = \(literal(run.run)))"
        let isNew = run.isWhole ? "\(loads) = 0" : "TRUE"
        let steps = tables.flatMap { table in
            (run.paths[table.name] ?? []).flatMap { path in
                func insert(into table: String, _ lines: String, where condition: String) -> String {
                    "INSERT INTO \(table) (\(LineColumn.list))\n\(lines)\nWHERE \(condition)"
                }
                let (all, found) = (lines(table, lake), read(path, table))
                return [
                    insert(into: all, found, where: "\(isNew) AND \(isMissing(in: all))"),
                    insert(into: currentTable(table, lake), found, where: isNew),
                ]
            }
        }
        let note = "INSERT INTO \(book(lake)) SELECT \(literal(run.run)), now('UTC') WHERE \(isNew)"
        return steps + (run.isWhole ? [note] : [])
    }

    private func read(_ path: String, _ table: StreamTable) -> String {
        let function = path.contains("://") ? "s3" : "file"
        func member(_ path: [String], _ type: String) -> String {
            "JSONExtract(_record, \((path + [type]).map(literal).joined(separator: ", ")))"
        }
        func own(_ name: String, _ type: String) -> String { member([name], type) }
        let key = key(table, seq: own("_seq", "Int64")) { member($0, "Nullable(String)") }
        // Half a surrogate pair makes a line that this engine does not take for JSON: all of that line's are replaced.
        return """
            SELECT \(own("_seq", "Int64")) AS _seq, \(own("_op", "String")) AS _op, \(own("_run", "String")) AS _run,
              assumeNotNull(parseDateTimeBestEffortOrNull(\(own("_fetched_at", "String")), 'UTC')) AS _fetched_at,
              \(own("_reason", "Nullable(String)")) AS _reason,
              assumeNotNull(\(key)) AS _key, _record
            FROM (SELECT if(isValidJSON(line), line, replaceRegexpAll(line,
                '\\\\\\\\u[dD][89a-fA-F][0-9a-fA-F][0-9a-fA-F]', '\\\\\\\\ufffd')) AS _record
              FROM \(function)(\(literal(path)), 'LineAsString', 'line String'))
            """
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        let shape = PathTree(table.columns.map(\.path)).text(leaf: "Nullable(String)") { members in
            "Tuple(" + members.map { "\(quoted($0.name)) \($0.text)" }.joined(separator: ", ") + ")"
        }
        let source = "(SELECT *, JSONExtract(_record, \(literal(shape))) AS v FROM \(relation)"
        return select(table, from: source + (condition.map { "\nWHERE \($0)" } ?? "") + ")") { column in
            value(column.kind, column.path.reduce("v") { "tupleElement(\($0), \(literal($1)))" })
        }
    }

    private func value(_ kind: Column.Kind, _ text: String) -> String {
        switch kind {
        // There is no type for a time of day in older versions.
        case .text, .clock, .json: text
        case .integer: "toInt64OrNull(\(text))"
        case .number: "toDecimal128OrNull(\(text), 9)"
        case .boolean: "accurateCastOrNull(\(text), 'Bool')"
        // Best effort makes a time of this year out of a zero date.
        case .time: "if(startsWith(\(text), '0000'), NULL, parseDateTime64BestEffortOrNull(\(text), 3, 'UTC'))"
        case .date: "if(startsWith(\(text), '0000'), NULL, toDate32OrNull(\(text)))"
        case .ids: ids(text)
        case .label(let options): labels(of: options, for: "toInt64OrNull(\(text))")
        case .labels(let options): "arrayMap(i -> \(labels(of: options, for: "i")), \(ids(text)))"
        }
    }

    /// An array is never null here: unset and empty are the same.
    private func ids(_ text: String) -> String {
        "arrayMap(i -> toInt64OrZero(i), extractAll(ifNull(\(text), ''), '[0-9]+'))"
    }
}
