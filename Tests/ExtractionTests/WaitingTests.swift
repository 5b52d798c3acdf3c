import Extraction
import Planning
import Rehearsals
import Simulator
import Testing

/// A run that has nothing left, and tokens that come soon; where the job file is wrong about the day, see `ResetTests`.
@Suite("Before the next budget day")
struct WaitingTests {
    private static let midnight = Instant(milliseconds: AccountOptions.defaultStartMilliseconds) + 86_400
    private static let daily = 200

    /// A company whose day is used up by us at noon, seen so many seconds before midnight.
    private func spent(_ secondsBefore: Int64) async throws -> Rehearsal {
        let rehearsal = try Rehearsal(["deals", "persons"], AccountOptions(size: AccountSize(deals: 400))) {
            $0.budget.dailyTokens = Self.daily
            $0.cutPages(to: 5)
        }
        rehearsal.clock.set(milliseconds: (Self.midnight - 12 * 3600).seconds * 1000)
        #expect(try await rehearsal.night().code == .allowanceUsedUp)
        rehearsal.clock.set(milliseconds: (Self.midnight - secondsBefore).seconds * 1000)
        return rehearsal
    }

    @Test("Nobody waits for the day of a job file that is right", arguments: [1, 80, 300] as [Int64])
    func impatience(secondsBefore: Int64) async throws {
        let rehearsal = try await spent(secondsBefore)
        let (report, asked) = try await rehearsal.watchedNight()
        #expect(report.code == .allowanceUsedUp && asked.isEmpty && rehearsal.now < Self.midnight)
        rehearsal.clock.set(milliseconds: Self.midnight.seconds * 1000)
        #expect(try await rehearsal.night().tokens > Self.daily - 20)
        #expect(rehearsal.asked.tokensByDay.values.allSatisfy { $0 <= Self.daily }, "\(rehearsal.asked.tokensByDay)")
    }

    @Test("The seconds before a reset are waited out, and are not called want of tokens")
    func quietSeconds() async throws {
        let rehearsal = try Rehearsal(["deals"])
        rehearsal.clock.set(milliseconds: (Self.midnight - 60).seconds * 1000)
        let log = Log()
        #expect(try await rehearsal.night(logger: log.logger).code == .complete)
        #expect(rehearsal.asked.tokensByDay.keys.sorted() == [rehearsal.budgetDay] && rehearsal.now >= Self.midnight)
        #expect(log.lines.contains { $0.hasPrefix("the budget day ends at \(Self.midnight)") }, "\(log.lines)")
        #expect(!log.lines.contains { $0.hasPrefix("nothing is left") })
    }

    @Test("After a daily 429 neither the run nor a later one asks before the reset")
    func refused() async throws {
        let rehearsal = try await spent(24 * 1800 + 1)
        rehearsal.sleep(hours: 25)
        rehearsal.change { $0.drainBudget() }
        let reset = Self.midnight + 86_400
        rehearsal.clock.set(milliseconds: (reset - 400).seconds * 1000)
        let first = try await rehearsal.watchedNight()
        #expect(first.0.code == .allowanceUsedUp && first.asked.contains { $0.status == 429 } && rehearsal.now < reset)
        rehearsal.clock.set(milliseconds: (reset - 200).seconds * 1000)
        #expect(try await rehearsal.watchedNight().asked.isEmpty && rehearsal.now < reset)
        #expect(try rehearsal.status().exhaustedUntil == reset.description, "who looks is told why nothing is left")
        #expect(try rehearsal.plan().exhaustedUntil == reset.description)
        rehearsal.clock.set(milliseconds: reset.seconds * 1000)
        #expect(try rehearsal.status().exhaustedUntil == nil)
        #expect(try await rehearsal.night().tokens > Self.daily - 20)
    }
}
