import GRDB
package import Planning

/// The views of the index, as anybody may read them.
package struct IndexViews {
    package struct Version: Hashable {
        package var stream: String
        package var id: String
        package var op: String
        package var seq: Int64
        package var file: String
        package var run: String
    }

    package struct Spent: Hashable {
        package var day: String
        package var run: String?
        package var stream: String
        package var tokens: Int
    }

    private let database: DatabaseQueue

    package init(_ folder: String, account: String = "acme") throws {
        var configuration = Configuration()
        configuration.readonly = true
        database = try DatabaseQueue(path: "\(folder)/index/\(account).sqlite", configuration: configuration)
    }

    package func versions(_ view: String) throws -> [Version] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT stream, id, op, seq, file, run FROM \(view) ORDER BY seq").map {
                Version(stream: $0[0], id: $0[1], op: $0[2], seq: $0[3], file: $0[4], run: $0[5])
            }
        }
    }

    /// What a view of versions says of each record, oldest first, without what hangs on when it was written.
    func states(_ view: String) throws -> [String] {
        try database.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT stream || ' ' || id || ' ' || op || ' ' || ifnull(update_time, '') FROM \(view)
                    ORDER BY stream, id, seq
                    """)
        }
    }

    package func files() throws -> [String: String] {
        try database.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT path, sha256 FROM files")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    package func spent() throws -> [Spent] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT budget_day, run, stream, tokens FROM token_spend").map {
                Spent(day: $0[0], run: $0[1], stream: $0[2], tokens: $0[3])
            }
        }
    }

    package func coverage() throws -> [String: Coverage] {
        try database.read { db in
            var result: [String: Coverage] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT stream, since, until FROM coverage") {
                guard let since = Instant(row[1] as String), let until = Instant(row[2] as String),
                    let interval = Interval(since: since, until: until)
                else { continue }
                result[row[0], default: Coverage()].add(interval)
            }
            return result
        }
    }

    package func runs() throws -> [(run: String, outcome: String?, exitCode: Int?)] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT run, outcome, exit_code FROM runs ORDER BY run").map {
                ($0[0], $0[1], $0[2])
            }
        }
    }
}
