import Crypto
import Planning
import Platform

/// Writes the file that others become, and reads it again. Pages are deflated each on its own, so their bytes are
/// taken as they are, and the memory this takes does not grow with the files.
struct MergedDraft {
    let folders: Folders
    let disk: any FileSystem
    let reader: (StreamSpec) -> ObjectReader

    private static let readBytes = 1 << 20

    /// A page of lines as it must lie in the new file.
    struct Block: Hashable {
        var firstSeq: Int64
        var lastSeq: Int64
        var place: Range<Int64>
    }

    /// Throws `Stop` where a file is not as it was written, or the new one not what was meant.
    /// - Parameter blocks: all that must be in it, in their order.
    /// - Returns: its row, described from what was read back.
    func make(_ group: MergeGroups.Group, blocks: [Block]) throws -> FileRow {
        let draft = folders.unfinished(stream: group.target.stream, run: group.run, number: group.target.number)
        return try disk.storing {
            do {
                try write(group.files.map(\.file), to: draft)
                let found = try read(draft, group, blocks)
                try compare(found, with: group.files)
                return found
            } catch let damage as FileDamage {
                throw Stop(
                    .brokenInvariant, "\(draft), merged from \(group.files.count) files, \(damage)",
                    hint: "the files are as they were; please report this")
            }
        }
    }

    private func write(_ files: [FileRow], to draft: String) throws {
        try disk.remove(draft)
        try disk.append(GzipFrame.header, to: draft)
        var (crc32, uncompressedBytes): (UInt32, Int64) = (0, 0)
        for file in files {
            try copyBlocks(of: file, to: draft)
            crc32 = GzipFrame.combined(crc32, file.crc32, secondLength: Int(file.uncompressedBytes))
            uncompressedBytes += file.uncompressedBytes
        }
        try disk.append(GzipFrame.trailer(crc32: crc32, uncompressedBytes: uncompressedBytes), to: draft)
        try disk.sync(draft)
        try disk.syncDirectory(folders.staging)
    }

    private func copyBlocks(of file: FileRow, to draft: String) throws {
        let path = folders.absolute(file.path)
        let blocks = Int64(GzipFrame.header.count)..<file.bytes - Int64(GzipFrame.trailerLength)
        var (hash, offset) = (SHA256(), Int64(0))
        while case let bytes = try disk.read(path, offset: offset, count: Self.readBytes), !bytes.isEmpty {
            hash.update(data: bytes)
            let wanted = blocks.clamped(to: offset..<offset + Int64(bytes.count))
            if !wanted.isEmpty {
                try disk.append(
                    Array(bytes[Int(wanted.lowerBound - offset)..<Int(wanted.upperBound - offset)]), to: draft)
            }
            offset += Int64(bytes.count)
        }
        guard hexadecimal(hash.finalize()) == file.sha256 else {
            throw Stop(FileDamage("is not as it was written"), at: path)
        }
    }

    private func read(_ draft: String, _ group: MergeGroups.Group, _ wanted: [Block]) throws -> FileRow {
        let stream = Catalogue.stream(named: group.target.stream) ?? .unknown(group.target.stream)
        let objects = reader(stream)
        var tally = FileTally(after: 0, of: group.run, isMerged: true)
        var (block, count) = (BlockRow?.none, 0)
        let totals = try SnapshotWalk.read(draft, on: disk) { bytes in
            let line = try KeptLine(bytes, saysParent: stream.saysParent, reader: objects)
            try tally.add(line)
            block = block?.with(line) ?? BlockRow(line)
        } block: { range in
            let found = block.map { Block(firstSeq: $0.firstSeq, lastSeq: $0.lastSeq, place: range) }
            guard count < wanted.count, found == wanted[count] else {
                throw FileDamage("has other pages than the index says")
            }
            (block, count) = (nil, count + 1)
        }
        guard block == nil, count == wanted.count else { throw FileDamage("has fewer pages than the index says") }
        var found = group.target
        try tally.describe(&found, totals)
        return found
    }

    private func compare(_ found: FileRow, with group: [SealedFile]) throws {
        let shares = group.shares
        let pairs: [(String, Int64, Int64)] = [
            ("records", Int64(found.records), group.reduce(0) { $0 + Int64($1.file.records) }),
            ("deletes", Int64(found.deletes), group.reduce(0) { $0 + Int64($1.file.deletes) }),
            ("uncompressed_bytes", found.uncompressedBytes, group.reduce(0) { $0 + $1.file.uncompressedBytes }),
            ("first_seq", found.firstSeq ?? 0, group.first?.file.firstSeq ?? 0),
            ("last_seq", found.lastSeq ?? 0, group.last?.file.lastSeq ?? 0),
        ]
        if let wrong = pairs.first(where: { $0.1 != $0.2 }) {
            throw FileDamage("has \(wrong.0) \(wrong.1) and not \(wrong.2)")
        }
        guard found.runs == (shares.count > 1 ? shares : nil) else {
            throw FileDamage("has lines of other runs than the files it was made from")
        }
    }
}
