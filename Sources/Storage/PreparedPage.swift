import Crypto
package import Planning

/// A page made ready for the turnstile: every record is one line of bytes and has its hash. Made off the main
/// path, for several pages at once.
package struct PreparedPage: Sendable {
    package let page: Page
    let hashes: [Int64]
    package let answeredAtMilliseconds: Int64

    package init(_ page: Page, answeredAtMilliseconds: Int64) {
        let compact = Self.compacted(page)
        self.page = compact
        self.answeredAtMilliseconds = answeredAtMilliseconds
        hashes = compact.body.withUnsafeBytes { body in
            compact.records.map { recordHash(UnsafeRawBufferPointer(rebasing: body[$0.bytes])) }
        }
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

/// The first eight bytes of SHA-256. It tells two consecutive versions of one record apart; 64 bits make a
/// chance meeting of two different versions less likely than a failing disk.
func recordHash(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
}
