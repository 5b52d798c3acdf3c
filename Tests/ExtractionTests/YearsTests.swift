import Foundation
import Rehearsals
import Testing

/// Months of nights over a working company, with everything going wrong now and then; after every night the promises
/// are held against the company's truth. `make years` runs many thousands of them.
///
/// It finds what no list of cases thought of, but only of what the simulator can do, and only within its seeds:
/// PIPESNAP_SEED runs another.
@Suite("Years")
struct YearsTests {
    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["PIPESNAP_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? Array(1...5)

    @Test("Fifty nights", arguments: seeds)
    func nights(seed: UInt64) async {
        let result = await YearResult.of(.year, seed: seed, nights: 50)
        #expect(result.complaints == [], "seed \(seed), night \(result.nights)\n\(result.story)")
    }

    @Test(
        "Fifty nights on a shared budget, where the job file is right about the day and where it is wrong",
        arguments: [1, 3] as [UInt64])
    func sharedBudget(seed: UInt64) async {
        let result = await YearResult.of(.sharedBudget, seed: seed, nights: 50)
        #expect(result.complaints == [], "seed \(seed), night \(result.nights)\n\(result.story)")
    }
}
