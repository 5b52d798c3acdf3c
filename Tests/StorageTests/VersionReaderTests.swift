import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Finding lines again. Cannot see whether the command prints them well.
@Suite struct VersionReaderTests {
    private static func read(_ account: TestAccount, _ id: Int64, history: Bool = true) throws -> [String] {
        try account.reader.lines(stream: "deals", key: .integer(id), history: history)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func findsEveryVersionWhereverItLies() throws {
        let account = try TestAccount()
        let vault = try account.vault()
        let store = try vault.beginRun()
        for number in 0..<6 {
            let page = (0..<20).map { Shown($0, "2026-11-22T10:00:0\(number)Z", "v\(number)") }
            try store.put(page + [Shown(100 + Int64(number))])
            // Three pages are published, three are not.
            if number == 2 { try store.publish(filesOver: 0) }
        }
        for id in [0, 7, 19] as [Int64] {
            let lines = try Self.read(account, id)
            #expect(lines.map { $0.firstMatch(of: /"title":"(v\d)"/).map { String($0.1) } } == (0..<6).map { "v\($0)" })
            #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.contains("\"id\":\(id),") })
            #expect(try Self.read(account, id, history: false) == Array(lines.suffix(1)))
        }
        let before = try Self.read(account, 7)
        try store.endComplete()
        #expect(try Self.read(account, 7) == before)
        #expect(try account.lines().filter { $0.contains("\"id\":7,") } == before)
        #expect(try Self.read(account, 100).count == 1)
    }

    @Test func knowsWhatItDoesNotKnow() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1)])
        #expect(try Self.read(account, 2).isEmpty)
        #expect(try account.reader.lines(stream: "persons", key: .integer(1), history: true).isEmpty)
        #expect(try account.reader.lines(stream: "deals", key: .text("1"), history: true).isEmpty)
    }

    @Test func damageIsSaid() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1)])
        try store.endComplete()
        try LocalDisk().truncate(account.output + "/" + account.snapshots[0], to: 14)
        let stop = #expect(throws: Stop.self) { try Self.read(account, 1) }
        #expect(stop?.code == .badData)
    }

    /// Whatever byte the disk has changed: the line as it was written, our own members included, or none.
    @Test func noRecordIsAnotherOne() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1), Shown(2), Shown(3)])
        try store.endComplete()
        let written = try Self.read(account, 2)
        let path = account.output + "/" + account.snapshots[0]
        let whole = try LocalDisk().read(path, offset: 0, count: 1 << 20)
        var refused = 0
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 0x04
            try LocalDisk().remove(path)
            try LocalDisk().append(bytes, to: path)
            do {
                #expect(try Self.read(account, 2) == written, "byte \(place)")
            } catch let stop as Stop {
                #expect(stop.code == .badData, "byte \(place): \(stop)")
                refused += 1
            }
        }
        #expect(refused > whole.count / 4)
    }

    /// A file that holds another line in this one's place, whole in itself.
    @Test(arguments: [
        (#""_op":"upsert""#, #""_op":"delete""#), (#"T020000Z","#, #"T020001Z","#), (#"T02:"#, #"T03:"#),
        (#""_seq":2,"#, #""_seq":9,"#), (#""title":""#, #""title":"x"#),
    ])
    func noMemberOfOursIsAnotherOne(written: String, turned: String) throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.put([Shown(1), Shown(2), Shown(3)])
        try store.endComplete()
        let lines = try account.lines().map { $0.contains("\"id\":2,") ? $0.replacing(written, with: turned) : $0 }
        #expect(try lines != account.lines(), "nothing was turned: \(lines)")
        let text = Array(lines.joined(separator: "\n").utf8) + Array("\n".utf8)
        let path = account.output + "/" + account.snapshots[0]
        let start = GzipFrame.header.count
        let block = try GzipBlock(deflating: text, level: 6)
        let length = try #require(Int(account.rows("SELECT length FROM blocks")[0]))
        try LocalDisk().truncate(path, to: Int64(start))
        // An empty block fills what the index takes for one.
        try LocalDisk().append(block.bytes + [UInt8](repeating: 0, count: max(0, length - block.bytes.count)), to: path)
        #expect { try Self.read(account, 2) } throws: { ($0 as? Stop)?.code == .badData }
    }
}
