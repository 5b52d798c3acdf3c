import Crypto
package import Planning

/// A page made ready for the turnstile: every record is one line of bytes and has its hash. Made off the main
/// path, for several pages at once.
package struct PreparedPage: Sendable {
    package let page: Page
    let hashes: [Int64]
    package let answeredAtMilliseconds: Int64

    /// - Parameter parent: under which record all of them hang, where their keys are ones within it only.
    package init(_ page: Page, answeredAtMilliseconds: Int64, parent: RecordKey? = nil) {
        var page = Self.compacted(page)
        self.answeredAtMilliseconds = answeredAtMilliseconds
        let hashes = page.body.withUnsafeBytes { body in
            page.records.map { recordHash(UnsafeRawBufferPointer(rebasing: body[$0.bytes])) }
        }
        for (place, hash) in hashes.enumerated() {
            page.records[place].key = page.records[place].key.settled(hash: hash, parent: parent)
            if let parent { page.records[place].parent = parent }
        }
        self.page = page
        self.hashes = hashes
    }

    /// The same answer, of which no record is to be written.
    package var withoutRecords: PreparedPage {
        PreparedPage(Page(body: [], records: [], next: page.next), answeredAtMilliseconds: answeredAtMilliseconds)
    }

    /// White space outside strings goes, since a version is one line; everything else stays to the byte.
    private static func compacted(_ page: Page) -> Page {
        guard page.records.contains(where: { !$0.isCompact }) else { return page }
        var body: [UInt8] = []
        body.reserveCapacity(page.body.count)
        var records = page.records
        page.body.withUnsafeBytes { bytes in
            for place in records.indices {
                let start = body.count
                compactJSON(UnsafeRawBufferPointer(rebasing: bytes[records[place].bytes]), into: &body)
                records[place].bytes = start..<body.count
                records[place].isCompact = true
            }
        }
        return Page(body: body, records: records, next: page.next)
    }
}

extension RecordKey {
    /// The key as the index has it: of a record without one by its bytes, of a child by its parent as well.
    func settled(hash: Int64, parent: RecordKey?) -> RecordKey {
        let digits = String(UInt64(bitPattern: hash), radix: 16)
        let own = self == .byContent ? .text(String(repeating: "0", count: 16 - digits.count) + digits) : self
        return parent.map { own.within($0) } ?? own
    }
}

/// The first eight bytes of SHA-256. It tells two consecutive versions of one record apart; 64 bits make a
/// chance meeting of two different versions less likely than a failing disk.
func recordHash(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
}
