import CSQLite
import Testing

@testable import Storage

@Suite struct QuietAllocatorTests {
    /// Whoever opens a database before an index is opened brings the lock back, and every thread waits for it again.
    @Test func sqliteCountsNoMemory() throws {
        let folder = try TemporaryFolder()
        let index = try Index(writing: folder("index.sqlite"))
        #expect(QuietAllocator.isOn)
        #expect(sqlite3_memory_used() == 0)
        try index.absorbLog()
    }
}
