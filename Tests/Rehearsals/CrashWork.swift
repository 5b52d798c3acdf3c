import Planning
import Simulator

/// A piece of work for a run to be broken off at, a few pages long.
package struct CrashWork: Sendable, CustomStringConvertible {
    package let description: String
    /// A sweep shows what is there now, so its run cannot be narrowed to the windows that end now.
    var isSwept = false
    /// Everything up to the run that is broken off.
    let evening: @Sendable () async throws -> Rehearsal

    package static let all = [windows, byKey, wholeLists, newestFirst, children, sweeps]

    package static let windows = CrashWork(description: "windows by cursor, from nothing") {
        try small(["deals", "products"], pages: 8) { ($0.deals, $0.products) = (17, 6) }
    }

    static let byKey = CrashWork(description: "leads and notes by key, from nothing") {
        try small(["leads", "notes"], pages: 5) { ($0.leads, $0.notes) = (9, 11) }
    }

    /// A list of one kind buries at once, two lists of one kind what they miss for the second time.
    static let wholeLists = CrashWork(description: "whole lists with tombstones") {
        let company = try small(["stages", "projects", "users"], pages: 3) { $0.side[.projects] = 7 }
        try await company.night()
        company.change { account in for id in ids(.projects, account).suffix(2) { account.delete(.projects, id) } }
        company.sleep(hours: 25)
        try await company.night()
        company.change { account in
            account.delete(.stages, ids(.stages, account)[1])
            account.edit(.stages, ids(.stages, account)[2])
        }
        company.sleep(hours: 25)
        return company
    }

    static let newestFirst = CrashWork(description: "files, the newest first by offsets") {
        let company = try small(["files"], pages: 4) { $0.side[.files] = 12 }
        try await company.night()
        company.sleep(hours: 25)
        for id in company.living(.files, 4) {
            company.change { account in
                account.edit(.files, id)
                account.create(.files)
            }
            company.sleep(seconds: 60)
        }
        company.sleep(hours: 1)
        return company
    }

    /// In batches of several pages, and one by one; some come with their parent in one commit.
    static let children = CrashWork(description: "children of deals, with one that is gone") {
        let company = try small(["deals", "deal_products", "deal_changelog"], pages: 4) { $0.deals = 7 }
        try await company.night()
        company.sleep(hours: 1)
        company.change { account in
            let deals = ids(.deals, account)
            for id in deals.prefix(3) { account.edit(.deals, id) }
            account.delete(.deals, deals[5])
        }
        company.sleep(hours: 1)
        return company
    }

    /// What it misses is asked for by its key and buried; a deal that is only archived is found in its other list.
    static let sweeps = CrashWork(description: "key sweeps with confirmations", isSwept: true) {
        let company = try small(["deals", "persons"], pages: 6) { ($0.deals, $0.persons) = (11, 11) }
        try await company.night()
        company.sleep(hours: 1)
        company.change { account in
            for id in ids(.persons, account).suffix(2) { account.delete(.persons, id) }
            let deals = ids(.deals, account)
            account.delete(.deals, deals[2])
            account.archive(.deals, deals[4])
        }
        // Deleted deals are shown for thirty days; nobody looked meanwhile.
        company.sleep(hours: 40 * 24)
        return company.changing { $0.window.sweepSeconds = 7 * 86_400 }
    }

    private static func small(
        _ streams: [String], pages: Int, _ change: (inout AccountSize) -> Void
    ) throws -> Rehearsal {
        var size = AccountSize(deals: 0)
        size.cluster = 2
        change(&size)
        return try Rehearsal(streams, AccountOptions(size: size)) {
            $0.cutPages(to: pages)
            $0.concurrency = 2
            // Two files a stream.
            $0.output.rollAtBytes = 3000
        }
    }

    private static func ids(_ kind: RecordKind, _ account: SimulatedAccount) -> [Int] {
        account.truth(kind).filter { !$0.isDeleted && !$0.isArchived }.map(\.id)
    }
}
