import TestSupport
import Testing

@testable import Storage

/// Blocks, their frame and their sums, against zlib's own reader. Cannot see what other readers make of it.
@Suite struct GzipTests {
    private static func text(_ count: Int, _ random: inout SeededRandom, isNoise: Bool) -> [UInt8] {
        (0..<count).map { _ in
            isNoise ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 97...100, using: &random)
        }
    }

    @Test(arguments: [1, 6, 9])
    func blocksAreReadAlone(level: Int) throws {
        let seed = SeededRandom.seed(level)
        var random = SeededRandom(seed: seed)
        for count in [1, 2, 100, 16_383, 65_536, 140_000] {
            for isNoise in [false, true] {
                let lines = Self.text(count, &random, isNoise: isNoise)
                let block = try GzipBlock(deflating: lines, level: level)
                #expect(inflated(block.bytes) == lines, "seed \(seed) \(count)")
                #expect(block.uncompressedBytes == count)
            }
        }
    }

    /// Wherever the room for a block ends, in the middle of it, at its end or within the mark of its flush, the block
    /// comes out the same.
    @Test func theRoomLeavesNoTrace() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        let noise = Self.text(9000, &random, isNoise: true)
        // Stored blocks: a byte more of noise is a byte more of output, so every distance to the room's end is met.
        for count in 4000...4120 {
            let lines = Array(noise[..<count])
            let wide = try GzipBlock(level: 6, expectedBytes: 1_000_000) { deflater in
                try lines.withUnsafeBytes { try deflater.add($0) }
            }
            let narrow = try GzipBlock(level: 6, expectedBytes: 0) { deflater in
                try lines.withUnsafeBytes { try deflater.add($0) }
            }
            #expect(narrow.bytes == wide.bytes && inflated(narrow.bytes) == lines, "seed \(seed), \(count) bytes")
            #expect(
                narrow.bytes.suffix(4) == [0, 0, 0xff, 0xff]
                    && narrow.bytes.dropLast(4).suffix(4) != [0, 0, 0xff, 0xff])
        }
    }

    @Test func blocksTogetherAreOneMember() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        var (file, all, crc) = (GzipFrame.header, [UInt8](), UInt32(0))
        for place in 0..<6 {
            let lines = Self.text(Int.random(in: 1...3000, using: &random), &random, isNoise: place.isMultiple(of: 2))
            let block = try GzipBlock(deflating: lines, level: 1 + place)
            file += block.bytes
            all += lines
            crc = GzipFrame.combined(crc, block.crc32, secondLength: block.uncompressedBytes)
        }
        #expect(crc == (try GzipBlock(deflating: all, level: 1)).crc32, "seed \(seed)")
        file += GzipFrame.trailer(crc32: crc, uncompressedBytes: Int64(all.count))
        #expect(Gzip.onlyMember(file) == all, "seed \(seed)")
        // Cut anywhere it is an error, never a shorter text.
        for length in stride(from: 0, to: file.count, by: 97) {
            #expect(Gzip.onlyMember(Array(file[..<length])) == nil)
        }
        for missing in 1...GzipFrame.trailerLength { #expect(Gzip.onlyMember(file.dropLast(missing)) == nil) }
    }

    @Test func theTrailerCountsModulo() {
        let trailer = GzipFrame.trailer(crc32: 0x0403_0201, uncompressedBytes: 0x1_0807_0605)
        #expect(trailer == [3, 0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(trailer.count == GzipFrame.trailerLength)
        #expect(GzipFrame.header.count == 10)
    }

    @Test func damagedBlocksAreShort() throws {
        let lines = Array(String(repeating: "one line\n", count: 500).utf8)
        var bytes = try GzipBlock(deflating: lines, level: 6).bytes
        #expect(inflated(Array(bytes.dropLast(bytes.count / 2))).count < lines.count)
        bytes[2] ^= 0xff
        #expect(inflated(bytes) != lines)
        #expect(inflated([]).isEmpty)
    }
}
