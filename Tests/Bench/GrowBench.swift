import ArgumentParser
import Foundation
import Pipedrive
import Planning
import Platform
import Storage

/// Fills an account with versions of small deals through the store itself, so that index, files and manifests are what
/// a run leaves. Half of the versions are first ones, half supersede them.
struct GrowBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grow")

    @Option(help: "The output folder.") var output: String
    @Option(help: "How many versions.") var versions = 100_000

    func run() throws {
        let vault = try Vault(account: "bench", output: output, disk: LocalDisk(), clock: SystemClock())
        defer { vault.close() }
        let store = try vault.beginRun()
        let records = versions / 2
        var writer = PageWriter(store: store)
        for round in 0..<2 {
            for ids in RecordOrder.pages(of: records, pageLength: PageWriter.pageLength) {
                try writer.write(ids, round: round)
            }
            try writer.flush()
            try store.publish(filesOver: 0)
        }
        try store.end(outcome: .complete, exitCode: 0)
    }
}

/// In which order records arrive: from above, as a run pulls. Those that lie near each other by time lie near each
/// other by key, and inside such a neighbourhood there is no order at all.
enum RecordOrder {
    static let neighbourhood = 50_000

    static func pages(of records: Int, pageLength: Int) -> [[Int]] {
        var random = SplitMix(state: 7)
        var pages: [[Int]] = []
        for start in stride(from: 0, to: records, by: neighbourhood).reversed() {
            let ids = Array(start..<min(records, start + neighbourhood)).shuffled(using: &random)
            for page in stride(from: 0, to: ids.count, by: pageLength) {
                pages.append(Array(ids[page..<min(ids.count, page + pageLength)]))
            }
        }
        return pages
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Makes pages of deals and commits them, many at a time.
struct PageWriter {
    static let pageLength = 500
    static let pagesPerCommit = 20
    private static let firstUpdate: Int64 = 1_600_000_000

    let store: RunStore
    private let deals = Catalogue.stream(named: "deals") ?? Catalogue.streams[0]
    private let allowance = Allowance(
        day: "2026-01-01", dailyTokens: 1_000_000_000, keepFree: .tokens(0), spentToday: 0,
        company: Allowance.Company())
    private var entries: [PageEntry] = []

    init(store: RunStore) { self.store = store }

    mutating func write(_ ids: [Int], round: Int) throws {
        entries.append(try entry(ids, round: round))
        if entries.count == Self.pagesPerCommit { try flush() }
    }

    mutating func flush() throws {
        guard !entries.isEmpty else { return }
        try store.commit(entries, allowance: allowance)
        entries.removeAll()
    }

    /// One page, through the turnstile and deflated.
    func entry(_ ids: [Int], round: Int) throws -> PageEntry {
        let page = try PageSlicer.page(Self.body(ids, round: round), of: deals)
        let prepared = PreparedPage(page, answeredAtMilliseconds: Int64(wallSeconds() * 1000))
        let numbered = try store.pass(prepared, of: deals, list: deals.lists[0], endsListing: false)
        return PageEntry(
            stream: deals, list: deals.lists[0], page: numbered, block: try numbered.encoded(level: 1),
            walkBefore: nil, walkAfter: nil, covered: nil)
    }

    func commit(_ entry: PageEntry) throws { try store.commit([entry], allowance: allowance) }

    private static func body(_ ids: [Int], round: Int) -> [UInt8] {
        var text = #"{"success":true,"data":["#
        for (place, id) in ids.enumerated() {
            let time = Instant(seconds: firstUpdate + Int64(id) + Int64(round) * 50_000_000)
            text += place > 0 ? "," : ""
            text += #"{"id":\#(id + 1),"title":"Deal \#(id) of round \#(round)","update_time":"\#(time)"}"#
        }
        return Array((text + #"],"additional_data":{"next_cursor":null}}"#).utf8)
    }
}
