import Foundation
import Simulator
import Testing

@Suite("v1 lists: offsets and odd envelopes")
struct OffsetListTests {
    @Test("Both prefixes answer; v2 has only one", arguments: ["/v1/users", "/api/v1/users"])
    func prefixes(path: String) throws {
        var asker = Asker()
        let response = asker.ask(path)
        #expect(try response.seen().count == 12)
        #expect(try response.object()["additional_data"] == nil)
        #expect(asker.ask("/v2/deals").status == 404)
        #expect(asker.ask("/v1/deals").status == 404)
    }

    @Test("Notes wrap their pagination, next_start only when more follow")
    func notes() throws {
        var asker = Asker()
        let alive = asker.account.truth(.notes).filter { !$0.isDeleted }.count
        let first = try asker.ask("/v1/notes?limit=60&sort=update_time%20ASC").object()
        let pagination = try #require((first["additional_data"] as? [String: Any])?["pagination"] as? [String: Any])
        #expect(pagination["next_start"] as? Int == 60)
        #expect(pagination["more_items_in_collection"] as? Bool == true)
        let last = try asker.ask("/v1/notes?limit=60&start=60&sort=update_time%20ASC").object()
        let end = try #require((last["additional_data"] as? [String: Any])?["pagination"] as? [String: Any])
        #expect(end["next_start"] == nil)
        #expect(Seen.rows(first).count + Seen.rows(last).count == alive)
        let updates = (Seen.rows(first) + Seen.rows(last)).compactMap(\.update)
        #expect(updates == updates.sorted())
        #expect(updates.first?.contains(" ") == true)
    }

    @Test("Leads do not wrap it, and have no next_start")
    func leads() throws {
        var asker = Asker()
        let body = try asker.ask("/api/v1/leads?limit=5").object()
        let extra = try #require(body["additional_data"] as? [String: Any])
        #expect(extra["pagination"] == nil)
        #expect(extra["more_items_in_collection"] as? Bool == true)
        #expect(extra["next_start"] == nil)
        #expect(Seen.rows(body).allSatisfy { $0.id.count == 36 && $0.update?.hasSuffix("Z") == true })
    }

    @Test("An empty page is null; a limit over the maximum is cut, not refused")
    func emptiness() throws {
        var asker = Asker()
        #expect(try asker.ask("/v1/notes?start=9999&limit=9999").object()["data"] is NSNull)
        let notes = try asker.ask("/v1/notes?limit=9999").object()
        let pagination = (notes["additional_data"] as? [String: Any])?["pagination"] as? [String: Any]
        #expect(pagination?["limit"] as? Int == 500)
    }

    @Test("updated_since is inclusive for leads, milliseconds and all")
    func since() throws {
        var asker = Asker()
        asker.now += 700
        asker.account.advance(to: asker.now)
        let lead = try #require(asker.account.truth(.leads).first { !$0.isDeleted && !$0.isArchived })
        asker.account.edit(.leads, lead.id)
        let seen = try asker.ask("/v1/leads?updated_since=2026-09-30T00:00:00Z&sort=update_time").seen()
        #expect(seen.map(\.id) == [lead.key])
        #expect(seen.first?.update == "2026-09-30T00:00:00.700Z")
        #expect(try asker.ask("/v1/leads?updated_since=2026-09-30T00:00:01Z").object()["data"] is NSNull)
        asker.account.archive(.leads, lead.id)
        #expect(try asker.ask("/v1/leads/archived?limit=500").seen().contains { $0.id == lead.key })
        #expect(asker.ask("/v1/leads/archived?updated_since=2026-09-30T00:00:00Z").status == 400)
    }

    @Test("A deletion shifts the pages that follow")
    func drift() throws {
        var asker = Asker()
        let first = try asker.ask("/v1/notes?limit=10").seen()
        asker.account.delete(.notes, try #require(Int(first[0].id)))
        let second = try asker.ask("/v1/notes?limit=10&start=10").seen()
        let next = asker.account.truth(.notes).filter { !$0.isDeleted }.map(\.key)
        #expect(second.first?.id == next[10])
        #expect(next[9] != first[9].id)
    }

    @Test(
        "Every endpoint answers with valid JSON and its own price",
        arguments: Endpoint.table.map { "\($0.version) \($0.path)" })
    func everyEndpoint(line: String) throws {
        let endpoint = try #require(Endpoint.table.first { "\($0.version) \($0.path)" == line })
        var asker = Asker()
        let response = asker.ask(endpoint.target(asker.account))
        #expect(response.status == 200)
        #expect(try response.object()["success"] as? Bool == true)
        #expect(asker.account.counters.tokens == endpoint.priceTokens)
    }
}
