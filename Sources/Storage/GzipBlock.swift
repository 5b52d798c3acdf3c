import CZlib

/// One page's lines, deflated on their own. A full flush ends the block on a byte border and forgets the
/// dictionary, so blocks can be made in parallel, appended in any number, and read alone.
package struct GzipBlock: Sendable {
    let bytes: [UInt8]
    /// Of the lines before compression.
    let uncompressedBytes: Int
    let crc32: UInt32

    /// - Parameter level: zlib 1...9.
    init(deflating lines: [UInt8], level: Int) throws {
        try self.init(level: level, mostBytes: lines.count) { deflater in
            try lines.withUnsafeBytes { try deflater.add($0) }
        }
    }

    /// Lines that lie in pieces go in piece by piece, so that nobody has to put them together first.
    /// - Parameter mostBytes: no less than all pieces together.
    init(level: Int, mostBytes: Int, _ pieces: (inout PageDeflater) throws -> Void) throws {
        var deflater = try PageDeflater(level: level, mostBytes: mostBytes)
        try pieces(&deflater)
        bytes = try deflater.flush()
        uncompressedBytes = deflater.uncompressedBytes
        crc32 = deflater.crc32
    }
}

/// Takes the bytes of one block, checksums and deflates them.
struct PageDeflater: ~Copyable {
    private(set) var uncompressedBytes = 0
    private(set) var crc32: UInt32 = 0
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>

    fileprivate init(level: Int, mostBytes: Int) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        // -15: raw deflate with the full window; 8: zlib's default memory.
        let begun = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        // The bound leaves out what a flush adds: at most a few bytes a stored block. Memory that is not written to is
        // not taken.
        let capacity = begun == Z_OK ? Int(deflateBound(stream, uLong(mostBytes))) + 64 : 0
        output = .allocate(capacity: capacity)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(capacity)
        guard begun == Z_OK else { throw GzipFailure.deflate("zlib cannot begin") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    mutating func add(_ piece: UnsafeRawBufferPointer) throws {
        uncompressedBytes += piece.count
        let bytes = piece.assumingMemoryBound(to: UInt8.self)
        crc32 = UInt32(crc32_z(uLong(crc32), bytes.baseAddress, bytes.count))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = uInt(bytes.count)
        guard piece.isEmpty || CZlib.deflate(stream, Z_NO_FLUSH) == Z_OK, stream.pointee.avail_in == 0 else {
            throw GzipFailure.deflate("zlib did not take the whole page")
        }
    }

    fileprivate func flush() throws -> [UInt8] {
        guard CZlib.deflate(stream, Z_FULL_FLUSH) == Z_OK, stream.pointee.avail_out > 0 else {
            throw GzipFailure.deflate("zlib did not take the whole page")
        }
        return Array(output[..<Int(stream.pointee.total_out)])
    }
}

enum GzipFailure: Error {
    case deflate(String)
}

/// The frame around the blocks that makes a file exactly one gzip member (RFC 1952). Not one member a page:
/// a file of several members that is cut at a border between two is read silently short by most readers; a
/// single member cut anywhere is an error in all of them.
enum GzipFrame {
    /// No name, no time (so that the same lines give the same file), no particular system.
    static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]

    /// A final empty block, the CRC of all lines, their length modulo 2³².
    static func trailer(crc32: UInt32, uncompressedBytes: Int64) -> [UInt8] {
        [0x03, 0x00] + littleEndian(crc32) + littleEndian(UInt32(truncatingIfNeeded: uncompressedBytes))
    }

    static let trailerLength = 10
    /// Of the frame alone.
    static let emptyBytes = Int64(header.count + trailerLength)

    /// The CRC of two runs of bytes one after the other.
    static func combined(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
        UInt32(crc32_combine(uLong(first), uLong(second), secondLength))
    }

    private static func littleEndian(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
