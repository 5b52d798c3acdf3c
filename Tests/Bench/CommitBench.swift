import ArgumentParser
import Planning
import Platform
import Storage

/// Commits pages of updates to an account that `grow` has filled, and prints what one page takes. The records of a page
/// are neighbours, as those that change in one week are, or come from anywhere, as after an import.
struct CommitBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "commit")

    @Option(help: "The output folder.") var output: String
    @Option(help: "How many records `grow` made.") var records = 50_000
    @Flag(help: "The records of a page come from anywhere.") var anywhere = false
    @Option(help: "How many pages.") var pages = 100
    @Option(help: "Tells this round's versions from those of others.") var round = 2

    func run() throws {
        let vault = try Vault(account: "bench", output: output, disk: LocalDisk(), clock: SystemClock())
        defer { vault.close() }
        let store = try vault.beginRun()
        let writer = PageWriter(store: store)
        var random = SplitMix(state: UInt64(round))
        var (passing, committing, processor): ([Double], [Double], Double) = ([], [], 0)
        for _ in 0..<pages {
            let ids = page(&random)
            let started = wallSeconds()
            let entry = try writer.entry(ids, round: round)
            let passed = (wallSeconds(), processorSeconds())
            try writer.commit(entry)
            passing.append(passed.0 - started)
            committing.append(wallSeconds() - passed.0)
            processor += processorSeconds() - passed.1
        }
        try store.end(outcome: .complete, exitCode: 0)
        let mean = committing.reduce(0, +) / Double(pages)
        print(
            "{\"commit_median_ms\":\(median(committing) * 1000),\"commit_mean_ms\":\(mean * 1000),"
                + "\"commit_cpu_ms\":\(processor / Double(pages) * 1000),\"pass_median_ms\":\(median(passing) * 1000)}")
    }

    private func page(_ random: inout SplitMix) -> [Int] {
        let length = anywhere ? records : min(records, RecordOrder.neighbourhood)
        let first = Int.random(in: 0...records - length, using: &random)
        let ids = (0..<PageWriter.pageLength).map { _ in Int.random(in: first..<first + length, using: &random) }
        return Array(Set(ids)).sorted()
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
