import Extraction
import Planning
import Simulator
import Storage

/// The first pull of a whole company under a small allowance: night after night until nothing is missing, with the
/// forecast of the first morning beside what it came to.
package struct Backfill: Sendable {
    package var records = 0
    /// Nights until the first complete one, the first included.
    package var nights = 0
    /// What `plan` said after the first night, the first included.
    package var forecastNights: Int?
    /// Pages asked for to read history.
    package var pages = 0
    /// What history fills when every page is full but the last one of each list.
    package var fullPages = 0
    /// By the server's count, on the dearest budget day.
    package var mostTokensADay = 0

    package var wastePercent: Double { 100 * (Double(pages) / Double(max(1, fullPages)) - 1) }

    private static let mostNights = 60

    /// - Parameter pageLimit: nil for the API's own.
    package static func run(deals: Int, dailyTokens: Int, streams: [String], pageLimit: Int? = nil) async throws
        -> Backfill
    {
        let rehearsal = try Rehearsal(streams, AccountOptions(size: AccountSize(deals: deals))) { job in
            job.budget.dailyTokens = dailyTokens
            if let pageLimit { job.cutPages(to: pageLimit) }
            job.lanes = LaneRules()
        }
        var result = Backfill()
        for night in 1...mostNights {
            let report = try await rehearsal.night()
            result.records += report.records
            result.nights = night
            if report.code == .complete { break }
            rehearsal.sleep(hours: 24)
            if night == 1 { result.forecastNights = try rehearsal.plan().nights.map { $0 + 1 } }
        }
        try result.count(rehearsal)
        return result
    }

    private mutating func count(_ rehearsal: Rehearsal) throws {
        mostTokensADay = rehearsal.asked.tokensByDay.values.max() ?? 0
        let readings = try rehearsal.readings()
        for list in rehearsal.job.streams.flatMap(\.stream.lists) where list.timeFilter != .none {
            let reading = readings.everything[.init(list.name, .history)] ?? Reading()
            pages += reading.pages
            fullPages += (reading.added + list.pageLimit - 1) / list.pageLimit
        }
    }
}
