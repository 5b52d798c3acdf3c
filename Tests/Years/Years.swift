import ArgumentParser
import Foundation
import Rehearsals
import Synchronization

/// `make years`: thousands of simulated nights, on all cores, with every promise checked after each. It prints how
/// many nights it was a minute; when something breaks, the seed, the night, the story of the nights before, and the
/// command that repeats it.
@main
struct Years: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "years")

    @Option(help: "How many nights, of all seeds together.") var nights = 3000
    @Option(help: "How many nights on a budget shared with others.") var shared = 1000
    @Option(help: "How many nights a seed has.") var length = 100
    @Option(help: "The first seed; with --story the only one.") var seed: UInt64 = 1
    @Option(help: "Seeds at once.") var lanes = 2
    @Option(help: "Instead of years: the backfill of a company with so many deals under --tokens a night.")
    var backfill: Int?
    @Option(help: "Tokens a night of --backfill.") var tokens = 20_000
    @Option(help: "Instead of years: so many walks of each paging style while records change between the pages.")
    var walks: Int?
    @Option(help: "Instead of years: a key sweep of so many persons, killed at every page.") var sweep: Int?
    @Flag(help: "Tell the story of one seed, night by night.") var story = false
    @Flag(help: "With --story: the one of the shared budget.") var budget = false

    func run() async throws {
        if let backfill { return try await fill(deals: backfill) }
        if let walks { throw ExitCode(await walk(walks) == 0 ? 0 : 1) }
        if let sweep {
            let result = try await BrokenSweep.result(persons: sweep, pageLimit: nil)
            let surplus = result.surplusPercent(keysAPage: 500)
            print("sweep: \(result); \(Int((surplus * 100).rounded())) hundredths of a percent over 10 tokens a 500")
            for complaint in result.complaints.prefix(20) { print("  BROKEN \(complaint)") }
            throw ExitCode(result.complaints.isEmpty && surplus <= 5 ? 0 : 1)
        }
        if story {
            let result = await YearResult.of(
                budget ? .sharedBudget : .year, seed: seed, nights: length, tell: { print($0) })
            for complaint in result.complaints { print("  BROKEN     \(complaint)") }
            throw ExitCode(result.complaints.isEmpty ? 0 : 1)
        }
        let years = await all(.year, nights)
        let budgets = await all(.sharedBudget, shared)
        throw ExitCode(years + budgets == 0 ? 0 : 1)
    }

    /// - Returns: how many complaints there were.
    private func walk(_ count: Int) async -> Int {
        var complaints = 0
        for style in RestlessWalk.Style.allCases {
            let seeds = Lanes(seed..<(seed + UInt64(max(1, count))), lanes)
            var sum = RestlessWalk.Result()
            for await result in seeds.results({ await RestlessWalk.result(style, seed: $0) }) { sum += result }
            print("walks: \(style.rawValue): \(sum)")
            fflush(nil)
            for complaint in sum.complaints.prefix(20) { print("  BROKEN \(complaint)") }
            complaints += sum.complaints.count
        }
        return complaints
    }

    private func fill(deals: Int) async throws {
        let (started, processor) = (Date(), clock())
        print("night of    records  requests  tokens  complete on, says plan")
        let result = try await Backfill.run(deals: deals, dailyTokens: tokens, streams: ["core"]) { night in
            let figures = [(night.records, 9), (night.requests, 10), (night.tokens, 8)].map { number, width in
                String(repeating: " ", count: max(1, width - "\(number)".count)) + "\(number)"
            }
            print("\(night.day)" + figures.joined() + "  \(night.forecast ?? "is complete")")
        }
        let processorSeconds = Double(clock() - processor) / Double(CLOCKS_PER_SEC)
        print(
            "backfill: \(result.records) records in \(result.nights.count) nights, \(result.pages) pages, "
                + "\(result.fullPages) if all were full: \(Int((result.wastePercent * 100).rounded())) hundredths of a "
                + "percent wasted; at most \(result.mostTokensADay) tokens a day by the server's count; "
                + "\(Int(Date().timeIntervalSince(started))) s, \(Int(processorSeconds)) s of one processor")
        let isAsForecast = result.daysOff(forecastOf: 0).map { $0 == 0 } ?? true
        let isFrugal = result.wastePercent <= 3 && result.mostTokensADay <= tokens
        throw ExitCode(result.isComplete && isAsForecast && isFrugal ? 0 : 1)
    }

    /// - Returns: how many seeds broke.
    private func all(_ kind: YearResult.Kind, _ nights: Int) async -> Int {
        guard nights > 0 else { return 0 }
        let seeds = (nights + length - 1) / length
        let (started, processor) = (Date(), clock())
        var (done, broken, tally) = (0, 0, [String: Int]())
        let lanes = Lanes(seed..<(seed + UInt64(seeds)), lanes)
        for await result in lanes.results({ await YearResult.of(kind, seed: $0, nights: length) }) {
            done += result.nights
            tally.merge(result.tally, uniquingKeysWith: +)
            if !result.complaints.isEmpty {
                broken += 1
                show(result, kind)
            }
        }
        let seconds = Date().timeIntervalSince(started)
        let processorSeconds = Double(clock() - processor) / Double(CLOCKS_PER_SEC)
        let rates = (Double(done) * 60 / seconds, Double(done) * 60 / processorSeconds)
        print(
            "\(kind.rawValue): \(done) nights of \(seeds) seeds, \(broken) broken; \(Int(seconds)) s, "
                + "\(Int(rates.0)) nights a minute (\(Int(rates.1)) a minute of one processor)")
        if !tally.isEmpty {
            print("  met: " + tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        return broken
    }

    private func show(_ result: YearResult, _ kind: YearResult.Kind) {
        print("BROKEN \(kind.rawValue) seed \(result.seed), night \(result.nights):")
        for complaint in result.complaints { print("  \(complaint)") }
        print(result.story)
        let budget = kind == .sharedBudget ? " BUDGET=1" : ""
        print("again: make years SEED=\(result.seed) STORY=1 LENGTH=\(length)\(budget)")
    }
}
