/// Snowflake reads the files from an external stage, or copies and merges them into tables.
struct Snowflake: Dialect {
    func quoted(_ identifier: String) -> String { doubleQuoted(identifier) }
    func literal(_ text: String) -> String { escapedLiteral(text) }

    private func stage(_ lake: Lake) -> String { name("snapshots", lake) }
    private func format(_ lake: Lake) -> String { name("ndjson", lake) }

    func preamble(_ lake: Lake) -> [String] {
        [
            "CREATE SCHEMA IF NOT EXISTS \(quoted(lake.schema))",
            "CREATE FILE FORMAT IF NOT EXISTS \(format(lake)) TYPE = JSON COMPRESSION = GZIP",
            "CREATE STAGE IF NOT EXISTS \(stage(lake)) URL = \(literal(lake.prefix))"
                + " FILE_FORMAT = (FORMAT_NAME = \(literal(format(lake))))",
            "CREATE TABLE IF NOT EXISTS \(book(lake)) (run VARCHAR NOT NULL, loaded_at TIMESTAMP_TZ NOT NULL)",
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? {
        let folder = "snapshots/account=\(lake.account)/stream=\(table.name)/"
        let files = "@\(stage(lake))/\(folder) (FILE_FORMAT => \(literal(format(lake))), PATTERN => '.*[.]ndjson[.]gz')"
        return view(lines(table, lake), as: read(files, table))
    }

    func newest(in relation: String) -> String {
        "TRUE QUALIFY \(age) = 1"
    }

    private static let lineColumns = """
        (_seq NUMBER(19, 0) NOT NULL, _op VARCHAR NOT NULL, _run VARCHAR NOT NULL, _fetched_at TIMESTAMP_TZ NOT NULL,
          _reason VARCHAR, _key VARCHAR NOT NULL, _record VARIANT NOT NULL)
        """

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        [lines(table, lake), currentTable(table, lake)].map { "CREATE TABLE IF NOT EXISTS \($0) \(Self.lineColumns)" }
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let isNew = isNew(run, lake)
        func staged(_ table: StreamTable) -> String { name("\(table.name)__staged", lake) }
        let copies = tables.flatMap { table -> [String] in
            let files = (run.paths[table.name] ?? []).map {
                literal(String($0.hasPrefix(lake.prefix) ? $0.dropFirst(lake.prefix.count) : $0[...]))
            }
            return [
                "CREATE OR REPLACE TEMPORARY TABLE \(staged(table)) \(Self.lineColumns)",
                "COPY INTO \(staged(table)) FROM (\(read("@\(stage(lake))/", table)))"
                    + " FILES = (\(files.joined(separator: ", ")))",
            ]
        }
        let steps = tables.flatMap { table in
            [
                "INSERT INTO \(lines(table, lake)) (\(LineColumn.list))"
                    + " SELECT \(LineColumn.list) FROM \(staged(table)) WHERE \(isNew)"
                    + " AND \(isMissing(in: lines(table, lake)))",
                merge(into: currentTable(table, lake), from: staged(table)),
            ]
        }
        let note =
            "INSERT INTO \(book(lake)) (run, loaded_at) SELECT \(literal(run.run)), CURRENT_TIMESTAMP()"
            + " WHERE \(isNew)"
        return copies + ["BEGIN TRANSACTION"] + steps + (run.isWhole ? [note] : []) + ["COMMIT"]
    }

    private func read(_ files: String, _ table: StreamTable) -> String {
        func member(_ path: [String], _ type: String = "VARCHAR") -> String {
            "$1:\(path.map(quoted).joined(separator: "."))::\(type)"
        }
        func own(_ name: String, _ type: String = "VARCHAR") -> String { member([name], type) }
        let key = key(table, seq: own(LineColumn.seq)) { member($0) }
        return """
            SELECT \(own("_seq", "NUMBER(19, 0)")) AS _seq, \(own("_op")) AS _op, \(own("_run")) AS _run,
              \(own("_fetched_at", "TIMESTAMP_TZ")) AS _fetched_at, \(own("_reason")) AS _reason,
              \(key) AS _key, $1 AS _record
            FROM \(files)
            """
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        select(table, from: condition.map { "(SELECT * FROM \(relation) WHERE \($0))" } ?? relation) {
            value($0.kind, "_record:" + $0.path.map(quoted).joined(separator: "."))
        }
    }

    private func value(_ kind: Column.Kind, _ member: String) -> String {
        let text = "\(member)::VARCHAR"
        return switch kind {
        case .text: text
        case .json: member
        case .integer: "TRY_TO_NUMBER(\(text), 19, 0)"
        case .number: "TRY_TO_NUMBER(\(text), 38, 9)"
        case .boolean: "TRY_TO_BOOLEAN(\(text))"
        // With or without a zone; without one it is UTC.
        case .time:
            "COALESCE(TRY_TO_TIMESTAMP_TZ(\(text), 'YYYY-MM-DD\"T\"HH24:MI:SS.FFTZH:TZM'), "
                + "TRY_TO_TIMESTAMP_TZ(REPLACE(REPLACE(\(text), ' ', 'T'), 'Z', '') || 'Z'))"
        case .date: "TRY_TO_DATE(\(text), 'YYYY-MM-DD')"
        case .clock: "TRY_TO_TIME(\(text))"
        case .ids: "TRANSFORM(\(ids(text)), i VARCHAR -> TRY_TO_NUMBER(i, 19, 0))"
        case .label(let options): labels(of: options, for: "TRY_TO_NUMBER(\(text), 19, 0)")
        case .labels(let options):
            "TRANSFORM(\(ids(text)), i VARCHAR -> \(labels(of: options, for: "TRY_TO_NUMBER(i, 19, 0)")))"
        }
    }

    private func ids(_ text: String) -> String { "REGEXP_SUBSTR_ALL(\(text), '[0-9]+')" }
}
