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
        uncompressedBytes = lines.count
        crc32 = lines.withUnsafeBytes { UInt32(crc32_z(0, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)) }
        bytes = try Self.deflate(lines, level: level)
    }

    private static func deflate(_ lines: [UInt8], level: Int) throws -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        // -15: raw deflate with the full window; 8: zlib's default memory.
        guard deflateInit2_(&stream, Int32(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { throw GzipFailure.deflate("zlib cannot begin") }
        defer { deflateEnd(&stream) }
        // The bound leaves out what a flush adds: at most a few bytes a stored block.
        let capacity = Int(deflateBound(&stream, uLong(lines.count))) + 64
        return try [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            try lines.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(capacity)
                guard CZlib.deflate(&stream, Z_FULL_FLUSH) == Z_OK, stream.avail_in == 0, stream.avail_out > 0 else {
                    throw GzipFailure.deflate("zlib did not take the whole page")
                }
            }
            count = Int(stream.total_out)
        }
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
