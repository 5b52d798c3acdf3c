import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// A first run was killed while it made the index: SQLite's journal lies beside a file of which nothing counts.
@Suite struct HalfMadeIndexTests {
    let corpus = RebuildCorpus()

    /// A journal that says: there was nothing before, and no page has to be put back.
    private static var journal: [UInt8] {
        let magic: [UInt8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]
        let (noRecords, nonce, noPages): ([UInt8], [UInt8], [UInt8]) = ([0, 0, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0])
        let (sector, page): ([UInt8], [UInt8]) = ([0, 0, 2, 0], [0, 0, 16, 0])
        let header = magic + noRecords + nonce + noPages + sector + page
        return header + [UInt8](repeating: 0, count: 512 - header.count)
    }

    init() throws {
        let vault = try corpus.vault()
        vault.close()
        let firstPage = try corpus.bytes(corpus.folders.index).prefix(4096)
        try corpus.removeIndex()
        try corpus.replace(corpus.folders.index, with: Array(firstPage))
        try corpus.replace(corpus.folders.index + "-journal", with: Self.journal)
    }

    @Test func aRunMakesIt() throws {
        try corpus.fill()
        #expect(try corpus.verify().disagreements == [])
    }

    @Test func whoOnlyLooksFindsNothing() throws {
        let index = try AccountFolder(account: "acme", output: corpus.output, disk: corpus.disk).index()
        #expect(try index?.nextSeq() == 1)
        try corpus.fill()
    }
}
