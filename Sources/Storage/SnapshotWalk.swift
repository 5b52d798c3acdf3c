import CZlib
import Crypto
import Planning
import Platform

/// Reads a snapshot file from end to end: one gzip member, line by line, block by block, in the same memory
/// however large it is. Damage is thrown as `FileDamage`, a refusal of the disk as `FileFailure`.
final class SnapshotWalk {
    /// What the whole file came to.
    struct Totals: Hashable {
        var bytes: Int64
        var uncompressedBytes: Int64
        var crc32: UInt32
        var sha256: String
    }

    /// Gets each line without its end, and may write in it.
    typealias LineTaker = (UnsafeMutableBufferPointer<UInt8>) throws -> Void
    /// Gets where each block lies in the file, after all its lines.
    typealias BlockTaker = (Range<Int64>) throws -> Void

    private static let readBytes = 1 << 18
    /// A damaged file may inflate to a line without end.
    private static let longestLineBytes = 1 << 27

    private let inflater: Inflater
    private let onLine: LineTaker
    private let onBlock: BlockTaker
    /// The beginning of a line whose end is still to come.
    private var pending: [UInt8] = []
    private var blockStart = Int64(GzipFrame.header.count)
    private var trailer: [UInt8] = []
    private var crc: uLong = 0
    private var uncompressedBytes: Int64 = 0

    private init(line: @escaping LineTaker, block: @escaping BlockTaker) throws {
        inflater = try Inflater()
        onLine = line
        onBlock = block
    }

    static func read(
        _ path: String, on disk: any FileSystem, line: LineTaker, block: BlockTaker
    ) throws -> Totals {
        try withoutActuallyEscaping(line) { line in
            try withoutActuallyEscaping(block) { block in
                try SnapshotWalk(line: line, block: block).read(path, on: disk)
            }
        }
    }

    private func read(_ path: String, on disk: any FileSystem) throws -> Totals {
        var hash = SHA256()
        var offset: Int64 = 0
        while case let bytes = try FileDamage.finding({ try disk.read(path, offset: offset, count: Self.readBytes) }),
            !bytes.isEmpty
        {
            hash.update(data: bytes)
            try bytes.withUnsafeBufferPointer { try take($0, at: offset) }
            offset += Int64(bytes.count)
        }
        try checkEnd()
        return Totals(
            bytes: offset, uncompressedBytes: uncompressedBytes, crc32: UInt32(crc),
            sha256: hexadecimal(hash.finalize()))
    }

    private func take(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int64) throws {
        var rest = bytes[...]
        if offset == 0 {
            guard bytes.count >= GzipFrame.header.count, rest.starts(with: GzipFrame.header) else {
                throw FileDamage("does not begin as one of our gzip files does")
            }
            rest = rest.dropFirst(GzipFrame.header.count)
        }
        if !inflater.isFinished, !rest.isEmpty {
            let used = try inflater.take(UnsafeBufferPointer(rebasing: rest), emit: split, flushed: endBlock)
            rest = rest.dropFirst(used)
        }
        trailer.append(contentsOf: rest)
        guard trailer.count <= Self.sumsLength else { throw FileDamage("goes on after its gzip member") }
    }

    /// CRC and length, after the final block.
    private static let sumsLength = 8

    private func checkEnd() throws {
        guard inflater.isFinished, trailer.count == Self.sumsLength else { throw FileDamage("ends too early") }
        guard uncompressedBytes > 0 else { throw FileDamage("holds no line") }
        guard pending.isEmpty else { throw FileDamage("its last line has no end") }
        let told = GzipFrame.trailer(crc32: UInt32(crc), uncompressedBytes: uncompressedBytes)
        guard trailer.elementsEqual(told.suffix(Self.sumsLength)) else {
            throw FileDamage("the CRC or length at its end is another than that of its lines")
        }
    }

    private func split(_ piece: UnsafeBufferPointer<UInt8>) throws {
        crc = crc32_z(crc, piece.baseAddress, piece.count)
        uncompressedBytes += Int64(piece.count)
        let scanned = pending.count
        pending.append(contentsOf: piece)
        let done = try pending.withUnsafeMutableBufferPointer { bytes in
            var start = 0
            for place in scanned..<bytes.count where bytes[place] == UInt8(ascii: "\n") {
                try onLine(UnsafeMutableBufferPointer(rebasing: bytes[start..<place]))
                start = place + 1
            }
            return start
        }
        pending.removeFirst(done)
        guard pending.count <= Self.longestLineBytes else { throw FileDamage("holds a line without end") }
    }

    /// A flush within a line is not the end of one of our blocks; the next one is.
    private func endBlock() throws {
        let end = Int64(GzipFrame.header.count) + inflater.taken
        guard pending.isEmpty, end > blockStart else { return }
        try onBlock(blockStart..<end)
        blockStart = end
    }
}
