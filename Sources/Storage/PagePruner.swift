import Planning

/// Takes lines out of a page. What goes is read, and must be what the index says of it.
struct PagePruner {
    let saysParent: Bool
    let reader: ObjectReader
    /// zlib's, for a page that loses lines.
    let level: Int

    /// What is left of a page.
    struct Rest {
        /// Deflated.
        var bytes: [UInt8]
        var firstSeq: Int64
        var lastSeq: Int64
        var crc32: UInt32
        var uncompressedBytes: Int
    }

    /// Throws `FileDamage`.
    /// - Parameter gone: what the index says of the lines that go, by their numbers.
    /// - Returns: nil when no line is left.
    func rest(of page: FilePage, _ bytes: [UInt8], without gone: [SupersededRow]) throws -> Rest? {
        var lines = inflated(bytes)
        guard !gone.isEmpty else {
            return Rest(
                bytes: bytes, firstSeq: page.firstSeq, lastSeq: page.lastSeq, crc32: crc(of: lines),
                uncompressedBytes: lines.count)
        }
        var (kept, left): ([UInt8], [Int64]) = ([], [])
        var rows = gone[...]
        try lines.withUnsafeMutableBufferPointer { buffer in
            var start = 0
            while start < buffer.count {
                let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) ?? buffer.count
                let line = UnsafeMutableBufferPointer(rebasing: buffer[start..<end])
                guard let seq = KeptLine.seq(of: UnsafeBufferPointer(line)) else {
                    throw FileDamage("holds a line that is none of ours")
                }
                if seq == rows.first?.seq {
                    try require(line, rows.removeFirst())
                } else {
                    left.append(seq)
                    kept += line
                    kept.append(UInt8(ascii: "\n"))
                }
                start = end + 1
            }
        }
        if let missing = rows.first {
            throw FileDamage("has no line with _seq \(missing.seq), as the index says it has")
        }
        guard let first = left.first, let last = left.last else { return nil }
        let block = try GzipBlock(deflating: kept, level: level)
        return Rest(
            bytes: block.bytes, firstSeq: first, lastSeq: last, crc32: block.crc32,
            uncompressedBytes: block.uncompressedBytes)
    }

    private func require(_ line: UnsafeMutableBufferPointer<UInt8>, _ row: SupersededRow) throws {
        guard row.isSame(as: try KeptLine(line, saysParent: saysParent, reader: reader)) else {
            throw FileDamage("the line with _seq \(row.seq) is another one in the index")
        }
    }
}
