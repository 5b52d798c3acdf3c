import ArgumentParser
import Planning
import Platform
import Storage

/// Commits pages to an account that `grow` has filled, and prints what one page takes.
struct CommitBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "commit")

    @Option(help: "The output folder.") var output: String
    @Option(help: "How many records `grow` made.") var records = 50_000
    @Option(help: "Where the records come from: \(CommitPattern.allNames).") var from = CommitPattern.week
    @Option(help: "How many pages.") var pages = 100
    @Option(help: "Tells this round's versions from those of others.") var round = 2

    func run() throws {
        let vault = try Vault(account: "bench", output: output, disk: LocalDisk(), clock: SystemClock())
        defer { vault.close() }
        let store = try vault.beginRun()
        let writer = PageWriter(store: store)
        var pattern = DrawnPages(pattern: from, records: records, round: round, pages: pages)
        var (passing, committing, processor): ([Double], [Double], Double) = ([], [], 0)
        for number in 0..<pages {
            let ids = pattern.page(number)
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

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// Which records the pages of a night hold. Those that change in one week lie together.
enum CommitPattern: String, CaseIterable, ExpressibleByArgument {
    /// Records that were created since.
    case created
    /// Updates among the records of one week, the same for all pages: a usual night.
    case week
    /// Updates among the records of one week, another for each page: work that wanders through the years.
    case weeks
    /// Updates of records from anywhere, as after an import.
    case anywhere

    static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The keys of one page after another, by a pattern and a seed.
struct DrawnPages {
    private let pattern: CommitPattern
    private let records: Int
    /// The first key that no earlier round has created.
    private let created: Int
    private let week: Int
    private var random: SplitMix

    init(pattern: CommitPattern, records: Int, round: Int, pages: Int) {
        self.pattern = pattern
        self.records = records
        created = records + round * pages * PageWriter.pageLength
        random = SplitMix(state: UInt64(round))
        week = Self.week(records, &random)
    }

    mutating func page(_ number: Int) -> [Int] {
        let length = PageWriter.pageLength
        switch pattern {
        case .created: return Array(created + number * length..<created + (number + 1) * length)
        case .week: return drawn(from: week, RecordOrder.neighbourhood)
        case .weeks: return drawn(from: Self.week(records, &random), RecordOrder.neighbourhood)
        case .anywhere: return drawn(from: 0, records)
        }
    }

    private mutating func drawn(from first: Int, _ length: Int) -> [Int] {
        let range = first..<min(records, first + length)
        return Array(Set((0..<PageWriter.pageLength).map { _ in Int.random(in: range, using: &random) })).sorted()
    }

    private static func week(_ records: Int, _ random: inout SplitMix) -> Int {
        Int.random(in: 0...max(0, records - RecordOrder.neighbourhood), using: &random)
    }
}
