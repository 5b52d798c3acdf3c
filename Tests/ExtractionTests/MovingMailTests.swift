import Planning
import Rehearsals
import Synchronization
import Testing

@testable import Simulator

/// Mail threads that move while the folders are read, one folder after the other. How Pipedrive moves a thread is
/// not known; here it is edited as it moves.
@Suite("Moving mail")
struct MovingMailTests {
    /// Moves every thread that the first folder has not shown into that folder alone.
    private static func moveToTheFirst(_ account: inout SimulatedAccount) -> [String] {
        var moved: [String] = []
        var id = 1
        while let row = account.row(.mailThreads, id) {
            if !row.isDeleted, !account.writer.folders(row).contains("inbox") { moved.append(String(id)) }
            while let row = account.row(.mailThreads, id), !row.isDeleted, moved.last == String(id),
                account.writer.folders(row) != ["inbox"]
            {
                account.edit(.mailThreads, id)
            }
            id += 1
        }
        return moved
    }

    @Test("A thread that moves to a folder already read is missed once, and not taken for gone")
    func movesBack() async throws {
        let rehearsal = try Rehearsal(["mail_threads"], AccountOptions(size: AccountSize(deals: 130))) {
            $0.cutPages(to: 20)
        }
        func tombstones() throws -> [String] {
            var lake = PulledLake(rehearsal.folder.path)
            try lake.refresh()
            return lake.latest("mail_threads").filter(\.value.isDelete).map(\.key)
        }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 8 * 24)
        let moved = Mutex<[String]>([])
        rehearsal.company.beforeAnswer { _, request, account in
            guard request.query.contains("folder=drafts") else { return }
            moved.withLock { if $0.isEmpty { $0 = Self.moveToTheFirst(&account) } }
        }
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .complete && asked.contains { $0.query.contains("folder=archive") })
        #expect(moved.withLock { $0.count } > 5)
        #expect(try tombstones() == [])
        rehearsal.company.beforeAnswer(nil)
        // Missed once, and now really gone: the second listing that misses it is the proof.
        let gone = try #require(moved.withLock { $0.first })
        rehearsal.change { $0.delete(.mailThreads, Int(gone) ?? 0) }
        rehearsal.sleep(hours: 8 * 24)
        #expect(try await rehearsal.night().code == .complete)
        let found = try tombstones()
        #expect(found == [gone], "\(found) in place of \(gone)")
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }
}
