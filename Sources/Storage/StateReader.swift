import GRDB
import Glibc
package import Planning
package import Platform

/// Adds an object of the API, given without its opening brace, to a line. Lent by a caller who knows what it means.
package typealias ObjectRewriter = @Sendable (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Void

/// Reads a stream as it stands, or as it stood: one line a record that is there, the API's object without our own
/// members. The index says which versions those are; the blocks that hold them are inflated in parallel and come out
/// in the order of `_seq`. Memory does not grow with the number of records, but for a bit a version.
///
/// All or nothing: before the first line comes out, every file that holds some is compared with its hash.
package struct StateReader: Sendable {
    private let folders: Folders
    private let disk: any FileSystem
    private let standing: StandingVersions
    private let blocks: [Block]
    private let rewrite: ObjectRewriter?
    /// Records that will come out.
    package var recordCount: Int { standing.count }

    /// Blocks in hand at once: the cores are kept busy while the oldest is written.
    private static let blocksInHand = 6

    private struct Block: Sendable {
        var start: Int64
        var length: Int
        var file: SnapshotPlace
        /// So many of its lines come out.
        var standing: Int
    }

    /// - Parameters:
    ///   - moment: nil for now.
    ///   - rewrite: what is to become of each object; nil leaves it as the API sent it.
    package init(
        index: Index, folders: Folders, disk: any FileSystem, stream: String, at moment: Instant?,
        rewrite: ObjectRewriter? = nil
    ) throws {
        self.rewrite = rewrite
        self.folders = folders
        self.disk = disk
        (standing, blocks) = try index.read { db in
            guard
                let number = try Int64.fetchOne(
                    db, sql: "SELECT id FROM stream_names WHERE name = ?", arguments: [stream])
            else { return (StandingVersions(), []) }
            if let moment { try Index.require(moment, in: stream, db) }
            let standing = try StandingVersions(stream: number, at: moment, in: db)
            return (standing, try Self.blocks(of: number, named: stream, holding: standing, in: db))
        }
    }

    private static func blocks(
        of stream: Int64, named name: String, holding standing: StandingVersions, in db: Database
    ) throws -> [Block] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT b.first_seq, b.last_seq, b.start, b.length, f.number, f.path, f.dt, r.name, f.sha256
                FROM file_log f JOIN blocks b ON b.file = f.id JOIN run_log r ON r.id = f.run
                WHERE f.stream = ? ORDER BY b.first_seq
                """, arguments: [stream])
        var blocks: [Block] = []
        while let row = try rows.next() {
            let (first, last): (Int64, Int64) = (row[0], row[1])
            let count = standing.count(in: first...last)
            guard count > 0 else { continue }
            var file = FileRow(id: 0, run: 0, stream: name, number: row[4], path: row[5], day: row[6])
            file.sha256 = row[8]
            blocks.append(
                Block(start: row[2], length: row[3], file: SnapshotPlace(file: file, run: row[7]), standing: count))
        }
        return blocks
    }

    /// Lines that come out together.
    package struct Piece: Sendable {
        /// Each with its end.
        package var lines: [UInt8]
        /// The same, deflated, when that was asked for.
        package var block: GzipBlock?
    }

    /// Hands out the lines, many at a time. Throws `Stop`, and whatever the taker throws.
    /// - Parameter level: zlib's, when the lines are to be deflated as well.
    package func read(deflating level: Int? = nil, _ take: (Piece) throws -> Void) async throws {
        try requireWholeFiles()
        try await withThrowingTaskGroup(of: (Int, Piece).self) { group in
            var (asked, handed) = (0, 0)
            var ready: [Int: Piece] = [:]
            while handed < blocks.count {
                while asked < blocks.count, asked < handed + Self.blocksInHand {
                    let (number, block) = (asked, blocks[asked])
                    group.addTask { (number, try piece(of: block, level)) }
                    asked += 1
                }
                if let piece = ready.removeValue(forKey: handed) {
                    try take(piece)
                    handed += 1
                } else if let (number, piece) = try await group.next() {
                    ready[number] = piece
                }
            }
        }
    }

    /// Throws `Stop` where a file is missing or not as it was written.
    package func requireWholeFiles() throws {
        var last: String?
        for block in blocks where block.file.file.path != last {
            last = block.file.file.path
            try block.file.requireWhole(folders: folders, disk: disk)
        }
    }

    private func piece(of block: Block, _ level: Int?) throws -> Piece {
        let lines = try lines(of: block)
        return Piece(lines: lines, block: try level.map { try GzipBlock(deflating: lines, level: $0) })
    }

    private func lines(of block: Block) throws -> [UInt8] {
        let bytes = try block.file.read(block.start, block.length, folders: folders, disk: disk)
        let kept = inflated(bytes)
        var lines: [UInt8] = []
        var found = 0
        lines.reserveCapacity(kept.count)
        try kept.withUnsafeBufferPointer { kept in
            var start = 0
            while let end = lineEnd(in: kept, from: start) {
                let line = UnsafeBufferPointer(rebasing: kept[start..<end])
                guard let seq = KeptLine.seq(of: line), let object = KeptLine.object(of: line) else {
                    throw block.file.damage(in: folders)
                }
                if standing.contains(seq) {
                    found += 1
                    lines.append(UInt8(ascii: "{"))
                    if let rewrite { rewrite(object, &lines) } else { lines.append(contentsOf: object) }
                    lines.append(UInt8(ascii: "\n"))
                }
                start = end + 1
            }
        }
        // Of a file that a run has not ended yet there is no hash.
        guard found == block.standing else { throw block.file.damage(in: folders) }
        return lines
    }
}

private func lineEnd(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count else { return nil }
    guard let end = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start) else { return nil }
    return UnsafeRawPointer(end) - UnsafeRawPointer(base)
}
