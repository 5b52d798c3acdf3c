import CZlib
import GRDB
package import Planning
package import Platform

/// Finds the lines of one record: the index knows the block, and a block can be inflated alone.
package struct VersionReader {
    private let index: Index
    private let folders: Folders
    private let disk: any FileSystem

    package init(index: Index, account: String, output: String, disk: any FileSystem) {
        self.index = index
        self.disk = disk
        folders = Folders(output: output, account: account)
    }

    /// The lines of the record's versions as they stand in the files, oldest first; the newest alone unless the
    /// history is wanted. Empty when the index does not know the record. Throws `Stop`.
    package func lines(stream: String, key: RecordKey, history: Bool) throws -> [[UInt8]] {
        try places(stream: stream, key: key, history: history).map(line)
    }

    private struct Place {
        var seq: Int64
        var start: Int64
        var length: Int
        var file: FileRow
        var run: String
    }

    private func places(stream: String, key: RecordKey, history: Bool) throws -> [Place] {
        let older = history ? "UNION ALL SELECT h.seq FROM history h, s WHERE h.stream = s.id AND h.id = ?2" : ""
        return try index.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH s AS (SELECT id FROM stream_names WHERE name = ?1),
                      v AS (SELECT h.seq FROM heads h, s WHERE h.stream = s.id AND h.id = ?2 \(older))
                    SELECT v.seq, b.start, b.length, f.number, f.path, f.dt, f.sha256, r.name FROM v
                      JOIN blocks b ON b.first_seq = (SELECT max(first_seq) FROM blocks WHERE first_seq <= v.seq)
                      JOIN file_log f ON f.id = b.file JOIN run_log r ON r.id = f.run ORDER BY v.seq
                    """, arguments: [stream, key.databaseValue])
            return rows.map { row in
                var file = FileRow(id: 0, run: 0, stream: stream, number: row[3], path: row[4], day: row[5])
                file.sha256 = row[6]
                return Place(seq: row[0], start: row[1], length: row[2], file: file, run: row[7])
            }
        }
    }

    private func line(at place: Place) throws -> [UInt8] {
        let file = SnapshotPlace(file: place.file, run: place.run)
        let block = try file.read(place.start, place.length, folders: folders, disk: disk)
        let mark = Array("\"_seq\":\(place.seq),".utf8)
        let line = inflated(block).split(separator: UInt8(ascii: "\n")).first { $0.prefix(60).contains(mark) }
        guard let line else {
            throw Stop(
                .badData, "\(folders.absolute(place.file.path)) does not hold what the index says",
                hint: "run pipesnap verify")
        }
        return Array(line)
    }
}

/// A snapshot file of which a reader wants a piece: published, or still unfinished while its run is under way.
struct SnapshotPlace: Sendable {
    var file: FileRow
    var run: String

    /// Throws `Stop`.
    func read(_ start: Int64, _ length: Int, folders: Folders, disk: any FileSystem) throws -> [UInt8] {
        let published = folders.absolute(file.path)
        let unfinished = SnapshotFiles(folders: folders, disk: disk).unfinishedPath(of: file, run: run)
        return try disk.storing {
            // A run may publish the file at this very moment: then it is where it was not a moment ago.
            let isUnfinished = try disk.size(published) == nil
            let path = try isUnfinished && disk.size(unfinished) != nil ? unfinished : published
            guard try disk.size(path) != nil || disk.size(published) != nil else {
                throw Stop(.badData, "\(published) is missing", hint: "restore it from a backup")
            }
            // Or a merger may put it aside, to where it was before it was published.
            return try (try? disk.read(path, offset: start, count: length))
                ?? (try? disk.read(unfinished, offset: start, count: length))
                ?? disk.read(published, offset: start, count: length)
        }
    }
}

extension Collection where Element == UInt8 {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}

/// A guess that spares growing; what it has too much is never touched.
private let usualCompression = 12

/// Undoes one raw deflate block; what cannot be inflated is missing at the end.
func inflated(_ block: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return [] }
    defer { inflateEnd(&stream) }
    var result: [UInt8] = []
    // Records of one list are alike: they come out ten times as long.
    result.reserveCapacity(block.count * usualCompression)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    block.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = uInt(input.count)
        var status = Z_OK
        repeat {
            let produced = piece.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                status = inflate(&stream, Z_SYNC_FLUSH)
                return output.count - Int(stream.avail_out)
            }
            result.append(contentsOf: piece[..<produced])
        } while status == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
    }
    return result
}
