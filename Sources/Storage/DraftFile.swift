import CZlib
import Crypto
import Planning
import Platform

/// A snapshot file while it is made of the pages of others: appended to many pages at a time.
struct DraftFile {
    let path: String
    let disk: any FileSystem
    private(set) var pages: [FilePage] = []
    private(set) var uncompressedBytes: Int64 = 0
    private var crc32: UInt32 = 0
    private var length: Int64 = 0
    private var waiting: [UInt8] = []

    private static let appendBytes = 1 << 20

    init(path: String, disk: any FileSystem) { (self.path, self.disk) = (path, disk) }

    /// - Parameters:
    ///   - bytes: deflated, as they will lie in the file.
    ///   - lines: the numbers of the first and the last one.
    mutating func add(_ bytes: [UInt8], lines: (first: Int64, last: Int64)) throws {
        if length == 0 { try begin() }
        waiting += bytes
        let place = length..<length + Int64(bytes.count)
        pages.append(FilePage(firstSeq: lines.first, lastSeq: lines.last, place: place))
        length = place.upperBound
        if waiting.count >= Self.appendBytes { try append() }
    }

    /// What pages that were added come to.
    mutating func count(crc32: UInt32, uncompressedBytes: Int64) {
        self.crc32 = GzipFrame.combined(self.crc32, crc32, secondLength: Int(uncompressedBytes))
        self.uncompressedBytes += uncompressedBytes
    }

    /// Ends the gzip member. Without any page there is no file.
    mutating func end() throws {
        guard length > 0 else { return }
        waiting += GzipFrame.trailer(crc32: crc32, uncompressedBytes: uncompressedBytes)
        try append()
        try disk.sync(path)
    }

    private mutating func begin() throws {
        try disk.remove(path)
        waiting = GzipFrame.header
        length = Int64(waiting.count)
    }

    private mutating func append() throws {
        try disk.append(waiting, to: path)
        waiting.removeAll(keepingCapacity: true)
    }
}

/// A sealed file, read page by page, of which in the end every byte has to have been as it was written.
struct SealedPages {
    let file: FileRow
    let path: String
    let disk: any FileSystem

    func forEach(_ pages: [FilePage], _ take: (FilePage, [UInt8]) throws -> Void) throws {
        var hash = SHA256()
        hash.update(data: try disk.read(path, offset: 0, count: GzipFrame.header.count))
        for page in pages {
            let bytes = try disk.read(path, offset: page.place.lowerBound, count: page.place.count)
            hash.update(data: bytes)
            try take(page, bytes)
        }
        let end = file.bytes - Int64(GzipFrame.trailerLength)
        hash.update(data: try disk.read(path, offset: end, count: .max))
        guard hexadecimal(hash.finalize()) == file.sha256 else {
            throw Stop(FileDamage("is not as it was written"), at: path)
        }
    }
}

/// The CRC of bytes that lie in one piece.
func crc(of bytes: [UInt8]) -> UInt32 { UInt32(crc32_z(0, bytes, bytes.count)) }
