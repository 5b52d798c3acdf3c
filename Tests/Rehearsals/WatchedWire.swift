import Planning
package import Platform
import Simulator
import Synchronization

/// What the server has told that outlives a run: until then nobody of the account may ask for anything.
package struct Refusals: Sendable {
    /// The budget day that a daily 429 has ended; "" when there was none.
    var exhaustedDay = ""
    /// The company's own day, where the program knew that it is another.
    var exhaustedCompanyDay = ""
    /// When the block of the 403 page is over, by the clock of the machine that met it.
    var blockedUntil = Instant(seconds: .min)

    /// For how long the 403 page forbids every request.
    static let blockSeconds: Int64 = 15 * 60

    package init() {}
}

/// The network of one night. It knows when the program is dead, and sees to it that nothing is sent that the program
/// has been forbidden: what was heard in the instant before counts already.
package final class WatchedWire: HTTPTransport {
    private struct Seen {
        var refusals: Refusals
        /// From the first `Date` on the program knows the server's day; before, only its own clock's.
        var hasHeardTime = false
        var complaints: [String] = []
    }

    private let rehearsal: Rehearsal
    private let machine: Machine
    private let clock: any WallClock
    private let night: WatchedNight
    private let seen: Mutex<Seen>

    /// - Parameter clock: the program's own.
    init(
        _ rehearsal: Rehearsal, _ machine: Machine, _ clock: any WallClock, _ refusals: Refusals, _ night: WatchedNight
    ) {
        self.rehearsal = rehearsal
        self.machine = machine
        self.clock = clock
        self.night = night
        seen = Mutex(Seen(refusals: refusals))
    }

    package var refusals: Refusals { seen.withLock { $0.refusals } }
    package var complaints: [String] { seen.withLock { $0.complaints } }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        let number = try machine.asks()
        watch(number)
        night.beforeRequest(number)
        let response = try await rehearsal.company.send(request)
        if case .killedAsking(let last) = machine.mishap, number >= last {
            machine.kill()
            throw TransportFailure.unreachable("killed")
        }
        hear(response)
        night.afterAnswer(number, response)
        return response
    }

    private func watch(_ number: Int) {
        let (ours, servers) = (Instant(milliseconds: clock.nowMilliseconds), rehearsal.now)
        let companyDay = rehearsal.company.withAccount { $0.budgetDay }
        seen.withLock { seen in
            if companyDay == seen.refusals.exhaustedCompanyDay {
                seen.complaints.append("request \(number) was sent after a daily 429, on the company's same day")
            }
            let day = BudgetCalendar(rehearsal.job.budget).day(of: seen.hasHeardTime ? servers : ours)
            if day == seen.refusals.exhaustedDay {
                seen.complaints.append("request \(number) was sent after a daily 429")
            }
            if ours < seen.refusals.blockedUntil {
                seen.complaints.append("request \(number) was sent within 15 minutes of the 403 page")
            }
        }
    }

    private func hear(_ response: TransportResponse) {
        let (ours, day) = (Instant(milliseconds: clock.nowMilliseconds), rehearsal.budgetDay)
        let companyDay = night.knowsReset ? rehearsal.company.withAccount { $0.budgetDay } : ""
        let isDailyLimit = response.status == 429 && response.header("x-daily-ratelimit-token-remaining") == "0"
        let isBlock = response.status == 403 && response.body.first != UInt8(ascii: "{")
        seen.withLock { seen in
            seen.hasHeardTime = seen.hasHeardTime || response.header("date") != nil
            if isDailyLimit { (seen.refusals.exhaustedDay, seen.refusals.exhaustedCompanyDay) = (day, companyDay) }
            if isBlock { seen.refusals.blockedUntil = ours + Refusals.blockSeconds }
        }
    }

    package func reach(_ url: String) async throws { try await rehearsal.company.reach(url) }
}
