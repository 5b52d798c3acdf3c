import Planning
package import Platform

/// A file that appears complete or not at all: written beside its place, flushed, and renamed. Gzipped when its name
/// ends in `.gz`. Throws `Stop`.
package final class ExportFile {
    private let path: String
    private let disk: any FileSystem
    private var crc: UInt32 = 0
    private var uncompressedBytes: Int64 = 0
    private var unfinishedPath: String { path + ".unfinished" }

    /// zlib's level for the pieces; nil when the file is not compressed.
    package var level: Int? { path.hasSuffix(".gz") ? 6 : nil }

    /// - Parameter path: absolute. An unfinished file that was left there is begun anew.
    package init(path: String, disk: any FileSystem) throws {
        self.path = path
        self.disk = disk
        try disk.storing {
            try disk.remove(unfinishedPath)
            try disk.append(level == nil ? [] : GzipFrame.header, to: unfinishedPath)
        }
    }

    package func add(_ piece: StateReader.Piece) throws {
        guard let block = piece.block else {
            return try disk.storing { try disk.append(piece.lines, to: unfinishedPath) }
        }
        crc = GzipFrame.combined(crc, block.crc32, secondLength: block.uncompressedBytes)
        uncompressedBytes += Int64(block.uncompressedBytes)
        try disk.storing { try disk.append(block.bytes, to: unfinishedPath) }
    }

    package func publish() throws {
        try disk.storing {
            if level != nil {
                try disk.append(GzipFrame.trailer(crc32: crc, uncompressedBytes: uncompressedBytes), to: unfinishedPath)
            }
            try disk.sync(unfinishedPath)
            try disk.rename(unfinishedPath, to: path)
            try disk.syncDirectory(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)) + "/")
        }
    }

    package func abandon() { try? disk.remove(unfinishedPath) }
}
