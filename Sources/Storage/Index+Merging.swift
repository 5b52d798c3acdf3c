import GRDB
import Planning

extension Index {
    /// All sealed files, by stream and then by number.
    func sealedFiles(of stream: String?) throws -> [SealedFile] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT f.*, s.name AS stream_name, r.name AS run_name
                    FROM file_log f JOIN stream_names s ON s.id = f.stream JOIN run_log r ON r.id = f.run
                    WHERE f.sha256 IS NOT NULL AND (?1 IS NULL OR s.name = ?1) ORDER BY s.name, f.first_seq
                    """, arguments: [stream]
            ).map { SealedFile(file: try FileRow(stored: $0, in: db), run: $0["run_name"]) }
        }
    }

    /// The pages of the files as they will lie in the one that is made of them.
    func mergedBlocks(of files: [FileRow]) throws -> [MergedDraft.Block] {
        try read { db in
            var (blocks, shift): ([MergedDraft.Block], Int64) = ([], 0)
            for file in files {
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT first_seq, last_seq, start, length FROM blocks
                        WHERE first_seq BETWEEN ? AND ? AND file = ? ORDER BY first_seq
                        """, arguments: [file.firstSeq, file.lastSeq, file.id])
                blocks += rows.map { row in
                    let start = shift + (row[2] as Int64)
                    return MergedDraft.Block(
                        firstSeq: row[0], lastSeq: row[1], place: start..<start + (row[3] as Int64))
                }
                shift += file.blockBytes
            }
            return blocks
        }
    }

    /// Puts the merged file in the place of the others. Done already, it changes nothing.
    static func apply(_ merge: Merge, at place: SnapshotPath, in db: Database) throws {
        let told = merge.merged
        guard try file(at: told.path, in: db) == nil else { return }
        let id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM file_log") ?? 1
        var merged = FileRow(
            id: id, run: try runNumber(place.run, in: db), stream: place.stream, number: place.number, path: told.path,
            day: place.day)
        (merged.records, merged.deletes, merged.bytes) = (told.records, told.deletes, told.bytes)
        (merged.uncompressedBytes, merged.crc32, merged.sha256) = (told.uncompressedBytes, merge.crc32, told.sha256)
        (merged.firstSeq, merged.lastSeq, merged.runs) = (told.firstSeq, told.lastSeq, told.runs)
        merged.minUpdateTime = told.minUpdateTime.flatMap { UpdateTime($0) }
        merged.maxUpdateTime = told.maxUpdateTime.flatMap { UpdateTime($0) }
        try save(merged, in: db)
        for book in merge.books { try save(book, in: db) }
        var shift: Int64 = 0
        for path in merge.replaced {
            guard let old = try file(at: path, in: db) else {
                throw Stop(.badData, "the index does not know \(path)", hint: "run pipesnap rebuild")
            }
            try db.execute(
                sql: "UPDATE blocks SET file = ?, start = start + ? WHERE first_seq BETWEEN ? AND ? AND file = ?",
                arguments: [id, shift, old.firstSeq, old.lastSeq, old.id])
            for table in ["merged_runs WHERE file", "file_log WHERE id"] {
                try db.execute(sql: "DELETE FROM \(table) = ?", arguments: [old.id])
            }
            shift += old.blockBytes
        }
    }

    private static func file(at path: String, in db: Database) throws -> FileRow? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT f.*, s.name AS stream_name FROM file_log f JOIN stream_names s ON s.id = f.stream WHERE path = ?
                """, arguments: [path]
        ).map { try FileRow(stored: $0, in: db) }
    }
}

extension FileRow {
    /// All of a sealed file but its frame.
    var blockBytes: Int64 { bytes - GzipFrame.emptyBytes }
}
