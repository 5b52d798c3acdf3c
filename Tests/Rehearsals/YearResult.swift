/// What came of some nights of one seed.
package struct YearResult: Sendable {
    package var seed: UInt64
    package var nights = 0
    package var complaints: [String] = []
    /// The last nights in words; with `isTold` all of them.
    package var story = ""
    /// What happened, and how often.
    package var tally: [String: Int] = [:]

    package enum Kind: String, Sendable { case year, sharedBudget }

    /// Runs so many nights, or as many as it takes for something to break.
    /// - Parameter tell: is handed the story of each night.
    package static func of(
        _ kind: Kind, seed: UInt64, nights: Int, tell: (@Sendable (String) -> Void)? = nil
    ) async -> YearResult {
        await SeededExecutor.run(seed: seed) {
            var result = YearResult(seed: seed)
            do {
                switch kind {
                case .year: try await result.live(nights, tell)
                case .sharedBudget: try await result.share(nights, tell)
                }
            } catch {
                result.complaints.append("\(error)")
            }
            return result
        }
    }

    private mutating func live(_ count: Int, _ tell: (@Sendable (String) -> Void)?) async throws {
        var year = try Year(seed: seed)
        for night in 1...max(1, count) {
            nights = night
            do {
                complaints = try await year.nextNight()
            } catch {
                complaints = ["\(error)"]
            }
            (tally, story) = (year.tally, year.story.joined(separator: "\n"))
            tell?(year.lastNight)
            if !complaints.isEmpty { return }
        }
        complaints = try await year.lastNights()
    }

    private mutating func share(_ count: Int, _ tell: (@Sendable (String) -> Void)?) async throws {
        var budget = try SharedBudget(seed: seed)
        for night in 1...max(1, count) {
            nights = night
            complaints = try await budget.nextNight()
            story = budget.story
            tell?(story)
            if !complaints.isEmpty { return }
        }
    }
}
