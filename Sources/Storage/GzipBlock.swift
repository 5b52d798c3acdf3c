import CZlib

/// One page's lines, deflated on their own. A full flush ends the block on a byte border and forgets the
/// dictionary, so blocks can be made in parallel, appended in any number, and read alone.
package struct GzipBlock: Sendable {
    let bytes: [UInt8]
    /// Of the lines before compression.
    let uncompressedBytes: Int
    let crc32: UInt32
    /// Of the bytes as they lie in the file.
    let packedCRC32: UInt32

    /// - Parameter level: zlib 1...9.
    init(deflating lines: [UInt8], level: Int) throws {
        try self.init(level: level, expectedBytes: lines.count) { deflater in
            try lines.withUnsafeBytes { try deflater.add($0) }
        }
    }

    /// Lines that lie in pieces go in piece by piece, so that nobody has to put them together first.
    /// - Parameter expectedBytes: about as many as all pieces together.
    init(level: Int, expectedBytes: Int, _ pieces: (inout PageDeflater) throws -> Void) throws {
        var deflater = try PageDeflater(level: level, expectedBytes: expectedBytes)
        try pieces(&deflater)
        bytes = try deflater.flush()
        uncompressedBytes = deflater.uncompressedBytes
        crc32 = deflater.crc32
        packedCRC32 = crc(of: bytes)
    }
}

/// Takes the bytes of one block, checksums and deflates them.
struct PageDeflater: ~Copyable {
    private(set) var uncompressedBytes = 0
    private(set) var crc32: UInt32 = 0
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8]

    /// Records become an eighth or less. Room for all of them, however badly they deflate, would be as much memory as
    /// the page itself, for every page in hand.
    private static let expectedShare = 8
    private static let leastRoomBytes = 4096
    /// The mark of a full flush has five bytes and a few bits.
    private static let markBytes = 16

    fileprivate init(level: Int, expectedBytes: Int) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = Array(repeating: 0, count: Self.leastRoomBytes + expectedBytes / Self.expectedShare)
        let size = Int32(MemoryLayout<z_stream>.size)
        // -15: raw deflate with the full window; 8: zlib's default memory.
        let begun = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard begun == Z_OK else { throw GzipFailure.deflate("zlib cannot begin") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    mutating func add(_ piece: UnsafeRawBufferPointer) throws {
        uncompressedBytes += piece.count
        let bytes = piece.assumingMemoryBound(to: UInt8.self)
        crc32 = UInt32(crc32_z(uLong(crc32), bytes.baseAddress, bytes.count))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = uInt(bytes.count)
        while stream.pointee.avail_in > 0 { try deflate(Z_NO_FLUSH) }
    }

    fileprivate mutating func flush() throws -> [UInt8] {
        // First all that is pending: a flush for which the room is just enough would be said twice, with its mark.
        while try deflate(Z_BLOCK) < Self.markBytes {}
        try deflate(Z_FULL_FLUSH)
        return Array(output[..<Int(stream.pointee.total_out)])
    }

    /// - Returns: the room that is left.
    @discardableResult private mutating func deflate(_ flush: Int32) throws -> Int {
        let used = Int(stream.pointee.total_out)
        if output.count - used < Self.markBytes { output.append(contentsOf: repeatElement(0, count: output.count)) }
        let (stream, room) = (stream, output.count - used)
        let result = output.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_out = output.baseAddress.map { $0 + used }
            stream.pointee.avail_out = uInt(room)
            return CZlib.deflate(stream, flush)
        }
        // Z_BUF_ERROR: there was nothing to do.
        guard result == Z_OK || result == Z_BUF_ERROR else {
            throw GzipFailure.deflate("zlib did not take the whole page")
        }
        return Int(stream.pointee.avail_out)
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
    static let headerCRC32 = crc(of: header)
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
