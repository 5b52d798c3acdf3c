import Extraction
import Planning
import Rehearsals
import Simulator
import Testing

/// A run that has nothing left, and tokens that come soon.
@Suite("Waiting for the next budget day")
struct WaitingTests {
    private static let midnight = Instant(milliseconds: AccountOptions.defaultStartMilliseconds) + 86_400
    private static let daily = 200

    /// A company whose day is used up by us at noon, seen so many seconds before midnight.
    private func spent(_ secondsBefore: Int64, _ change: (inout AccountOptions) -> Void = { _ in }) async throws
        -> Rehearsal
    {
        var options = AccountOptions(size: AccountSize(deals: 400))
        change(&options)
        let rehearsal = try Rehearsal(["deals", "persons"], options) {
            $0.budget.dailyTokens = Self.daily
            $0.cutPages(to: 5)
        }
        rehearsal.clock.set(milliseconds: (Self.midnight - 12 * 3600).seconds * 1000)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        rehearsal.clock.set(milliseconds: (Self.midnight - secondsBefore).seconds * 1000)
        return rehearsal
    }

    @Test("Up to ten minutes before the day, and not longer", arguments: [1, 80, 300, 600, 601] as [Int64])
    func patience(secondsBefore: Int64) async throws {
        let rehearsal = try await spent(secondsBefore)
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .allowanceUsedUp)
        if secondsBefore > 600 {
            #expect(asked.isEmpty && rehearsal.now < Self.midnight)
        } else {
            #expect(report.tokens > Self.daily - 20 && asked.allSatisfy { $0.budgetDay == rehearsal.budgetDay })
        }
        #expect(rehearsal.asked.tokensByDay.values.allSatisfy { $0 <= Self.daily }, "\(rehearsal.asked.tokensByDay)")
    }

    @Test("Nobody waits for what would help nothing: an even share that begins anew, a run's own limit, a deadline")
    func pointless() async throws {
        let rehearsal = try await spent(300)
        #expect(try await rehearsal.watchedNight(RunOptions(isSpread: true)).asked.isEmpty)
        #expect(rehearsal.now < Self.midnight)
        let late = try await rehearsal.watchedNight(RunOptions(deadlineSeconds: 60))
        #expect(late.asked.isEmpty && late.0.sentence?.contains("--deadline") == true)
        #expect(rehearsal.now < Self.midnight)
        let fresh = try await self.spent(300).changing { $0.budget.dailyTokens = Self.daily + 100 }
        let limited = try await fresh.watchedNight(RunOptions(maxTokens: 20))
        #expect(limited.0.tokens == 20 && fresh.now < Self.midnight, "\(limited.0.sentence ?? "")")
    }

    @Test("After a daily 429 the run ends at once, and a later one waits for the reset")
    func refused() async throws {
        let rehearsal = try await spent(24 * 1800 + 1)
        rehearsal.sleep(hours: 25)
        rehearsal.change { $0.drainBudget() }
        let reset = Self.midnight + 86_400
        rehearsal.clock.set(milliseconds: (reset - 400).seconds * 1000)
        let first = try await rehearsal.watchedNight()
        #expect(first.0.code == .allowanceUsedUp && first.asked.contains { $0.status == 429 } && rehearsal.now < reset)
        rehearsal.clock.set(milliseconds: (reset - 200).seconds * 1000)
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.tokens > Self.daily - 20 && asked.allSatisfy { $0.milliseconds >= reset.seconds * 1000 })
    }
}
