import Foundation
import Simulator
import Testing

@Suite("Lost rights, missing add-ons, an API that changes")
struct TroubleTests {
    private func asker(_ set: (inout AccountOptions) -> Void = { _ in }) -> Asker {
        var options = AccountOptions(size: AccountSize(deals: 400))
        options.dailyBudgetTokens = 10_000_000
        options.burstRequests = 1_000_000
        set(&options)
        return Asker(options)
    }

    @Test("A token that lost its rights sees a share of the rows, the same ones every time")
    func visibleShare() throws {
        var asker = asker()
        let all = Set(try asker.walk("/api/v2/persons?limit=500").flatMap { $0 }.map(\.id))
        asker.account.setVisibleShare(0.4)
        let some = Set(try asker.walk("/api/v2/persons?limit=20&sort_by=update_time").flatMap { $0 }.map(\.id))
        #expect(some.isSubset(of: all) && (all.count / 4..<all.count * 3 / 5).contains(some.count))
        let hidden = try #require(all.subtracting(some).first)
        #expect(asker.ask("/api/v2/persons/\(hidden)").status == 404)
        #expect(asker.ask("/api/v2/persons/\(hidden)/followers").status == 404)
        #expect(try asker.ask("/api/v2/persons?ids=\(hidden)").seen().isEmpty)
        let leads = asker.account.truth(.leads).filter { !$0.isDeleted && !$0.isArchived }.count
        #expect(try asker.everything("/v1/leads", limit: 500).count < leads)
        // What belongs to the whole company is seen by all.
        #expect(try asker.ask("/v1/users").seen().count == 12)
        asker.account.setVisibleShare(1)
        #expect(Set(try asker.walk("/api/v2/persons?limit=500").flatMap { $0 }.map(\.id)) == all)
    }

    @Test("Lists that were not bought answer 402, 403 in JSON or 404, and are charged")
    func unavailable() throws {
        var asker = asker {
            $0.unavailable = [
                UnavailableList("projects", status: 402), UnavailableList("goals"),
                UnavailableList("boards", status: 404),
            ]
        }
        #expect(asker.ask("/api/v2/projects").status == 402)
        #expect(asker.ask("/api/v2/projects/archived").status == 402)
        let goals = asker.ask("/v1/goals/find")
        #expect(try goals.status == 403 && goals.object()["success"] as? Bool == false)
        #expect(asker.ask("/api/v2/boards").status == 404)
        #expect(asker.ask("/api/v2/tasks").status == 200)
        #expect(asker.account.counters.tokens == 60)
        #expect(UnavailableList(text: "goals=402") == UnavailableList("goals", status: 402))
        #expect(UnavailableList(text: "goals=500") == nil && UnavailableList(text: "") == nil)
    }

    @Test("Headers that announce an end, members that come and go")
    func apiChanges() throws {
        let sunset = try #require(AccountOptions.milliseconds("2027-03-01T00:00:00Z"))
        var plain = asker()
        var asker = asker {
            $0.apiChanges = [
                APIChange("/v1-not-this", .envelopeMember("x")),
                APIChange("notes", .deprecated(sunsetMilliseconds: sunset)),
                APIChange("/deals", .addedMember("mood")), APIChange("/deals", .missingMember("custom_fields")),
                APIChange("/deals", .envelopeMember("notice")),
            ]
        }
        let notes = asker.ask("/v1/notes")
        #expect(notes.header("sunset") == "Mon, 01 Mar 2027 00:00:00 GMT")
        #expect(notes.header("deprecation")?.first == "@")
        let deals = asker.ask("/api/v2/deals?limit=500")
        #expect(deals.header("sunset") == nil)
        let body = try deals.object()
        #expect(body["notice"] != nil && body["success"] as? Bool == true)
        let before = Asker.rows(try plain.ask("/api/v2/deals?limit=500").object())
        for (row, old) in zip(Asker.rows(body), before) {
            #expect(Set(row.keys) == Set(old.keys).subtracting(["custom_fields"]).union(["mood"]))
        }
    }

    @Test("A member can be cut out wherever it stands", arguments: ["id", "title", "custom_fields", "nothing"])
    func cutting(name: String) throws {
        var asker = asker { $0.apiChanges = [APIChange("/deals", .missingMember(name))] }
        let rows = Asker.rows(try asker.ask("/api/v2/deals?limit=500").object())
        #expect(rows.count > 200 && rows.allSatisfy { $0[name] == nil && $0.count > 20 })
    }

    @Test("Records without an update time match no window until somebody edits them")
    func nullTimes() throws {
        var asker = asker { $0.nullTimeShare = 0.2 }
        for (kind, list) in [
            (RecordKind.deals, "/api/v2/deals?status=open,won,lost"), (.notes, "/v1/notes?"), (.leads, "/v1/leads?"),
        ] {
            let all = try asker.everything(list, limit: 100)
            let since = try asker.everything(list + "&updated_since=2000-01-01T00:00:00Z", limit: 100)
            let nulls = all.filter { $0["update_time"] is NSNull }
            #expect(!nulls.isEmpty && all.count == since.count + nulls.count, "\(kind)")
        }
        let note = try #require(asker.account.truth(.notes).first { $0.updateTime == nil })
        asker.account.edit(.notes, note.id)
        #expect(try asker.ask("/v1/notes?updated_since=2026-09-30T00:00:00Z").seen().map(\.id) == [note.key])
    }

    @Test("Thousands share a second in v1 lists too", arguments: [RecordKind.notes, .leads, .files])
    func cluster(kind: RecordKind) throws {
        var asker = asker {
            $0.size.notes = 3000
            $0.size.leads = 3000
            $0.size.side[.files] = 3000
            $0.size.cluster = 1500
        }
        let seen = try asker.everything("/v1/\(kind.rawValue)?sort=update_time", limit: 100)
        let largest = Dictionary(grouping: seen) { $0["update_time"] as? String ?? "" }.values.map(\.count).max() ?? 0
        #expect(largest > 1000)
        #expect(Set(seen.map { "\($0["id"] ?? "")" }).count == seen.count)
    }

    @Test(
        "Changes between any two requests: every list moves, the same way for the same seed",
        arguments: Endpoint.pagedLines)
    func restless(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        // Nobody edits a permission set there, and its users change with it alone.
        guard endpoint.kind != .permissionSetAssignments else { return }
        func walk(_ seed: UInt64) throws -> [[UInt8]] {
            var asker = asker {
                $0.seed = seed
                $0.changesPerRequest = 3
            }
            let target = endpoint.target(asker.account)
            return (0..<12).map { _ in asker.ask(target + "&limit=50").body }
        }
        let first = try walk(3)
        #expect(try walk(3) == first)
        #expect(Set(first).count > 1, "nothing moved")
    }
}
