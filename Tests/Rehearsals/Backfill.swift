import Extraction
import Planning
import Simulator
import Storage

/// The first pull of a whole company under a small allowance: night after night until nothing is missing, with the
/// forecast of each night beside what it came to.
package struct Backfill: Sendable {
    package var nights: [Night] = []
    /// Nothing was missing in the end.
    package var isComplete = false
    /// Pages of lists that are read by windows, for whatever purpose, looks at what is new included.
    package var pages = 0
    /// What their records fill when every page is full but the last one of each list.
    package var fullPages = 0

    package struct Night: Sendable {
        /// The budget day.
        package var day: String
        package var records: Int
        package var requests: Int
        package var tokens: Int
        /// The budget day on which `plan` says, after this night, that history will be complete.
        package var forecast: String?
    }

    package var records: Int { nights.reduce(0) { $0 + $1.records } }
    package var wastePercent: Double { 100 * (Double(pages) / Double(max(1, fullPages)) - 1) }
    /// By the server's count, on the dearest budget day.
    package private(set) var mostTokensADay = 0

    /// How many days the forecast of a night, counted from 0, was off; nil where there was none.
    package func daysOff(forecastOf night: Int) -> Int? {
        guard let forecast = nights[night].forecast, let finished = nights.indices.last else { return nil }
        let place = nights.firstIndex { $0.day >= forecast } ?? finished + 1
        return abs(finished - place)
    }

    private static let mostNights = 60

    /// - Parameters:
    ///   - pageLimit: nil for the API's own.
    ///   - concurrency: nil for the job file's usual one.
    ///   - tell: called after each night.
    package static func run(
        deals: Int, dailyTokens: Int, streams: [String], pageLimit: Int? = nil, concurrency: Int? = nil,
        tell: (Night) -> Void = { _ in }
    ) async throws -> Backfill {
        let rehearsal = try Rehearsal(streams, AccountOptions(size: AccountSize(deals: deals))) { job in
            job.budget.dailyTokens = dailyTokens
            if let pageLimit { job.cutPages(to: pageLimit) }
            if let concurrency { job.concurrency = concurrency }
            job.lanes = LaneRules()
        }
        var result = Backfill()
        while !result.isComplete, result.nights.count < mostNights {
            let report = try await rehearsal.night()
            result.isComplete = report.code == .complete
            result.nights.append(
                Night(
                    day: rehearsal.budgetDay, records: report.records, requests: report.requests,
                    tokens: report.tokens, forecast: result.isComplete ? nil : try rehearsal.plan().completeOn))
            result.nights.last.map(tell)
            rehearsal.sleep(hours: 24)
        }
        try result.count(rehearsal)
        return result
    }

    private mutating func count(_ rehearsal: Rehearsal) throws {
        mostTokensADay = rehearsal.asked.tokensByDay.values.max() ?? 0
        let readings = try rehearsal.readings().everything
        for list in rehearsal.job.streams.flatMap(\.stream.lists) where list.timeFilter != .none {
            let all = StepKind.allCases.compactMap { readings[.init(list.name, $0)] }
            pages += all.reduce(0) { $0 + $1.pages }
            fullPages += (all.reduce(0) { $0 + $1.added } + list.pageLimit - 1) / list.pageLimit
        }
    }
}
