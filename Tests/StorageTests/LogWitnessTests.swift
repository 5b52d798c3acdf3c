import Foundation
import Planning
import TestSupport
import Testing

@testable import Storage

/// The write-ahead log that a killed run leaves. SQLite believes as much of it as makes sense and forgets the rest.
@Suite struct LogWitnessTests {
    let corpus = RebuildCorpus()

    init() throws { try corpus.fill() }

    /// A copy of the folder while a run is under way is what a kill leaves.
    private func killed() throws -> RebuildCorpus {
        let vault = try corpus.vault()
        defer { vault.close() }
        let store = try vault.beginRun()
        for tokens in [10, 20, 30] {
            try store.reserve([Reservation(stream: "deals", tokens: tokens)], allowance: corpus.allowance)
        }
        try corpus.put(
            store, corpus.deals, 0, (500...520).map { corpus.object($0, second: 4000) }, covered: 3000..<5000)
        let copy = try corpus.copy()
        try copy.disk.remove(copy.folders.lock)
        return copy
    }

    private func spoil(_ part: String, _ change: (inout [UInt8]) -> Void) throws -> RebuildCorpus {
        let copy = try killed()
        let path = copy.folders.index + part
        var bytes = try copy.bytes(path)
        change(&bytes)
        try copy.replace(path, with: bytes)
        return copy
    }

    @Test func whatAKillLeavesIsWell() throws {
        let copy = try killed()
        #expect(try copy.bytes(copy.folders.index + "-wal").count > 4096)
        #expect(try IndexFitness(folders: copy.folders, disk: copy.disk).faultOfLog() == nil)
        #expect(try copy.verify().disagreements == [])
        try copy.vault().close()
        #expect(try copy.verify().disagreements == [])
    }

    @Test(arguments: 0..<12) func aTurnedByteIsFound(part: Int) throws {
        try expectFound(
            spoil("-wal") { bytes in
                // The log's header, one of its first frame, and places all over it up to its end.
                let place = [3, 17, 30, 33, 45][safe: part] ?? bytes.count * (part - 4) / 8 - 1
                bytes[place] ^= 8
            })
    }

    @Test(arguments: [0, 20, 5000]) func aLogThatIsCutIsFound(length: Int) throws {
        try expectFound(spoil("-wal") { $0.removeLast($0.count - length) })
    }

    @Test func aMissingLogIsFound() throws {
        let copy = try killed()
        try copy.disk.remove(copy.folders.index + "-wal")
        try expectFound(copy)
    }

    /// Without it nobody tells; what it told is in the log.
    @Test func theSharedMemoryMayBeLostOrDamaged() throws {
        for part in [0, 16, 24, 40, 48, 60, 100, 20_000] {
            let copy = try spoil("-shm") { $0[part] ^= 1 }
            #expect(try copy.verify().disagreements == [], "byte \(part)")
        }
        let copy = try spoil("-shm") { $0.removeAll() }
        try copy.vault().close()
        #expect(try copy.verify().disagreements == [])
    }

    /// By everybody who asks, and then the index is made anew and the server asked what was spent.
    private func expectFound(_ copy: RebuildCorpus) throws {
        let log = copy.folders.index + "-wal"
        #expect(try copy.verify().disagreements.map(\.what) == ["has lost commits: \(log) is not as it was written"])
        let folder = AccountFolder(account: "acme", output: copy.output, disk: copy.disk)
        for open in [{ _ = try folder.index() }, { try copy.vault().close() }] {
            #expect { try open() } throws: { ($0 as? Stop)?.reason.contains("has lost commits") == true }
        }
        var told: [String] = []
        var recovery = copy.recovery
        recovery.tell = { told.append($0) }
        let vault = try copy.vault(recovery)
        #expect(told.count == 1 && told[0].contains("it is made anew"))
        #expect(try vault.beginRun().isLedgerInDoubt())
        vault.close()
        #expect(try copy.verify().disagreements == [])
    }
}

extension [Int] {
    fileprivate subscript(safe place: Int) -> Int? { indices.contains(place) ? self[place] : nil }
}
