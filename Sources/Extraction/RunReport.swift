package import Planning
package import Storage

/// What came of a run: printed as text or as JSON, and turned into the exit code.
package struct RunReport: Sendable {
    package var run: String
    package var outcome: Outcome
    package var code: ExitCode
    /// The one sentence for stderr; nil when all is well.
    package var sentence: String?
    package var requests = 0
    package var tokens = 0
    /// Versions written, tombstones among them.
    package var records = 0
    package var deletes = 0
    /// What is left of the allowance of the budget day.
    package var tokensLeft = 0
    package var streams: [StreamResult] = []
    package var sweeps: [SweepReport] = []
    /// What it was to cost, by what had been learnt before it began; nil when it could not begin.
    package var expected: Expected?
    /// When the budget day was seen to begin; nil as long as that is not sure.
    package var budgetReset: ResetReport?

    package struct StreamResult: Sendable {
        package var stream: String
        package var state: State
        package var records: Int
        package var requests: Int
        package var tokens: Int
        /// Why it is not complete.
        package var reason: String?
        /// The code this stream's failure alone would give.
        package var code: ExitCode = .complete

        package enum State: String, Sendable {
            case complete, unfinished, failed, unavailable
        }
    }
}

/// How a run stands while it goes on, for the progress line.
package struct RunProgress: Sendable {
    /// Streams that still have something to ask for or under way.
    package var streams: [String]
    package var streamsDone: Int
    package var streamCount: Int
    package var records: Int
    package var tokensSpentToday: Int
    package var tokensLeft: Int
    package var dailyTokens: Int
    /// A guess from what was covered so far; nil before there is anything to go by.
    package var secondsLeft: Int?
}
