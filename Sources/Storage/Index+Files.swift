import GRDB
import Planning

/// A snapshot file as the index knows it: while it is unfinished, up to its last committed block.
struct FileRow: Hashable, Sendable {
    var id: Int64
    var run: Int64
    var stream: String
    var number: Int
    /// Where it will appear, relative to the output folder.
    var path: String
    var day: String
    var records = 0
    var deletes = 0
    var bytes: Int64 = 0
    var uncompressedBytes: Int64 = 0
    var crc32: UInt32 = 0
    /// Of the bytes of an unfinished file as they lie in it; nil where an older pipesnap has begun it.
    var packedCRC32: UInt32?
    var firstSeq: Int64?
    var lastSeq: Int64?
    var minUpdateTime: UpdateTime?
    var maxUpdateTime: UpdateTime?
    /// Known once the file is sealed and published.
    var sha256: String?
    /// Which runs a merged file has lines of; nil for a file of its own run alone.
    var runs: [RunShare]?

    /// The file with one more block at its end.
    func appending(_ block: GzipBlock, of page: NumberedPage, headerBytes: Int) -> FileRow {
        var file = self
        file.packedCRC32 = (bytes == 0 ? GzipFrame.headerCRC32 : packedCRC32).map {
            GzipFrame.combined($0, block.packedCRC32, secondLength: block.bytes.count)
        }
        file.bytes += Int64(headerBytes + block.bytes.count)
        file.crc32 = GzipFrame.combined(crc32, block.crc32, secondLength: block.uncompressedBytes)
        file.uncompressedBytes += Int64(block.uncompressedBytes)
        file.records += page.versions.count
        file.deletes += page.versions.count { $0.operation == .delete }
        file.firstSeq = firstSeq ?? page.versions.first?.seq
        file.lastSeq = page.versions.last?.seq ?? lastSeq
        let times = page.versions.compactMap(\.updateTime)
        file.minUpdateTime = ([minUpdateTime] + [times.min()]).compactMap { $0 }.min()
        file.maxUpdateTime = ([maxUpdateTime] + [times.max()]).compactMap { $0 }.max()
        return file
    }
}

extension Index {
    static func save(_ file: FileRow, in db: Database) throws {
        try db.executeCached(
            sql: """
                REPLACE INTO file_log(id, run, stream, number, path, dt, records, deletes, bytes, uncompressed_bytes,
                  crc32, first_seq, last_seq, min_update_time, max_update_time, sha256)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                file.id, file.run, streamNumber(file.stream, in: db), file.number, file.path, file.day, file.records,
                file.deletes, file.bytes, file.uncompressedBytes, Int64(file.crc32), file.firstSeq, file.lastSeq,
                file.minUpdateTime?.databaseValue ?? .null, file.maxUpdateTime?.databaseValue ?? .null, file.sha256,
            ])
        try savePackedCRC32(of: file, in: db)
        if let shares = file.runs { try insert(shares, of: file.id, in: db) }
    }

    private static func savePackedCRC32(of file: FileRow, in db: Database) throws {
        guard file.sha256 == nil, let crc32 = file.packedCRC32 else {
            return try db.executeCached(sql: "DELETE FROM unfinished WHERE file = ?", arguments: [file.id])
        }
        try db.executeCached(
            sql: "REPLACE INTO unfinished(file, packed_crc32) VALUES (?, ?)", arguments: [file.id, Int64(crc32)])
    }

    fileprivate static func packedCRC32(of file: Int64, in db: Database) throws -> UInt32? {
        let sql = "SELECT packed_crc32 FROM unfinished WHERE file = ?"
        return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [file]).map {
            UInt32(truncatingIfNeeded: $0)
        }
    }

    func files(of run: Int64) throws -> [FileRow] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT f.*, s.name AS stream_name FROM file_log f JOIN stream_names s ON s.id = f.stream
                        WHERE run = ? ORDER BY f.id
                        """), arguments: [run]
            ).map { try FileRow(stored: $0, in: db) }
        }
    }

    /// The files of runs that were not ended, as far as they are not sealed.
    func unfinishedFiles() throws -> [SealedFile] {
        try openRuns().flatMap { run in
            try files(of: run.id).filter { $0.sha256 == nil }.map { SealedFile(file: $0, run: run.name) }
        }
    }

    func knows(_ path: String) throws -> Bool {
        try read {
            try Bool.fetchOne($0.cachedStatement(sql: "SELECT 1 FROM file_log WHERE path = ?"), arguments: [path])
                ?? false
        }
    }

    /// A file that would not lie in the account's folders, if there is any.
    func path(outside folders: Folders) throws -> String? {
        let own = "\(folders.snapshotFolder)/"
        return try read { db in
            let sql = "SELECT path FROM file_log WHERE substr(path, 1, length(?1)) <> ?1 LIMIT 1"
            return try String.fetchOne(db.cachedStatement(sql: sql), arguments: [own])
        }
    }

    func nextFileID() throws -> Int64 {
        try read { try Int64.fetchOne($0.cachedStatement(sql: "SELECT coalesce(max(id), 0) + 1 FROM file_log")) ?? 1 }
    }
}

extension FileRow {
    /// - Parameter row: of `file_log`, with `stream_name`.
    init(stored row: Row, in db: Database) throws {
        self.init(
            id: row["id"], run: row["run"], stream: row["stream_name"], number: row["number"], path: row["path"],
            day: row["dt"])
        records = row["records"]
        deletes = row["deletes"]
        bytes = row["bytes"]
        uncompressedBytes = row["uncompressed_bytes"]
        crc32 = UInt32(truncatingIfNeeded: row["crc32"] as Int64)
        firstSeq = row["first_seq"]
        lastSeq = row["last_seq"]
        minUpdateTime = UpdateTime(stored: row["min_update_time"])
        maxUpdateTime = UpdateTime(stored: row["max_update_time"])
        sha256 = row["sha256"]
        runs = try Index.shares(of: id, in: db)
        if sha256 == nil { packedCRC32 = try Index.packedCRC32(of: id, in: db) }
    }
}
