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
        var told: KeptLine.Told
        var start: Int64
        var length: Int
        var file: SnapshotPlace
    }

    private func places(stream: String, key: RecordKey, history: Bool) throws -> [Place] {
        let tables: [String] = history ? ["heads", "history"] : ["heads"]
        let versions = tables.map { "SELECT h.seq, h.op, h.hash FROM \($0) h, s WHERE h.stream = s.id AND h.id = ?2" }
            .joined(separator: " UNION ALL ")
        let saysParent = Catalogue.stream(named: stream)?.saysParent ?? false
        return try index.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH s AS (SELECT id FROM stream_names WHERE name = ?1),
                      v AS (\(versions))
                    SELECT v.seq, v.op, v.hash, b.answered_ms, b.start, b.length, f.number, f.path, f.dt,
                      r.name AS owner, coalesce(o.name, r.name) AS run FROM v
                      JOIN blocks b ON b.first_seq = (SELECT max(first_seq) FROM blocks WHERE first_seq <= v.seq)
                      JOIN file_log f ON f.id = b.file JOIN run_log r ON r.id = f.run
                      LEFT JOIN merged_runs m ON m.file = f.id AND v.seq BETWEEN m.first_seq AND m.last_seq
                      LEFT JOIN run_log o ON o.id = m.run ORDER BY v.seq
                    """, arguments: [stream, key.databaseValue])
            return rows.map { row in
                let file = FileRow(
                    id: 0, run: 0, stream: stream, number: row["number"], path: row["path"], day: row["dt"])
                let told = KeptLine.Told(
                    operation: row["op"] == 0 ? .upsert : .delete, seq: row["seq"], run: row["run"],
                    fetchedAt: Instant(milliseconds: row["answered_ms"]),
                    parent: saysParent ? key.withinParent?.parent : nil, hash: row["hash"])
                return Place(
                    told: told, start: row["start"], length: row["length"],
                    file: SnapshotPlace(file: file, run: row["owner"]))
            }
        }
    }

    private func line(at place: Place) throws -> [UInt8] {
        let block = try place.file.read(place.start, place.length, folders: folders, disk: disk)
        let mark = Array("\"_seq\":\(place.told.seq),".utf8)
        let line = inflated(block).split(separator: UInt8(ascii: "\n")).first { $0.prefix(60).contains(mark) }
        guard let line = line.map(Array.init), KeptLine.isLine(line, told: place.told) else {
            throw place.file.damage(in: folders)
        }
        return line
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
