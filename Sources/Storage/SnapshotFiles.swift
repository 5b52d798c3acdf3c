import Planning
import Platform

/// The unfinished files of one run, and the way a finished one becomes visible. A file grows by whole blocks;
/// what the index has committed of it is the truth, whatever else a crash left behind it.
struct SnapshotFiles {
    let folders: Folders
    let disk: any FileSystem

    func unfinishedPath(of file: FileRow, run: String) -> String {
        folders.unfinished(stream: file.stream, run: run, number: file.number)
    }

    /// Appends the block to the unfinished file; a new file gets the gzip header before it.
    /// - Returns: where the block begins.
    func append(_ block: GzipBlock, to file: FileRow, run: String) throws -> Int64 {
        let path = unfinishedPath(of: file, run: run)
        if file.bytes == 0 {
            try disk.append(GzipFrame.header + block.bytes, to: path)
            return Int64(GzipFrame.header.count)
        }
        try disk.append(block.bytes, to: path)
        return file.bytes
    }

    /// Ends the gzip member and publishes the file: trailer, flush, rename, flush of the folder. It may be begun
    /// again after a crash at any point of it.
    /// - Returns: the file with its final length and hash.
    func seal(_ file: FileRow, run: String) throws -> FileRow {
        let target = folders.absolute(file.path)
        let folder = folders.snapshotFolder(stream: file.stream, day: file.day)
        var sealed = file
        sealed.bytes = file.bytes + Int64(GzipFrame.trailerLength)
        try makeWay(to: folder)
        if try disk.size(target) == nil {
            try finish(file, at: unfinishedPath(of: file, run: run), target: target)
        }
        // Also when an earlier run had got as far as the rename: it may have died before this.
        try disk.syncDirectory(folders.absolute(folder))
        guard try disk.size(target) == sealed.bytes, try hasTrailer(file, at: target) else {
            throw Stop(.badData, "\(target) is not as it was committed", hint: "run pipesnap verify")
        }
        sealed.sha256 = try sha256 { try disk.read(target, offset: $0, count: $1) }
        return sealed
    }

    /// The way to a file is durable before the file takes it, or a power cut could lose it from both ends.
    func makeWay(to folder: String) throws {
        try disk.createDirectory(folders.absolute(folder))
        try syncFolders(above: folder)
    }

    private func finish(_ file: FileRow, at path: String, target: String) throws {
        guard let found = try disk.size(path), found >= file.bytes else {
            throw Stop(
                .badData, "\(path) is missing or shorter than what was committed of it",
                hint: "pipesnap rebuild makes the index anew without it, and what it held is pulled again")
        }
        guard try holds(file, at: path) else {
            throw Stop(
                .badData, "\(path) is not as it was committed",
                hint: "pipesnap rebuild makes the index anew without it, and what it held is pulled again")
        }
        if found > file.bytes { try disk.truncate(path, to: file.bytes) }
        try disk.append(
            GzipFrame.trailer(crc32: file.crc32, uncompressedBytes: file.uncompressedBytes), to: path)
        try disk.sync(path)
        try disk.rename(path, to: target)
    }

    /// Whether the bytes that were committed of the file are those that lie there.
    func holds(_ file: FileRow, at path: String) throws -> Bool {
        guard let wanted = file.packedCRC32 else { return true }
        var (sum, offset): (UInt32, Int64) = (0, 0)
        while offset < file.bytes {
            let bytes = try disk.read(path, offset: offset, count: Int(min(Self.pieceBytes, file.bytes - offset)))
            guard !bytes.isEmpty else { return false }
            sum = GzipFrame.combined(sum, crc(of: bytes), secondLength: bytes.count)
            offset += Int64(bytes.count)
        }
        return sum == wanted
    }

    private static let pieceBytes: Int64 = 256 << 10

    /// Whether the file ends as `finish` ends it.
    func hasTrailer(_ file: FileRow, at path: String) throws -> Bool {
        let told = GzipFrame.trailer(crc32: file.crc32, uncompressedBytes: file.uncompressedBytes)
        return try disk.read(path, offset: file.bytes, count: .max) == told
    }

    /// A new folder is durable only when its parent is, up to the output folder itself.
    private func syncFolders(above folder: String) throws {
        var parts = folder.split(separator: "/").dropLast()
        while !parts.isEmpty {
            try disk.syncDirectory(folders.absolute(parts.joined(separator: "/")))
            parts.removeLast()
        }
        try disk.syncDirectory(folders.output)
    }
}
