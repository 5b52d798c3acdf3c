import GRDB
package import Planning

/// Lists that are read as a whole: what they have shown, and what they no longer show.
extension Index {
    /// Records that stand as present and that no list of the stream has shown in the round that ends; where one
    /// round is no proof, nor in the one before.
    func gone(from stream: StreamSpec, alsoSeen: [RecordKey]) throws -> [RecordKey] {
        let unseen = try read { try Self.unseen(stream, in: $0) }.filter { !Set(alsoSeen).contains($0) }
        guard stream.buriesAtSecondMiss else { return unseen }
        let missed = try read { db in
            Set(
                try Row.fetchAll(
                    db.cachedStatement(sql: "SELECT id FROM missed WHERE stream = ?"), arguments: [stream.name]
                ).map {
                    RecordKey(stored: $0[0])
                })
        }
        return unseen.filter(missed.contains)
    }

    private static func unseen(_ stream: StreamSpec, in db: Database) throws -> [RecordKey] {
        let lists = stream.lists.map { _ in "?" }.joined(separator: ", ")
        return try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id FROM heads WHERE stream = (SELECT id FROM stream_names WHERE name = ?) AND op = 0
                      AND id NOT IN (SELECT id FROM seen WHERE list IN (\(lists))) ORDER BY id
                    """), arguments: StatementArguments([stream.name] + stream.lists.map(\.name))
        ).map { RecordKey(stored: $0[0]) }
    }

    /// The last page of the last list ends the round. What was buried with it no longer stands as present.
    static func endListing(_ entry: PageEntry, in db: Database) throws {
        guard entry.stream.lists.last == entry.list || !entry.stream.tellsWhatIsGone else { return }
        if entry.stream.tellsWhatIsGone && entry.stream.buriesAtSecondMiss {
            try db.executeCached(sql: "DELETE FROM missed WHERE stream = ?", arguments: [entry.stream.name])
            for key in try unseen(entry.stream, in: db) {
                try db.executeCached(
                    sql: "INSERT INTO missed(stream, id) VALUES (?, ?)",
                    arguments: [entry.stream.name, key.databaseValue])
            }
        }
        for list in entry.stream.lists { try forgetShown(by: list.name, in: db) }
    }

    static func show(_ keys: [RecordKey], by listing: String, in db: Database) throws {
        guard !keys.isEmpty else { return }
        let show = try RowStatement("INSERT OR IGNORE INTO seen(list, id) VALUES (?, ?)", in: db)
        show.bind(listing, at: 1)
        for key in keys {
            show.bind(key, at: 2)
            try show.run()
        }
    }

    static func forgetShown(by listing: String, in db: Database) throws {
        try db.executeCached(sql: "DELETE FROM seen WHERE list = ?", arguments: [listing])
    }

    func hasShown(anyOf keys: [RecordKey], list: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS(SELECT 1 FROM json_each(?) k JOIN seen s ON s.list = ? AND s.id = k.value)
                        """), arguments: [jsonArray(keys), list]) ?? false
        }
    }
}

extension RunStore {
    /// Whether the listing under way has shown one of these already.
    package func hasShown(anyOf keys: [RecordKey], list: String) throws -> Bool {
        try index.hasShown(anyOf: keys, list: list)
    }
}
