import GRDB
package import Planning

/// Something noticed of the API, and when.
package struct RecordedNotice: Hashable, Sendable {
    package var notice: APINotice
    package var firstAt: Instant
    package var lastAt: Instant
    /// `status` has shown it.
    package var isTold: Bool
}

/// What was noticed of the API beside its records. Nothing of it is needed to go on: when it is lost, it is learnt
/// again.
extension Index {
    /// By path.
    func memberBooks() throws -> [String: MemberBook] {
        let sql = "SELECT path, member, seen, missed, optional, gone FROM api_members"
        return try read { db in
            var books: [String: MemberBook] = [:]
            for row in try Row.fetchAll(db.cachedStatement(sql: sql)) {
                let (path, member): (String, String) = (row[0], row[1])
                guard !member.isEmpty else {
                    books[path, default: MemberBook()].records = row[2]
                    continue
                }
                books[path, default: MemberBook()].members[member] = MemberBook.Member(
                    seen: row[2], missed: row[3], isOptional: row[4], isGone: row[5])
            }
            return books
        }
    }

    /// - Parameter books: those that have changed.
    func remember(_ books: [String: MemberBook], _ notices: Set<APINotice>, at now: Instant) throws {
        try write { db in
            for (path, book) in books { try Self.save(book, path, in: db) }
            for notice in notices {
                try db.executeCached(
                    sql: """
                        INSERT INTO api_notices(path, kind, name, stream, detail, first_at, last_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT(path, kind, name) DO UPDATE SET last_at = excluded.last_at, detail = excluded.detail
                        """,
                    arguments: [
                        notice.path, notice.kind.rawValue, notice.name, notice.stream, notice.detail, now.seconds,
                        now.seconds,
                    ])
            }
        }
    }

    private static func save(_ book: MemberBook, _ path: String, in db: Database) throws {
        let put = try db.cachedStatement(
            sql: "REPLACE INTO api_members(path, member, seen, missed, optional, gone) VALUES (?, ?, ?, ?, ?, ?)")
        try put.execute(arguments: [path, "", book.records, 0, false, false])
        for (name, member) in book.members where !name.isEmpty {
            try put.execute(arguments: [path, name, member.seen, member.missed, member.isOptional, member.isGone])
        }
    }

    /// Everything that was ever noticed, oldest first.
    package func notices() throws -> [RecordedNotice] {
        try read { db in
            try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM api_notices ORDER BY first_at, path, kind, name"))
                .compactMap {
                    guard let kind = APINotice.Kind(rawValue: $0["kind"]) else { return nil }
                    return RecordedNotice(
                        notice: APINotice(
                            stream: $0["stream"], path: $0["path"], kind: kind, name: $0["name"], detail: $0["detail"]),
                        firstAt: Instant(seconds: $0["first_at"]), lastAt: Instant(seconds: $0["last_at"]),
                        isTold: $0["told"])
                }
        }
    }

    func tellNotices() throws { try write { try $0.execute(sql: "UPDATE api_notices SET told = 1 WHERE told = 0") } }
}

extension AccountFolder {
    /// What `status` has shown need not be shown again.
    package func tellNotices() throws { try Index(writing: folders.index).tellNotices() }
}

extension RunStore {
    package func memberBooks() throws -> [String: MemberBook] { try index.memberBooks() }

    package func remember(_ books: [String: MemberBook], _ notices: Set<APINotice>) throws {
        try index.remember(books, notices, at: now)
    }

    package func notices() throws -> [RecordedNotice] { try index.notices() }

    package func fields(of stream: String) throws -> [FieldHistory] { try index.fields(of: stream) }
}
