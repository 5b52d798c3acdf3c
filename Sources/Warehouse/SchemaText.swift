/// The engines for which `schema` writes statements.
package enum Engine: String, CaseIterable, Sendable {
    case duckdb, clickhouse, postgres, spark, bigquery, snowflake, redshift

    var dialect: any Dialect {
        switch self {
        case .duckdb: DuckDB()
        case .clickhouse: ClickHouse()
        case .postgres: Postgres()
        case .spark: Spark()
        case .bigquery: BigQuery()
        case .snowflake: Snowflake()
        case .redshift: Redshift()
        }
    }

    /// Whether it can read the snapshot files where they lie.
    package var readsInPlace: Bool { self != .postgres && self != .redshift }
}

/// The statements of an engine for the streams of an account, each without its semicolon.
package struct SchemaText: Sendable {
    private let dialect: any Dialect
    private let lake: Lake
    private let tables: [StreamTable]

    package init(_ engine: Engine, _ lake: Lake, _ tables: [StreamTable]) {
        (dialect, self.lake, self.tables) = (engine.dialect, lake, tables)
    }

    /// Views over the snapshot files where they lie. For each stream: its lines, its versions, and its records as they
    /// are. They can be made anew at any time; nil for an engine that cannot read the files in place.
    package func outside() -> [String]? {
        var statements = dialect.preamble(lake)
        for table in tables {
            guard let lines = dialect.outside(table, lake) else { return nil }
            let relation = dialect.lines(table, lake)
            statements += lines + views(table, lines: relation, newest: (relation, dialect.newest(in: relation)))
        }
        return statements + fields()
    }

    /// The same over tables into which the files are loaded.
    package func loaded() -> [String] {
        dialect.preamble(lake)
            + tables.flatMap { table in
                dialect.tables(table, lake)
                    + views(
                        table, lines: dialect.loadedLines(table, lake), newest: dialect.loadedCurrent(table, lake))
            } + fields()
    }

    /// Loads the files of a run; a second time changes nothing.
    package func load(_ run: RunFiles) -> [String] {
        dialect.load(run, tables.filter { run.paths[$0.name]?.isEmpty == false }, lake)
    }

    /// The statement as a client reads it: what is psql's own ends with its line, everything else with a semicolon.
    package static func terminated(_ statement: String) -> String {
        let isClients = statement.hasPrefix("\\") || statement.hasSuffix("\n\\gset")
        return statement + (isClients ? "" : ";")
    }

    /// The statements as one transaction; another such waits for its end.
    package func transaction(_ statements: [String]) -> [String] {
        ["BEGIN"] + dialect.entrance(lake) + statements + ["COMMIT"]
    }

    /// Says whose lines the tables hold, unless that was said before: `_seq` counts within an account, so a line of
    /// another one would be taken for a line that is there.
    package var claim: [String] {
        dialect.preamble(lake) + [
            "CREATE TABLE IF NOT EXISTS \(claims) (account \(dialect.textType) NOT NULL)",
            """
            INSERT INTO \(claims) (account) SELECT \(dialect.literal(lake.account))
            WHERE NOT EXISTS (SELECT 1 FROM \(claims))
            """,
        ]
    }

    /// Whose they are, as a query of one column.
    package var claimants: String { "SELECT account FROM \(claims)" }

    private var claims: String { dialect.name("loaded_from", lake) }

    /// Which runs are loaded, as a query of one column.
    package var loadedRuns: String { "SELECT run FROM \(dialect.book(lake)) ORDER BY run" }

    private func views(
        _ table: StreamTable, lines: String, newest: (relation: String, condition: String?)
    ) -> [String] {
        let versions = dialect.typed(table, lake, from: lines, where: nil)
        let isThere = [newest.condition, "_op = 'upsert'"].compactMap { $0 }.joined(separator: " AND ")
        let current = dialect.typed(table, lake, from: newest.relation, where: isThere)
        return dialect.view(dialect.name("\(table.name)__versions", lake), as: versions)
            + dialect.view(dialect.name(table.name, lake), as: current)
    }

    /// Which column holds which custom field, and which options fields have, for people who look for one.
    private func fields() -> [String] {
        let columns = tables.flatMap { table in
            table.fields.flatMap { field in
                (table.customNames[field.key] ?? []).enumerated().map { place, name in
                    [
                        ("stream", table.name), ("column_name", name), ("field_key", field.key),
                        ("field_name", field.names.last?.name ?? ""), ("field_type", field.type),
                        ("is_alias", place > 0 ? "yes" : "no"), ("is_deleted", field.isDeleted ? "yes" : "no"),
                    ]
                }
            }
        }
        let options = tables.flatMap { table in
            table.optionLists.flatMap { list in
                list.options.map {
                    [
                        ("stream", table.name), ("column_name", list.column), ("option_id", String($0.id)),
                        ("label", $0.label),
                    ]
                }
            }
        }
        return rows(columns, "custom_fields") + rows(options, "custom_field_options")
    }

    /// A view of texts.
    private func rows(_ rows: [[(name: String, text: String)]], _ name: String) -> [String] {
        guard !rows.isEmpty else { return [] }
        let selects = rows.map { row in
            "SELECT " + row.map { "\(dialect.literal($0.text)) AS \($0.name)" }.joined(separator: ", ")
        }
        return dialect.view(dialect.name(name, lake), as: selects.joined(separator: " UNION ALL\n"))
    }
}
