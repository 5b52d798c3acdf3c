import Foundation
import Simulator
import Testing

@Suite("Deals: live, archived, deleted")
struct DealListTests {
    private static let everything = "status=open,won,lost,deleted&limit=500"

    private func ids(_ asker: inout Asker, _ target: String) throws -> Set<String> {
        Set(try asker.walk("/api/v2/\(target)").flatMap { $0 }.map(\.id))
    }

    @Test("An archived deal moves to the other list and takes a new update time")
    func archiving() throws {
        var asker = Asker()
        let deal = try #require(asker.account.truth(.deals).first { !$0.isArchived && !$0.isDeleted })
        asker.account.archive(.deals, deal.id)
        #expect(try !ids(&asker, "deals?limit=500").contains(deal.key))
        #expect(try ids(&asker, "deals/archived?limit=500").contains(deal.key))
        #expect(asker.account.truth(.deals)[deal.id - 1].updateMilliseconds == Asker.start)
        asker.account.unarchive(.deals, deal.id)
        #expect(try ids(&asker, "deals?limit=500").contains(deal.key))
    }

    @Test("A deleted deal is shown for thirty days to those who ask")
    func deletion() throws {
        var asker = Asker()
        let deal = try #require(asker.account.truth(.deals).first { !$0.isArchived && !$0.isDeleted })
        asker.account.delete(.deals, deal.id)
        #expect(try !ids(&asker, "deals?limit=500").contains(deal.key))
        let shown = try asker.walk("/api/v2/deals?\(DealListTests.everything)").flatMap { $0 }.first {
            $0.id == deal.key
        }
        #expect(shown?.status == "deleted")
        #expect(shown?.update == "2026-09-30T00:00:00Z")
        asker.now += 29 * 86_400_000
        #expect(try ids(&asker, "deals?status=deleted").contains(deal.key))
        asker.now += 2 * 86_400_000
        #expect(try !ids(&asker, "deals?status=deleted").contains(deal.key))
    }

    @Test("A deleted archived deal is deleted in the archive")
    func deletedInArchive() throws {
        var asker = Asker()
        let deal = try #require(asker.account.truth(.deals).first { $0.isArchived && !$0.isDeleted })
        asker.account.delete(.deals, deal.id)
        #expect(try ids(&asker, "deals/archived?status=deleted").contains(deal.key))
        #expect(try !ids(&asker, "deals?\(DealListTests.everything)").contains(deal.key))
    }

    @Test("Deleted persons vanish without a trace; a merge is a deletion and an edit")
    func vanishing() throws {
        var asker = Asker()
        let alive = asker.account.truth(.persons).filter { !$0.isDeleted }
        asker.account.merge(.persons, alive[0].id, into: alive[1].id)
        let shown = try ids(&asker, "persons?limit=500&updated_since=2026-09-30T00:00:00Z")
        #expect(shown == [alive[1].key])
    }

    @Test("The list sends the bytes of the truth")
    func truthful() throws {
        var asker = Asker()
        for (kind, list) in [(RecordKind.persons, "persons"), (.activities, "activities"), (.products, "products")] {
            let body = asker.ask("/api/v2/\(list)?limit=500").text
            for record in asker.account.truth(kind) where !record.isDeleted { #expect(body.contains(record.json)) }
        }
    }

    @Test("Option labels change types, included fields add members, custom_fields narrows")
    func wishes() throws {
        var asker = Asker()
        let plain = try asker.ask("/api/v2/deals?limit=50").object()
        let labelled = try asker.ask("/api/v2/deals?limit=50&include_option_labels=true&include_labels=true").object()
        func firstRow(_ body: [String: Any]) -> [String: Any] { (body["data"] as? [[String: Any]])?.first ?? [:] }
        let keys = (firstRow(plain)["custom_fields"] as? [String: Any] ?? [:]).keys.sorted()
        #expect(keys.count == 24)
        #expect(firstRow(plain)["labels"] == nil)
        #expect(firstRow(labelled)["labels"] != nil)
        let narrow = try asker.ask("/api/v2/deals?limit=1&custom_fields=\(keys[3])&include_fields=notes_count").object()
        #expect((firstRow(narrow)["custom_fields"] as? [String: Any])?.count == 1)
        #expect(firstRow(narrow)["notes_count"] is Int)
        #expect(asker.ask("/api/v2/deals?custom_fields=\((keys[0..<16]).joined(separator: ","))").status == 400)
    }
}
