import GRDB
package import Planning

/// What a page of children makes true, besides the versions in it.
package struct ChildPage: Sendable {
    /// The batch after this page.
    package var walk: Walk
    /// The keys that this page showed.
    package var shown: [RecordKey]
    package var isFirst: Bool
    /// The parents that are done with this page, which is their last; none while the batch goes on.
    package var done: [ParentMark]
    /// Other parents that the list does not know, as is certain with this page.
    package var gone: [ParentMark]

    package init(walk: Walk, shown: [RecordKey], isFirst: Bool, done: [ParentMark], gone: [ParentMark] = []) {
        self.walk = walk
        self.shown = shown
        self.isFirst = isFirst
        self.done = done
        self.gone = gone
    }
}

// MARK: - What a page changes

extension Index {
    /// Queues the parents among a page's versions for every child stream that was begun.
    static func queueParents(_ page: NumberedPage, for children: [StreamSpec], in db: Database) throws {
        for child in children where child.parent?.stream == page.stream {
            let put = try db.cachedStatement(
                sql: "REPLACE INTO child_queue(stream, parent, seq, changed_at) VALUES (?, ?, ?, ?)")
            // A log of a record that nobody can see is not shown either.
            for version in page.versions where !(child.isHistory && version.reason == .absent) {
                try put.execute(arguments: [
                    child.name, version.key.databaseValue, version.seq, version.updateTime?.seconds ?? 0,
                ])
            }
        }
    }

    /// Remembers under which records the versions of a page stand.
    static func rememberParents(_ page: NumberedPage, stream: Int64, in db: Database) throws {
        let put = try db.cachedStatement(sql: "REPLACE INTO child_parents(stream, id, parent) VALUES (?, ?, ?)")
        for version in page.versions {
            guard let parent = version.parent else { continue }
            try put.execute(arguments: [stream, version.key.databaseValue, parent.databaseValue])
        }
    }

    static func remember(_ page: ChildPage, of stream: StreamSpec, in db: Database) throws {
        let first = page.walk.parents.first?.seq ?? 0
        if page.isFirst || !page.done.isEmpty { try forgetBatch(page.walk, stream, in: db) }
        for parent in page.gone {
            var walk = page.walk
            walk.parents = [parent]
            try forgetBatch(walk, stream, in: db)
        }
        let finish = try db.cachedStatement(
            sql: "DELETE FROM child_queue WHERE stream = ? AND parent = ? AND seq <= ?")
        for parent in page.done + page.gone {
            try finish.execute(arguments: [stream.name, parent.key.databaseValue, parent.seq])
        }
        guard page.done.isEmpty else { return }
        try show(page.shown, by: page.walk.listing, in: db)
        let (cursor, start) = PagePosition.columns(of: page.walk.position)
        try db.executeCached(
            sql: """
                REPLACE INTO child_walks(stream, first_seq, parents, cursor, start, began_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [stream.name, first, json(page.walk.parents), cursor, start, page.walk.beganAt.seconds])
    }

    private static func forgetBatch(_ walk: Walk, _ stream: StreamSpec, in db: Database) throws {
        try forgetShown(by: walk.listing, in: db)
        try db.executeCached(
            sql: "DELETE FROM child_walks WHERE stream = ? AND first_seq = ?",
            arguments: [stream.name, walk.parents.first?.seq ?? 0])
    }

    private static func json(_ parents: [ParentMark]) -> String {
        "[\(parents.map { "[\(jsonText($0.key)),\($0.seq)]" }.joined(separator: ","))]"
    }
}

// MARK: - Beginning a stream

extension Index {
    /// Begins child streams that are new to this index, and those whose children have reached their age: all parents
    /// that the stream's coverage does not vouch for are queued.
    func beginChildren(_ streams: [StreamSpec], at now: Instant) throws {
        for stream in streams {
            try write { db in
                let sql = "SELECT renewed_at FROM child_streams WHERE stream = ?"
                let renewedAt = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [stream.name])
                let age = renewedAt.map { now.seconds - $0 }
                if let age, age < stream.parent?.renewalSeconds ?? .max { return }
                try Self.queueAllParents(of: stream, isNew: age == nil, in: db)
                try db.executeCached(
                    sql: "REPLACE INTO child_streams(stream, renewed_at) VALUES (?, ?)",
                    arguments: [stream.name, now.seconds])
            }
        }
    }

    /// A deleted parent is worth a question only where it has children that are not buried.
    private static func queueAllParents(of stream: StreamSpec, isNew: Bool, in db: Database) throws {
        let changedAt = """
            CASE typeof(h.update_time) WHEN 'integer' THEN h.update_time
              ELSE CAST(strftime('%s', h.update_time) AS INTEGER) END
            """
        try db.executeCached(
            sql: """
                REPLACE INTO child_queue(stream, parent, seq, changed_at)
                SELECT ?1, h.id, h.seq, coalesce(\(changedAt), 0) FROM heads h
                WHERE h.stream = (SELECT id FROM stream_names WHERE name = ?2)
                  AND (h.op = 0 OR EXISTS(SELECT 1 FROM child_parents c
                    JOIN heads k ON k.stream = c.stream AND k.id = c.id AND k.op = 0
                    WHERE c.stream = (SELECT id FROM stream_names WHERE name = ?1) AND c.parent = h.id))
                  AND (h.seq >= ?3 OR NOT EXISTS(SELECT 1 FROM stream_coverage v
                    WHERE v.stream = ?1 AND v.since <= \(changedAt) AND \(changedAt) < v.until))
                """,
            arguments: [
                stream.name, stream.parent?.stream ?? "", isNew ? try firstUnvouched(stream.name, in: db) : 0,
            ])
    }

    /// From which number on a version may have come after its stream's children were last read: none before the last
    /// run that covered anything of them.
    private static func firstUnvouched(_ stream: String, in db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(b.first_seq) FROM run_log r JOIN file_log f ON f.run = r.id
                    JOIN blocks b ON b.file = f.id
                    WHERE r.name >= (SELECT max(c.name) FROM run_coverage v JOIN run_log c ON c.id = v.run
                      WHERE v.stream = ?)
                    """), arguments: [stream]) ?? .max
    }
}

extension Index {
    /// Puts a parent first in line that stands as present and whose children were read before.
    /// - Parameter turn: decides which, so that another time it is another one.
    /// - Returns: nil when there is none.
    func queueWitness(of stream: StreamSpec, turn: Int) throws -> RecordKey? {
        try write { db in
            let found = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT id, seq FROM heads WHERE stream = (SELECT id FROM stream_names WHERE name = ?) AND op = 0
                          AND id NOT IN (SELECT parent FROM child_queue WHERE stream = ?)
                        ORDER BY seq * ? % 1009, id LIMIT 1
                        """), arguments: [stream.parent?.stream ?? "", stream.name, turn])
            guard let found else { return nil }
            try db.executeCached(
                sql: "INSERT INTO child_queue(stream, parent, seq, changed_at) VALUES (?, ?, ?, ?)",
                arguments: [stream.name, found["id"] as DatabaseValue, found["seq"] as Int64, Int64.max])
            return RecordKey(stored: found["id"])
        }
    }
}

// MARK: - What is remembered

extension Index {
    /// The child streams that were ever begun.
    func begunChildren() throws -> [StreamSpec] {
        try read { try String.fetchAll($0.cachedStatement(sql: "SELECT stream FROM child_streams ORDER BY stream")) }
            .compactMap { Catalogue.stream(named: $0) }
    }

    static func isQueueEmpty(of stream: StreamSpec, in db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT NOT EXISTS(SELECT 1 FROM child_queue WHERE stream = ?)"),
            arguments: [stream.name]) ?? true
    }

    /// - Parameter limit: the most parents to be told of.
    func childBook(of stream: StreamSpec, limit: Int) throws -> ChildBook {
        try read { db in
            var book = ChildBook()
            let next = try db.cachedStatement(
                sql: "SELECT parent, seq FROM child_queue WHERE stream = ? ORDER BY changed_at DESC, parent LIMIT ?")
            book.waiting = try Row.fetchAll(next, arguments: [stream.name, limit]).map {
                ParentMark(key: RecordKey(stored: $0[0]), seq: $0[1])
            }
            let begun = try db.cachedStatement(sql: "SELECT * FROM child_walks WHERE stream = ? ORDER BY first_seq")
            book.begun = try Row.fetchAll(begun, arguments: [stream.name]).map {
                try Self.batch(stored: $0, of: stream, in: db)
            }
            return book
        }
    }

    private static func batch(stored row: Row, of stream: StreamSpec, in db: Database) throws -> Walk {
        var walk = Walk(
            list: stream.lists[0].name, interval: nil, order: .unordered, position: PagePosition(stored: row),
            beganAt: Instant(seconds: row["began_at"]))
        let pairs = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) ORDER BY key
                    """), arguments: [row["parents"] as String])
        walk.parents = pairs.map { ParentMark(key: RecordKey(stored: $0[0]), seq: $0[1]) }
        return walk
    }

    /// Parents whose children are still to be read.
    package func waitingParents(of stream: String) throws -> Int {
        try read { db in
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM child_queue WHERE stream = ?"), arguments: [stream]) ?? 0
        }
    }

    /// The same, and all that stand as present before the stream was begun.
    package func parentsToRead(of stream: StreamSpec) throws -> Int {
        let isBegun = try begunChildren().contains { $0.name == stream.name }
        return try isBegun ? waitingParents(of: stream.name) : presentCount(stream: stream.parent?.stream ?? "")
    }

    /// Children that stand as present under these parents and that the batch has not shown.
    func unshownChildren(of walk: Walk, stream: StreamSpec, alsoShown: [RecordKey]) throws -> [RecordKey] {
        let rows = try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.id FROM child_parents c JOIN heads h ON h.stream = c.stream AND h.id = c.id
                        AND h.op = 0
                        WHERE c.stream = (SELECT id FROM stream_names WHERE name = ?)
                          AND c.parent IN (SELECT value FROM json_each(?))
                          AND c.id NOT IN (SELECT id FROM seen WHERE list = ?)
                        ORDER BY c.id
                        """), arguments: [stream.name, jsonArray(walk.parents.map(\.key)), walk.listing])
        }
        let shown = Set(alsoShown)
        return rows.map { RecordKey(stored: $0[0]) }.filter { !shown.contains($0) }
    }

    func isPresent(_ key: RecordKey, stream: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS(SELECT 1 FROM heads WHERE op = 0 AND id = ?
                          AND stream = (SELECT id FROM stream_names WHERE name = ?))
                        """), arguments: [key.databaseValue, stream]) ?? false
        }
    }
}
