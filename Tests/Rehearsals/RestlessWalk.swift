import Planning
import Simulator
import Synchronization
import TestSupport

/// Lists of one paging style, pulled by the real program while the company changes between any two pages, and after a
/// pause once more; then the promises are held against the company's truth.
///
/// The changes fall before an answer, never in the middle of one.
package enum RestlessWalk {
    package enum Style: String, Sendable, CaseIterable {
        case windows = "windows by cursor"
        case byKey = "v1 lists by key"
        case newestFirst = "newest first by offset"
        case wholeLists = "whole lists"
        case children = "children"
    }

    package struct Result: Sendable, CustomStringConvertible {
        package var (walks, pages, changes, records) = (0, 0, 0, 0)
        package var complaints: [String] = []

        package init() {}

        package static func += (sum: inout Result, one: Result) {
            sum.walks += one.walks
            sum.pages += one.pages
            sum.changes += one.changes
            sum.records += one.records
            sum.complaints += one.complaints
        }

        package var description: String {
            "\(walks) walks, \(pages) pages, \(changes) changes between them, \(records) versions written, "
                + "\(complaints.count) complaints"
        }
    }

    /// One seed's walk, which repeats exactly.
    package static func result(_ style: Style, seed: UInt64) async -> Result {
        await SeededExecutor.run(seed: seed) {
            var result = Result()
            result.walks = 1
            do {
                try await walk(style, seed, &result)
            } catch {
                result.complaints.append("\(style.rawValue), seed \(seed): \(error)")
            }
            return result
        }
    }

    private static func walk(_ style: Style, _ seed: UInt64, _ result: inout Result) async throws {
        let options = AccountOptions(seed: seed, size: AccountSize(deals: style.deals))
        let rehearsal = try Rehearsal(style.streams, options) { job in
            job.cutPages(to: 7)
            job.budget.dailyTokens = 200_000
        }
        let drawn = Mutex((random: SeededRandom(seed: seed), changes: 0))
        rehearsal.company.beforeAnswer { _, _, account in
            drawn.withLock { drawn in
                guard drawn.random.chance(style.changesAPage) else { return }
                RandomChange.happen(to: style.kinds, of: &account, &drawn.random)
                drawn.changes += 1
            }
        }
        var promises = Promises(rehearsal.folder.path)
        for night in 1...style.nights {
            let report = try await rehearsal.night()
            let broken = try promises.broken(rehearsal) + (report.code == .complete ? [] : ["\(report.code)"])
            result.complaints += broken.map { "\(style.rawValue), seed \(seed), night \(night): \($0)" }
            result.records += report.records + report.deletes
            rehearsal.sleep(hours: style.hoursBetween)
        }
        result.pages = rehearsal.asked.requests
        result.changes = drawn.withLock { $0.changes }
    }
}

extension RestlessWalk.Style {
    fileprivate var streams: [String] {
        switch self {
        case .windows: ["deals", "persons", "products"]
        case .byKey: ["leads", "notes"]
        case .newestFirst: ["files"]
        case .wholeLists: ["pipelines", "stages", "users", "roles", "mail_threads", "call_logs", "projects", "tasks"]
        case .children:
            [
                "deals", "products", "deal_products", "deal_installments", "deal_participants", "product_variations",
                "deal_changelog",
            ]
        }
    }

    fileprivate var kinds: [RecordKind] {
        switch self {
        case .windows, .children: [.deals, .deals, .persons, .products]
        case .byKey: [.leads, .notes]
        case .newestFirst: [.files]
        case .wholeLists: [.pipelines, .stages, .users, .roles, .mailThreads, .callLogs, .projects, .tasks]
        }
    }

    fileprivate var deals: Int { self == .children ? 60 : 100 }
    fileprivate var changesAPage: Double { self == .children ? 0.33 : 1 }
    /// A whole list is listed anew when its copy is old, and takes two listings to tell that something is gone.
    fileprivate var hoursBetween: Int64 { self == .wholeLists ? 7 * 24 + 1 : 3 }
    fileprivate var nights: Int { self == .wholeLists ? 3 : 2 }
}

/// Something that a user does while we look.
enum RandomChange {
    private static let archivable: Set<RecordKind> = [.deals, .leads, .projects]
    private static let mergeable: Set<RecordKind> = [.deals, .persons, .organizations]

    static func happen(to kinds: [RecordKind], of account: inout SimulatedAccount, _ random: inout SeededRandom) {
        let kind = random.pick(kinds)
        let last = count(kind, account)
        let (one, other) = (Int.random(in: 1...last, using: &random), Int.random(in: 1...last, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0: account.bulkEdit(kind, count: 1300)
        case 1, 2: account.create(kind)
        case 3: account.delete(kind, one)
        case 4,
            5 where archivable.contains(kind):
            account.archive(kind, one)
        case 6 where archivable.contains(kind): account.unarchive(kind, one)
        case 7 where mergeable.contains(kind): if one != other { account.merge(kind, one, into: other) }
        default: account.edit(kind, one, other)
        }
    }

    /// Ids run from 1 without gaps.
    private static func count(_ kind: RecordKind, _ account: SimulatedAccount) -> Int {
        var last = 1
        while account.row(kind, last + 1) != nil { last += 1 }
        return last
    }
}
