import GRDB
import Planning
import TestSupport
import Testing

@testable import Storage

/// Reading while a run writes: one look, or many, from one state of the index. Cannot see what SQLite does when the
/// disk fails meanwhile.
@Suite struct OneStateTests {
    private static func count(_ index: Index) throws -> Int {
        try index.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM heads") ?? -1 }
    }

    @Test func whatIsWrittenMeanwhileIsSeenAfterwards() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1)])
        let index = try account.index()
        let (before, within) = try index.inOneState {
            let before = try Self.count(index)
            try store.put([Shown(2), Shown(3)])
            return (before, try Self.count(index))
        }
        #expect(before == 1 && within == 1)
        #expect(try Self.count(index) == 3)
        try store.put([Shown(4)])
        #expect(try Self.count(index) == 4)
    }

    /// What fails within leaves nothing open.
    @Test func aFailureEndsIt() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1)])
        let index = try account.index()
        #expect(throws: Stop.self) {
            try index.inOneState {
                _ = try Self.count(index)
                throw Stop(.badData, "made up", hint: "none")
            }
        }
        #expect(throws: Stop.self) { try index.read { try $0.execute(sql: "SELECT * FROM nothing") } }
        try store.put([Shown(2)])
        #expect(try Self.count(index) == 2)
    }
}
