import Foundation
import Simulator
import Testing

@Suite("v2 lists: keys, windows, strictness")
struct KeysetListTests {
    @Test(
        "A walk meets every record once, in order, whatever the sort",
        arguments: ["deals", "persons", "organizations", "activities", "products"],
        ["sort_by=id", "sort_by=update_time", "sort_by=update_time&sort_direction=desc", "sort_by=add_time"])
    func walk(list: String, sort: String) throws {
        var asker = Asker()
        let seen = try asker.walk("/api/v2/\(list)?limit=7&\(sort)").flatMap { $0 }
        let kind = try #require(RecordKind(rawValue: list))
        let wanted = asker.account.truth(kind).filter { !$0.isDeleted && !(kind == .deals && $0.isArchived) }
        #expect(seen.count == wanted.count)
        #expect(Set(seen.map(\.id)) == Set(wanted.map(\.key)))
        let keys = seen.map { row in
            sort.contains("update") ? row.update ?? "" : String(repeating: "0", count: 9 - row.id.count) + row.id
        }
        #expect(keys == keys.sorted() || sort.contains("desc") && keys == keys.sorted(by: >))
    }

    @Test(
        "Odd sort fields page too",
        arguments: ["stages?sort_by=order_nr", "activities?sort_by=due_date", "products?sort_by=name"])
    func oddSorts(target: String) throws {
        var asker = Asker()
        let seen = try asker.walk("/api/v2/\(target)&limit=4").flatMap { $0 }
        let kind = try #require(RecordKind(rawValue: String(target.prefix { $0 != "?" })))
        #expect(seen.count == Set(seen.map(\.id)).count)
        #expect(seen.count == asker.account.truth(kind).filter { !$0.isDeleted }.count)
    }

    @Test("since is inclusive, until exclusive")
    func window() throws {
        var asker = Asker()
        let all = try asker.walk("/api/v2/persons?sort_by=update_time").flatMap { $0 }
        let edge = try #require(all[all.count * 3 / 4].update)
        let from = try asker.walk("/api/v2/persons?sort_by=update_time&updated_since=\(edge)").flatMap { $0 }
        let to = try asker.walk("/api/v2/persons?sort_by=id&updated_until=\(edge)").flatMap { $0 }
        #expect(from.first?.update == edge)
        #expect(to.allSatisfy { ($0.update ?? "") < edge })
        #expect(from.count + to.count == all.count)
    }

    @Test("Thousands share one second and are still paged by id")
    func cluster() throws {
        var options = AccountOptions(size: AccountSize(deals: 2600))
        options.dailyBudgetTokens = 1_000_000
        var asker = Asker(options)
        let seen = try asker.walk("/api/v2/deals?sort_by=update_time&limit=500").flatMap { $0 }
        let largest = Dictionary(grouping: seen, by: \.update).values.map(\.count).max() ?? 0
        #expect(largest > 1000)
        #expect(Set(seen.map(\.id)).count == seen.count)
    }

    @Test("An edited record leaves upwards; nothing else moves")
    func editBetweenPages() throws {
        var asker = Asker()
        let before = asker.account.truth(.persons).filter { !$0.isDeleted }
        var edited: Set<String> = []
        let pages = try asker.walk("/api/v2/persons?sort_by=update_time&limit=10") { account in
            // The oldest record that is not edited yet: it has been seen already.
            guard
                let oldest = account.truth(.persons).filter({ !$0.isDeleted && !edited.contains($0.key) })
                    .min(by: { ($0.updateMilliseconds ?? 0, $0.id) < ($1.updateMilliseconds ?? 0, $1.id) })
            else { return }
            if edited.count < 5, edited.insert(oldest.key).inserted { account.edit(.persons, oldest.id) }
        }
        let seen = pages.flatMap { $0 }
        #expect(seen.count == before.count + 5)
        #expect(Set(seen.map(\.id)).count == before.count)
    }

    @Test(
        "What v2 refuses",
        arguments: [
            "deals?foo=1", "deals?limit=501", "deals?limit=0", "deals?limit=x", "deals?sort_by=title",
            "deals?status=gone",
            "deals?sort_direction=up", "deals?updated_since=2026-01-01T00:00:00.123Z",
            "deals?updated_since=2026-01-01%2000:00:00",
            "deals?updated_since=2026-02-30T00:00:00Z", "deals?cursor=%25%25", "deals?cursor=eyJhIjoxfQ",
            "deals?limit=1&limit=2",
            "pipelines?updated_since=2026-01-01T00:00:00Z", "products?updated_until=2026-01-01T00:00:00Z",
            "activities?type=call", "activities?done=1", "deals?custom_fields=title",
            "deals/archived?include_labels=true",
            "dealFields?include_fields=nothing", "deals?ids=a", "deals?start=0", "deals?owner_id=1.5",
        ])
    func refusals(target: String) throws {
        var asker = Asker()
        let response = asker.ask("/api/v2/\(target)")
        #expect(response.status == 400)
        let body = try response.object()
        #expect(body["success"] as? Bool == false)
        #expect(body["error_info"] as? String == "Please check developers.pipedrive.com")
        #expect(body["data"] is NSNull)
    }

    @Test("A cursor belongs to its sort order")
    func foreignCursor() throws {
        var asker = Asker()
        let body = try asker.ask("/api/v2/deals?limit=5&sort_by=update_time").object()
        let cursor = try #require((body["additional_data"] as? [String: Any])?["next_cursor"] as? String)
        #expect(!cursor.contains("="))
        #expect(asker.ask("/api/v2/deals?limit=5&sort_by=update_time&cursor=\(cursor)").status == 200)
        #expect(asker.ask("/api/v2/deals?limit=5&cursor=\(cursor)").status == 400)
        #expect(
            asker.ask("/api/v2/deals?limit=5&sort_by=update_time&sort_direction=desc&cursor=\(cursor)").status == 400)
    }

    @Test("100 records where no limit is given, 500 at most")
    func limits() throws {
        var asker = Asker(AccountOptions(size: AccountSize(deals: 1200)))
        #expect(try asker.ask("/api/v2/activities").seen().count == 100)
        #expect(try asker.ask("/api/v2/activities?limit=500").seen().count == 500)
    }

    @Test("ids: at most a hundred, unknown ones left out")
    func identifiers() throws {
        var asker = Asker()
        let seen = try asker.ask("/api/v2/activities?ids=3,1,999999").seen()
        #expect(Set(seen.map(\.id)).isSubset(of: ["1", "3"]))
        let many = (1...101).map { String($0) }.joined(separator: ",")
        #expect(asker.ask("/api/v2/activities?ids=\(many)").status == 400)
    }

    @Test("Stages without an update time never match a window, but are listed")
    func nullTimes() throws {
        var asker = Asker()
        let stages = try asker.walk("/api/v2/stages?sort_by=update_time&limit=2").flatMap { $0 }
        #expect(stages.count == 15)
        #expect(stages.filter { $0.update == nil }.count > 1)
    }
}
