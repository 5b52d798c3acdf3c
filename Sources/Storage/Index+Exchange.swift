import GRDB
import Planning

extension Index {
    /// All sealed files, by stream and then by number.
    func sealedFiles(of stream: String?) throws -> [SealedFile] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT f.*, s.name AS stream_name, r.name AS run_name
                        FROM file_log f JOIN stream_names s ON s.id = f.stream JOIN run_log r ON r.id = f.run
                        WHERE f.sha256 IS NOT NULL AND (?1 IS NULL OR s.name = ?1) ORDER BY s.name, f.first_seq
                        """), arguments: [stream]
            ).map { SealedFile(file: try FileRow(stored: $0, in: db), run: $0["run_name"]) }
        }
    }

    /// The pages of a sealed file, in their order.
    func pages(of file: FileRow) throws -> [FilePage] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT first_seq, last_seq, start, length FROM blocks
                        WHERE first_seq BETWEEN ? AND ? AND file = ? ORDER BY first_seq
                        """), arguments: [file.firstSeq, file.lastSeq, file.id]
            ).map { row in
                let start: Int64 = row[2]
                return FilePage(firstSeq: row[0], lastSeq: row[1], place: start..<start + (row[3] as Int64))
            }
        }
    }

    /// Puts the new file in the place of the old ones. Done already, it changes nothing.
    static func apply(_ exchange: Exchange, at place: SnapshotPath?, in db: Database) throws {
        let old = try exchange.replaced.compactMap { try file(at: $0, in: db) }
        guard !old.isEmpty else { return }
        guard old.count == exchange.replaced.count, let first = old.first?.firstSeq, let last = old.last?.lastSeq else {
            throw Stop(.badData, "the index does not know all of \(exchange.replaced)", hint: "run pipesnap rebuild")
        }
        if let pruning = exchange.pruning { try SupersededTable(pruning: pruning).remove(first...last, in: db) }
        if let added = exchange.added, let place { try add(added, at: place, in: db) }
        for file in old {
            try db.executeCached(
                sql: "DELETE FROM blocks WHERE first_seq BETWEEN ? AND ? AND file = ?",
                arguments: [first, last, file.id])
            for condition in ["merged_runs WHERE file", "file_log WHERE id"] {
                try db.executeCached(sql: "DELETE FROM \(condition) = ?", arguments: [file.id])
            }
        }
        for book in exchange.books { try save(book, in: db) }
    }

    private static func add(_ added: Exchange.Added, at place: SnapshotPath, in db: Database) throws {
        let told = added.file
        let id = try Int64.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(id), 0) + 1 FROM file_log")) ?? 1
        var file = FileRow(
            id: id, run: try runNumber(place.run, in: db), stream: place.stream, number: place.number, path: told.path,
            day: place.day)
        (file.records, file.deletes, file.bytes) = (told.records, told.deletes, told.bytes)
        (file.uncompressedBytes, file.crc32, file.sha256) = (told.uncompressedBytes, added.crc32, told.sha256)
        (file.firstSeq, file.lastSeq, file.runs) = (told.firstSeq, told.lastSeq, told.runs)
        file.minUpdateTime = told.minUpdateTime.flatMap { UpdateTime($0) }
        file.maxUpdateTime = told.maxUpdateTime.flatMap { UpdateTime($0) }
        try save(file, in: db)
        // Its lines lay in one page before, and that was answered when it was.
        let move = try db.cachedStatement(
            sql: """
                UPDATE blocks SET first_seq = ?1, last_seq = ?2, file = ?3, start = ?4, length = ?5
                WHERE first_seq = (SELECT max(first_seq) FROM blocks WHERE first_seq <= ?1)
                """)
        for page in added.pages {
            try move.execute(arguments: [page.firstSeq, page.lastSeq, id, page.place.lowerBound, page.place.count])
        }
    }

    private static func file(at path: String, in db: Database) throws -> FileRow? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT f.*, s.name AS stream_name FROM file_log f JOIN stream_names s ON s.id = f.stream
                    WHERE path = ?
                    """), arguments: [path]
        ).map { try FileRow(stored: $0, in: db) }
    }
}

extension FileRow {
    /// All of a sealed file but its frame.
    var blockBytes: Int64 { bytes - GzipFrame.emptyBytes }
}
