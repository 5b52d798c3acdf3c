import Planning
import Simulator
import TestSupport

/// A job file that is wrong about the company's day.
struct MisjudgedDay {
    var renewsAtSeconds: Int64
    var resetsAtSeconds: Int
    var timeZone: String

    /// From the first moment that the program may count to the company's present day: that day, the longest span in
    /// which its beginning may be seen, and the margin.
    static let longestSeconds: Int64 = 37 * 3600

    /// In zones whose clocks are never put forward or back: this company's day does not move with them.
    init(_ random: inout SeededRandom) {
        renewsAtSeconds = random.pick([2, 7, 13, 22]) * 3600 + random.pick([0, 1800])
        (resetsAtSeconds, timeZone) = random.pick([
            (0, "UTC"), (0, "Asia/Kolkata"), (5 * 3600, "UTC"), (0, "America/Phoenix"), (18 * 3600 + 900, "Asia/Tokyo"),
        ])
    }

    func misguide(_ budget: inout Job.Budget) {
        (budget.resetsAtSeconds, budget.timeZone) = (resetsAtSeconds, timeZone)
    }

    /// Days on which more was spent than allowed, and something in this night.
    static func overspent(_ counted: [String: Int], _ before: [String: Int], _ daily: Int, _ words: String) -> [String]
    {
        counted.filter { $0.value > before[$0.key] ?? 0 && $0.value > daily }
            .map { "\($0.value) tokens on the \(words) \($0.key) by the server's count, \(daily) allowed" }
    }
}

extension Rehearsal {
    /// The server's count by the days of the job file, where those are not the company's. Of the last few days: earlier
    /// ones were looked at in earlier nights, and zones are slow to ask.
    var countedByJobFile: [String: Int] {
        let calendar = BudgetCalendar(job.budget)
        let since = (now - 4 * 86_400).seconds * 1000
        return asked.log.reversed().prefix { $0.milliseconds >= since }.filter { $0.tokens > 0 }.reduce(into: [:]) {
            $0[calendar.day(of: Instant(milliseconds: $1.milliseconds)), default: 0] += $1.tokens
        }
    }
}
