import Extraction
import Planning
import Platform
import Simulator
import Storage
import Synchronization
import TestSupport
import Testing

/// Children are read for the parents that changed and for no others. In the simulated company a child changes only with
/// its parent, so a child that changes alone is not met here.
@Suite("Children of the records that changed")
struct ChildTests {
    private func expectKept(_ rehearsal: Rehearsal, _ words: String = "") throws {
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [], "\(words)")
    }

    @Test("Line items of 2,500 changed deals: 100 deals a request, none asked twice, and none on an idle night")
    func batches() async throws {
        let options = AccountOptions(size: AccountSize(deals: 2500))
        let rehearsal = try Rehearsal(["deals", "deal_products"], options) { $0.budget.dailyTokens = 1_000_000 }
        let (first, asked) = try await rehearsal.watchedNight()
        #expect(first.code == .complete)
        let present = rehearsal.company.withAccount { $0.truth(.deals).count { !$0.isDeleted } }
        #expect(batches(asked) >= present / 100 && batches(asked) <= 26, "\(batches(asked)) for \(present) deals")
        #expect(pages(asked) <= 2 * batches(asked), "\(pages(asked)) pages")
        rehearsal.sleep(hours: 24)
        rehearsal.change { $0.bulkEdit(.deals, count: 250) }
        rehearsal.sleep(hours: 1)
        let (second, again) = try await rehearsal.watchedNight()
        #expect(second.code == .complete)
        #expect(batches(again) == 3, "250 deals and no other")
        rehearsal.sleep(seconds: 600)
        let (idle, none) = try await rehearsal.watchedNight()
        #expect(idle.code == .complete && idle.records == 0, "\(idle)")
        #expect(!none.isEmpty && pages(none) == 0)
    }

    private func pages(_ asked: [RequestRecord]) -> Int { asked.count { $0.path == "/api/v2/deals/products" } }

    private func followers(_ asked: [RequestRecord]) -> Int { asked.count { $0.path.hasSuffix("/followers") } }

    private func batches(_ asked: [RequestRecord]) -> Int {
        asked.count { $0.path == "/api/v2/deals/products" && !$0.query.contains("cursor=") }
    }

    @Test("A stream added later is read for all parents that are known")
    func addedLater() async throws {
        let options = AccountOptions(size: AccountSize(deals: 130))
        let rehearsal = try Rehearsal(["deals"], options) { $0.cutPages(to: 20) }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let wider = rehearsal.changing {
            $0.streams = Job.rehearsed(["deals", "deal_products", "deal_followers"], output: "").streams
            $0.cutPages(to: 20)
        }
        #expect(try await wider.night().code == .complete)
        try expectKept(wider)
        let views = try IndexViews(wider.folder.path)
        #expect(try views.coverage()["deal_products"] == views.coverage()["deals"])
    }

    @Test("Under an allowance of a few pages a night nothing is covered before it is read")
    func fewPages() async throws {
        let options = AccountOptions(size: AccountSize(deals: 60))
        let rehearsal = try Rehearsal(["deals", "deal_followers", "deal_products"], options) {
            $0.cutPages(to: 20)
            $0.budget.dailyTokens = 200
        }
        var nights = 0
        while try await rehearsal.night().code != .complete, nights < 40 {
            nights += 1
            try expectKept(rehearsal, "night \(nights)")
            rehearsal.sleep(hours: 24)
        }
        #expect(nights > 1 && nights < 40, "\(nights)")
        try expectKept(rehearsal)
    }

    @Test("Children of a deleted deal are buried, and come back with it")
    func deletedParent() async throws {
        let options = AccountOptions(size: AccountSize(deals: 60))
        let rehearsal = try Rehearsal(["deals", "deal_products", "deal_followers"], options)
        #expect(try await rehearsal.night().code == .complete)
        let parent = try #require(rehearsal.company.withAccount { $0.truth(.dealFollowers) }.first?.parent)
        rehearsal.change { $0.delete(.deals, parent) }
        rehearsal.sleep(hours: 1)
        let report = try await rehearsal.night()
        #expect(report.code == .complete && report.deletes > 1, "\(report)")
        try expectKept(rehearsal)
    }

    @Test("A rebuilt index forgets no parent")
    func rebuilt() async throws {
        let options = AccountOptions(size: AccountSize(deals: 60))
        let rehearsal = try Rehearsal(["deals", "deal_products", "deal_followers"], options)
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.change { $0.bulkEdit(.deals, count: 30) }
        rehearsal.sleep(hours: 1)
        // Enough for the deals and not for their followers.
        #expect(try await rehearsal.night(RunOptions(maxTokens: 60)).code == .allowanceUsedUp)
        _ = try Vault.rebuild(
            account: rehearsal.job.account, output: rehearsal.folder.path, disk: LocalDisk(), clock: rehearsal.clock,
            recovery: rehearsal.recovery)
        #expect(try rehearsal.verify().isWell)
        rehearsal.sleep(hours: 24)
        #expect(try await rehearsal.night().code == .complete)
        try expectKept(rehearsal)
        #expect(try rehearsal.verify().isWell)
    }

    @Test("Without anybody who pulls the parents the job file is wrong")
    func noParents() async throws {
        let rehearsal = try Rehearsal(["deal_products"], AccountOptions(size: AccountSize(deals: 24)))
        let report = try await rehearsal.night()
        let reason = "deal_products (no job of this account pulls deals, for which it is read: add it to streams)"
        #expect(report.code == .wrongJobFile && report.sentence?.contains(reason) == true, "\(report)")
        #expect(report.sentence?.contains("to go on") == false, "\(report)")
        #expect(rehearsal.asked.requests == 0)
        #expect(ParentlessStream.stop(rehearsal.job, coverage: [:])?.reason.contains(reason) == true)
        // Another job of the account pulls them.
        #expect(ParentlessStream.stop(rehearsal.job, coverage: ["deals": Coverage()]) == nil)
        #expect(ParentlessStream.stop(rehearsal.job, only: ["users"], coverage: [:]) == nil)
    }

    @Test("An answer without any child, of whom some are known, is believed only when it is said twice")
    func emptyBatch() async throws {
        let rehearsal = try Rehearsal(["deals", "deal_products"], AccountOptions(size: AccountSize(deals: 60)))
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        for (answers, isBuried) in [(1, false), (2, true)] {
            rehearsal.change { $0.bulkEdit(.deals, count: 20) }
            rehearsal.sleep(hours: 1)
            let emptied = Mutex(0)
            rehearsal.company.beforeAnswer { _, request, account in
                guard request.path.hasSuffix("/deals/products") else { return account.setVisibleShare(1) }
                let isEmpty = emptied.withLock { count in
                    count += 1
                    return count <= answers
                }
                // Of deals that are hidden the list shows no products: `[]`, since a null in its place is none.
                account.setVisibleShare(isEmpty ? 0 : 1)
            }
            let (report, asked) = try await rehearsal.watchedNight()
            #expect(report.code == .complete && pages(asked) == 2, "\(pages(asked)) pages, \(report.sentence ?? "")")
            #expect((report.deletes > 0) == isBuried, "\(report.deletes) buried after \(answers) empty answers")
            if !isBuried { try expectKept(rehearsal) }
        }
    }

    @Test("A list that knows none of the records is unavailable, and buries nothing")
    func missingList() async throws {
        let rehearsal = try Rehearsal(["deals", "deal_followers"], AccountOptions(size: AccountSize(deals: 60)))
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.change { account in
            account.bulkEdit(.deals, count: 20)
            account.setUnavailable([UnavailableList("deal_followers", status: 404)])
        }
        rehearsal.sleep(hours: 1)
        let report = try await rehearsal.night()
        #expect(report.streams.first { $0.stream == "deal_followers" }?.state == .unavailable, "\(report)")
        #expect(report.deletes == 0)
    }

    @Test("A list that is missing for a night takes nobody off the queue")
    func missingForANight() async throws {
        let rehearsal = try Rehearsal(["deals", "deal_changelog"], AccountOptions(size: AccountSize(deals: 12)))
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.change { account in
            account.bulkEdit(.deals, count: 3)
            account.setUnavailable([UnavailableList("deal_changelog", status: 404)])
        }
        rehearsal.sleep(hours: 1)
        let report = try await rehearsal.night()
        #expect(report.streams.first { $0.stream == "deal_changelog" }?.state == .unavailable, "\(report)")
        rehearsal.change { $0.setUnavailable([]) }
        rehearsal.sleep(hours: 25)
        #expect(try await rehearsal.night().code == .complete)
        try expectKept(rehearsal)
    }

    @Test("Many records that are gone, of which nobody has told, do not pass for a missing list", arguments: [1, 4])
    func manyGone(concurrency: Int) async throws {
        let size = AccountSize(deals: 60)
        let rehearsal = try Rehearsal(["persons", "person_followers"], AccountOptions(size: size)) {
            $0.concurrency = concurrency
        }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        rehearsal.change { $0.bulkEdit(.persons, count: 8) }
        rehearsal.sleep(hours: 1)
        // They are listed, and gone before anybody asks for what hangs on them.
        rehearsal.company.beforeAnswer { [ids = rehearsal.living(.persons, 8)] _, request, account in
            guard request.path.hasSuffix("/followers") else { return }
            for id in ids where account.row(.persons, id)?.isDeleted == false { account.delete(.persons, id) }
        }
        let (report, asked) = try await rehearsal.watchedNight()
        rehearsal.company.beforeAnswer(nil)
        #expect(report.code == .complete, "\(report)")
        let unknown = asked.count { $0.status == 404 }
        #expect(unknown == 8, "\(unknown)")
        #expect(followers(asked) <= 9, "\(asked.map(\.path))")
        rehearsal.sleep(seconds: 600)
        let (idle, none) = try await rehearsal.watchedNight()
        #expect(idle.code == .complete && followers(none) == 0)
    }
}
