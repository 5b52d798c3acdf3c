import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Synchronization
import TestSupport
import Testing

/// A small run dies at every one of its effects, and the next one goes on. The disk dies between two effects or in
/// the middle of an append; what a power cut makes of bytes that were never flushed is not tested here, nor SQLite.
@Suite("Any instant may be the last")
struct CrashTests {
    /// What the small run reads.
    enum Work: CaseIterable, Sendable {
        case lists
        /// In batches of several pages, and one by one; some come with their parent in one commit.
        case children
    }

    private static func small(_ work: Work = .lists) throws -> Rehearsal {
        let streams = work == .lists ? ["deals", "pipelines"] : ["deals", "deal_products", "deal_changelog"]
        return try Rehearsal(streams, AccountOptions(size: AccountSize(deals: work == .lists ? 24 : 9))) {
            $0.cutPages(to: work == .lists ? 8 : 4)
            $0.concurrency = 2
            // Two files a stream.
            $0.output.rollAtBytes = 6000
        }
    }

    /// What is left to compare: the newest bytes of every record, and what is covered.
    private struct Result: Equatable {
        var latest: [String: String]
        var coverage: [String: Coverage]

        init(_ rehearsal: Rehearsal) throws {
            var promises = Promises(rehearsal.folder.path)
            #expect(try promises.broken(rehearsal) == [])
            latest = Dictionary(
                promises.warehouse.lines.map { ("\($0.stream) \($0.key)", $0.object) }, uniquingKeysWith: { $1 })
            coverage = try IndexViews(rehearsal.folder.path).coverage()
        }
    }

    /// A night undisturbed: how many effects and requests it takes, and what is left.
    private func undisturbed(_ work: Work = .lists) async throws -> (
        result: Result, effects: Int, requests: Int, lines: Int
    ) {
        let rehearsal = try Self.small(work)
        let disk = DyingDisk(LocalDisk(), diesAt: .max)
        #expect(try await rehearsal.night(RunOptions(until: until), disk: disk).code == .complete)
        let lines = try IndexViews(rehearsal.folder.path).versions("versions").count
        return (try Result(rehearsal), disk.effects, rehearsal.asked.requests, lines)
    }

    /// The windows end at the same time in every run, so that the results can be compared.
    private let until = Instant(milliseconds: Rehearsal.firstNight) - 600

    @Test("The disk dies at each effect", arguments: DyingDisk.Death.allCases, Work.allCases)
    func everyEffect(death: DyingDisk.Death, work: Work) async throws {
        let undisturbed = try await undisturbed(work)
        #expect(undisturbed.effects > 30)
        for effect in 1...undisturbed.effects {
            let rehearsal = try Self.small(work)
            let disk = DyingDisk(LocalDisk(), diesAt: effect, death)
            do {
                let report = try await rehearsal.night(RunOptions(until: until), disk: disk)
                #expect(report.code == .cannotWriteOutput, "\(death) at effect \(effect)")
            } catch let stop as Stop {
                #expect([.cannotWriteOutput, .cannotCreateOutput].contains(stop.code), "\(death) at effect \(effect)")
            }
            try await expectGoesOn(rehearsal, undisturbed, "\(death) at effect \(effect)")
        }
    }

    @Test("The disk dies again while the next run tidies up")
    func twice() async throws {
        let undisturbed = try await undisturbed()
        for first in stride(from: 9, through: undisturbed.effects, by: 9) {
            for second in [1, 6, 8, 11] {
                let rehearsal = try Self.small()
                for effect in [first, second] {
                    let disk = DyingDisk(LocalDisk(), diesAt: effect, .torn)
                    _ = try? await rehearsal.night(RunOptions(until: until), disk: disk)
                }
                try await expectGoesOn(rehearsal, undisturbed, "at \(first), then at \(second)")
            }
        }
    }

    @Test("The whole process is killed before each effect, the index as it stands", arguments: Work.allCases)
    func killed(work: Work) async throws {
        let undisturbed = try await undisturbed(work)
        let rehearsal = try Self.small(work)
        let copies = Mutex<[Rehearsal]>([])
        let disk = WatchedDisk(LocalDisk()) {
            guard let copy = try? rehearsal.copy() else { return }
            copies.withLock { $0.append(copy) }
        }
        try await rehearsal.night(RunOptions(until: until), disk: disk)
        let taken = copies.withLock { $0 }
        #expect(taken.count > undisturbed.effects - 8)
        for (number, copy) in taken.enumerated() {
            try await expectGoesOn(copy, undisturbed, "killed before effect \(number)")
        }
    }

    @Test("The network dies at each request", arguments: Work.allCases)
    func everyRequest(work: Work) async throws {
        let undisturbed = try await undisturbed(work)
        for request in 1...undisturbed.requests {
            let rehearsal = try Self.small(work)
            rehearsal.company.beforeAnswer { [company = rehearsal.company] number, _, _ in
                if number == request { company.setReachable(false) }
            }
            let report = try await rehearsal.night(RunOptions(until: until))
            let isLast = request == undisturbed.requests
            #expect(report.code == (isLast ? .complete : .serverRefuses), "at request \(request)")
            rehearsal.company.beforeAnswer(nil)
            rehearsal.company.setReachable(true)
            // Nobody answered the requests in between, but they were sent and are paid for.
            try await expectGoesOn(rehearsal, undisturbed, "at request \(request)")
        }
    }

    @Test("A signal at each request", arguments: [2, 15] as [Int32])
    func everySignal(number: Int32) async throws {
        let undisturbed = try await undisturbed()
        for request in 1...undisturbed.requests {
            let rehearsal = try Self.small()
            let (signals, continuation) = AsyncStream<Int32>.makeStream()
            rehearsal.company.beforeAnswer { asked, _, _ in if asked == request { continuation.yield(number) } }
            let report = try await rehearsal.night(RunOptions(until: until), signals: signals)
            if request < undisturbed.requests - 3 {
                #expect(report.code == (number == 2 ? .interrupted : .terminated), "at request \(request)")
                #expect(report.outcome == .interrupted)
            }
            try await expectGoesOn(rehearsal, undisturbed, "at request \(request)")
        }
    }

    /// The next run completes what is missing; no more is fetched again than was in flight.
    private func expectGoesOn(
        _ rehearsal: Rehearsal, _ undisturbed: (result: Result, effects: Int, requests: Int, lines: Int),
        _ when: String
    ) async throws {
        rehearsal.sleep(seconds: 61)
        let report = try await rehearsal.night(RunOptions(until: until))
        #expect(report.code == .complete, "\(when): \(report.sentence ?? "")")
        let result = try Result(rehearsal)
        #expect(result.latest == undisturbed.result.latest, "\(when)")
        let deals = result.coverage["deals"]
        #expect(deals == undisturbed.result.coverage["deals"], "\(when)")
        let lines = try IndexViews(rehearsal.folder.path).versions("versions").count
        #expect(lines == undisturbed.lines, "\(when)")
        #expect(rehearsal.asked.requests <= undisturbed.requests + 2 * rehearsal.job.concurrency, "\(when)")
    }
}
