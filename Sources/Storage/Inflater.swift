import CZlib

/// Undoes a raw deflate stream piece by piece, in the same memory however long it is, and finds the full flushes
/// by which blocks end.
final class Inflater {
    /// Bytes of the stream taken so far.
    private(set) var taken: Int64 = 0
    /// The end of the stream was met.
    private(set) var isFinished = false
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>
    /// What had come out at the last border between two deflate blocks.
    private var producedAtBorder: uLong = 0

    private static let outputBytes = 1 << 18

    init() throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(capacity: Self.outputBytes)
        guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw FileDamage("cannot be read: zlib cannot begin")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// - Parameters:
    ///   - emit: gets what comes out, in order.
    ///   - flushed: is called at every full flush, after everything before it was emitted.
    /// - Returns: how many of the bytes belong to the stream: fewer than all only when it ends among them.
    func take(
        _ input: UnsafeBufferPointer<UInt8>, emit: (UnsafeBufferPointer<UInt8>) throws -> Void,
        flushed: () throws -> Void
    ) throws -> Int {
        let takenBefore = taken
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        repeat {
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = uInt(output.count)
            let status = inflate(stream, Z_BLOCK)
            taken = takenBefore + Int64(input.count - Int(stream.pointee.avail_in))
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw FileDamage("cannot be inflated near byte \(Int64(GzipFrame.header.count) + taken)")
            }
            let produced = output.count - Int(stream.pointee.avail_out)
            if produced > 0 { try emit(UnsafeBufferPointer(rebasing: output[..<produced])) }
            isFinished = status == Z_STREAM_END
            if isFullFlush() { try flushed() }
        } while !isFinished && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
        return Int(taken - takenBefore)
    }

    /// zlib stands between two deflate blocks, and the last one was empty and ended on a byte border: that is how
    /// a flush looks. 128: at a border; 64: in the last block; the low bits: how much of the last byte is left.
    private func isFullFlush() -> Bool {
        let state = stream.pointee.data_type
        guard state & 128 != 0, !isFinished else { return false }
        defer { producedAtBorder = stream.pointee.total_out }
        return state & (64 | 7) == 0 && taken > 0 && stream.pointee.total_out == producedAtBorder
    }
}
