import Rehearsals
import Testing

/// Small runs are broken off at every one of their effects and requests, in every way, and the next one goes on.
/// SQLite is trusted: a transaction is there or not, and lies between two effects.
@Suite("Any instant may be the last")
struct CrashTests {
    @Test("Broken off at every effect and request, in every way", arguments: CrashWork.all)
    func everywhere(work: CrashWork) async throws {
        let ground = try await CrashGround(work)
        #expect(ground.complaints == [])
        #expect(ground.effects > 20 && ground.versions > 10, "\(work) is no work")
        var sum = CrashGround.Tally()
        for way in CrashWay.allCases {
            let tally = try await ground.breakOff(way)
            #expect(tally.points > 0, "nothing is \(way)")
            #expect(tally.complaints == [], "\(way)")
            sum += tally
        }
        print(
            """
            \(work): \(sum.points) crash points over \(ground.effects) effects, \(sum.complaints.count) violations; \
            \(sum.versionsCompared) versions compared (\(ground.tombstones) records buried); fetched again: at most \
            \(sum.mostRequestsAgain) requests after a crash, \(ground.inFlight) in flight, \
            \(sum.requestsAgain) requests and \(sum.tokensAgain) tokens in all
            """)
    }

    @Test("Broken off again while the next run tidies up")
    func twice() async throws {
        let ground = try await CrashGround(.windows)
        var sum = CrashGround.Tally()
        for first in stride(from: 9, through: ground.effects, by: 9) {
            for second in [1, 6, 8, 11] {
                sum += try await ground.breakOff([.killed(effect: first, .torn), .killed(effect: second, .torn)])
            }
        }
        #expect(sum.complaints == [])
        print("broken off twice: \(sum.points) pairs of crash points, \(sum.complaints.count) violations")
    }
}
