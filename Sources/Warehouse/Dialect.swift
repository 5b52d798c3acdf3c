/// What an engine has to know to read snapshots. A typed column is written in three steps that are the same
/// everywhere: a line is read as one text and nothing is inferred from it, so that no member is lost and a damaged
/// value harms its own column alone; a member is taken out of it as text, or null; and the text is turned into the
/// column's type, or null.
protocol Dialect: Sendable {
    /// An identifier, so quoted that it can be nothing else.
    func quoted(_ identifier: String) -> String
    /// A text as a literal.
    func literal(_ text: String) -> String
    /// The type of a text.
    var textType: String { get }

    /// What the schema needs before its tables and views: the schema itself, the book of loaded runs, functions.
    func preamble(_ lake: Lake) -> [String]
    /// What a transaction that makes tables and views begins with, so that two of them wait for each other.
    func entrance(_ lake: Lake) -> [String]
    /// The lines of a stream's snapshot files where they lie; nil when the engine cannot read them there.
    func outside(_ table: StreamTable, _ lake: Lake) -> [String]?
    /// Tables for the lines that were loaded: all of them, and the newest of each record.
    func tables(_ table: StreamTable, _ lake: Lake) -> [String]
    /// Loads the files of one run, all or nothing where the engine can; a second time changes nothing.
    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String]

    /// `SELECT` of all columns from a relation of lines.
    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String
    /// A condition that leaves the newest line of each record of a relation of lines.
    func newest(in relation: String) -> String
    /// All lines that were loaded.
    func loadedLines(_ table: StreamTable, _ lake: Lake) -> String
    /// The newest line of each record that was loaded: a relation, and a condition where that holds others too.
    func loadedCurrent(_ table: StreamTable, _ lake: Lake) -> (relation: String, condition: String?)
    /// The view of this name, made or made anew.
    func view(_ name: String, as query: String) -> [String]
}

/// The names that a line's own fields have as columns, and the whole line.
enum LineColumn {
    static let seq = "_seq"
    static let operation = "_op"
    static let run = "_run"
    static let fetchedAt = "_fetched_at"
    static let reason = "_reason"
    /// The record's key as text.
    static let key = "_key"
    /// The line itself: what no column holds is here.
    static let record = "_record"

    static let all = [seq, operation, run, fetchedAt, reason, key, record]
    static var list: String { all.joined(separator: ", ") }
    /// Those that are read out of the line.
    static let own = [seq, operation, run, fetchedAt, reason]
    /// In the lines of streams whose records name no parent although they hang under one; a column of their views.
    static let parent = "_parent"
}

/// Where the snapshots lie, and where their tables and views shall be.
package struct Lake: Hashable, Sendable {
    package var account: String
    /// In front of `snapshots/…`: the output folder with a slash at its end, or a bucket's address.
    package var prefix: String
    /// The schema (database, data set) of the tables and views.
    package var schema: String

    package init(account: String, prefix: String, schema: String) {
        (self.account, self.prefix, self.schema) = (account, prefix, schema)
    }

    func folder(of stream: String) -> String { "\(prefix)snapshots/account=\(account)/stream=\(stream)/" }
    func files(of stream: String) -> String { "\(folder(of: stream))*/*.ndjson.gz" }
}

/// The snapshot files of one run.
package struct RunFiles: Hashable, Sendable {
    package var run: String
    /// By stream, their paths with the prefix before them.
    package var paths: [String: [String]]
    /// Whether these are all of the run's streams. Where not, the book of runs is neither asked nor written, or nobody
    /// would load the others; lines that are there are told by their `_seq` all the same.
    package var isWhole: Bool

    package init(run: String, paths: [String: [String]], isWhole: Bool = true) {
        (self.run, self.paths, self.isWhole) = (run, paths, isWhole)
    }

    var streams: [String] { paths.keys.sorted() }
}

extension Dialect {
    /// `schema.name`.
    func name(_ name: String, _ lake: Lake) -> String { "\(quoted(lake.schema)).\(quoted(name))" }

    func lines(_ table: StreamTable, _ lake: Lake) -> String { name("\(table.name)__lines", lake) }
    func currentTable(_ table: StreamTable, _ lake: Lake) -> String { name("\(table.name)__current", lake) }
    func book(_ lake: Lake) -> String { name("loaded_runs", lake) }

    func view(_ name: String, as query: String) -> [String] { ["CREATE OR REPLACE VIEW \(name) AS\n\(query)"] }

    /// 1 for the newest line of a record, greater for older ones and for a line that stands twice.
    var age: String { "row_number() OVER (PARTITION BY _key ORDER BY _seq DESC)" }

    func newest(in relation: String) -> String { "_seq IN (SELECT max(_seq) FROM \(relation) GROUP BY _key)" }

    /// A condition for a run to be loaded.
    func isNew(_ run: RunFiles, _ lake: Lake) -> String {
        run.isWhole ? "NOT EXISTS (SELECT 1 FROM \(book(lake)) WHERE run = \(literal(run.run)))" : "TRUE"
    }

    /// A condition for lines to be loaded. A merged file that comes after the files it replaces holds lines that
    /// were loaded from those.
    func isMissing(in lines: String) -> String { "_seq NOT IN (SELECT _seq FROM \(lines))" }

    func entrance(_ lake: Lake) -> [String] { [] }

    func loadedLines(_ table: StreamTable, _ lake: Lake) -> String { lines(table, lake) }

    func loadedCurrent(_ table: StreamTable, _ lake: Lake) -> (relation: String, condition: String?) {
        (currentTable(table, lake), nil)
    }

    /// The record's key: with its parent's before it where the line says that, as the index has it. What has no key of
    /// its own, an entry of a log, is its own record.
    /// - Parameter text: a member of the line as text, or null.
    func key(_ table: StreamTable, seq: String, text: ([String]) -> String) -> String {
        let line = "CAST(\(seq) AS \(textType))"
        guard !table.keyPaths.isEmpty else { return line }
        let parent = text([LineColumn.parent])
        let own = table.keyPaths.map(text).joined(separator: " || '/' || ")
        let key = "CASE WHEN \(parent) IS NULL THEN \(own) ELSE \(parent) || '/' || \(own) END"
        return table.mayLackKey ? "COALESCE(\(key), \(line))" : key
    }

    func doubleQuoted(_ identifier: String) -> String {
        "\"\(printable(identifier).replacing("\"", with: "\"\""))\""
    }
    func backquoted(_ identifier: String) -> String { "`\(printable(identifier).replacing("`", with: "``"))`" }

    /// A text between quotes that are doubled inside it, for engines in which a backslash is a backslash.
    func standardLiteral(_ text: String) -> String { "'\(printable(text).replacing("'", with: "''"))'" }
    /// For engines in which a backslash escapes.
    func escapedLiteral(_ text: String) -> String {
        let escaped = printable(text).replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            .replacing("\n", with: "\\n").replacing("\r", with: "\\r")
        return "'\(escaped)'"
    }

    /// No engine takes a zero byte in a statement.
    private func printable(_ text: String) -> String { text.replacing("\0", with: "\u{FFFD}") }

    /// `CASE` over the options' ids; null for an id that no definition has shown.
    func labels(of options: [CustomField.Option], for id: String) -> String {
        guard !options.isEmpty else { return "CAST(NULL AS \(textType))" }
        let cases = options.map { "WHEN \($0.id) THEN \(literal($0.label))" }
        return "CASE \(id) \(cases.joined(separator: " ")) END"
    }

    var textType: String { "VARCHAR" }

    /// The API's columns, then those of the line, then the account's own: these grow, and only at the end.
    /// - Parameter value: of a column, as the engine writes it.
    func select(_ table: StreamTable, from relation: String, value: (Column) -> String) -> String {
        func written(_ column: Column) -> String { "  \(value(column)) AS \(quoted(column.name))" }
        let list = table.standard.map(written) + LineColumn.all.map { "  \($0)" } + table.custom.map(written)
        return "SELECT\n\(list.joined(separator: ",\n"))\nFROM \(relation)"
    }

    /// Replaces the newest line of each record in a table by newer ones of `staged_lines`, which lose their others.
    func replaceOlder(in current: String, _ lake: Lake) -> [String] {
        [
            "DELETE FROM staged_lines WHERE _seq NOT IN (SELECT max(_seq) FROM staged_lines GROUP BY _key)",
            """
            DELETE FROM staged_lines USING \(current) AS c
            WHERE c._key = staged_lines._key AND c._seq >= staged_lines._seq
            """,
            "DELETE FROM \(current) WHERE _key IN (SELECT _key FROM staged_lines)",
            "INSERT INTO \(current) (\(LineColumn.list)) SELECT \(LineColumn.list) FROM staged_lines",
        ]
    }

    /// The same as one statement, for engines that have it.
    func merge(into current: String, from staged: String) -> String {
        let changes = LineColumn.all.map { "\($0) = s.\($0)" }.joined(separator: ", ")
        let values = LineColumn.all.map { "s.\($0)" }.joined(separator: ", ")
        return """
            MERGE INTO \(current) AS t
            USING (SELECT \(LineColumn.list) FROM \(staged)
              QUALIFY \(age) = 1) AS s
            ON t._key = s._key
            WHEN MATCHED AND t._seq < s._seq THEN UPDATE SET \(changes)
            WHEN NOT MATCHED THEN INSERT (\(LineColumn.list)) VALUES (\(values))
            """
    }
}
