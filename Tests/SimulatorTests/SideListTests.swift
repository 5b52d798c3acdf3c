import Foundation
import Simulator
import Testing

@Suite("Lists beside the seven great ones")
struct SideListTests {
    private func asker(deals: Int = 200, seed: UInt64 = 1, life: Bool = false) -> Asker {
        var options = AccountOptions(seed: seed, size: AccountSize(deals: deals))
        options.dailyBudgetTokens = 10_000_000
        options.burstRequests = 1_000_000
        if life { options.life = .office(deals: 2000) }
        return Asker(options)
    }

    private func key(_ row: [String: Any]) -> String {
        (["id", "uuid", "user_id"].compactMap { row[$0] }.first).map { "\($0)" } ?? ""
    }

    @Test("Paged to the end, no record is missing and none is shown twice", arguments: Endpoint.pagedLines)
    func complete(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        // Metadata and the great lists have tests of their own.
        guard RecordKind.side.contains(endpoint.kind) || endpoint.kind.parent != nil else { return }
        var asker = asker()
        let parent = asker.account.truth(endpoint.named).filter { !$0.isDeleted }
        let ids = endpoint.hasIdentifier ? parent.prefix(30).map { ($0.key, $0.id) } : [("", 0)]
        for (id, number) in ids {
            let seen = try asker.everything(
                endpoint.target(asker.account, id: id, parents: Array(1...60)), limit: 3)
            var wanted = asker.account.truth(endpoint.kind)
            if endpoint.hasIdentifier {
                wanted = asker.account.children(endpoint.kind, of: number)
            } else if endpoint.kind.parent != nil {
                wanted = wanted.filter { ($0.parent ?? 0) <= 60 }
            } else if endpoint.kind == .projects {
                wanted = wanted.filter { !$0.isDeleted && $0.isArchived == endpoint.path.hasSuffix("archived") }
            } else {
                wanted = wanted.filter { !$0.isDeleted && isInbox($0, endpoint) }
            }
            // Changes of custom fields are left out of a flow.
            guard endpoint.kind != .dealFlow else { continue }
            #expect(seen.count == wanted.count, "\(line) \(id)")
            if !endpoint.path.hasSuffix("log"), endpoint.kind != .mailMessages {
                #expect(Set(seen.map(key)).count == wanted.count, "\(line) \(id)")
            }
        }
    }

    private func isInbox(_ record: TrueRecord, _ endpoint: Endpoint) -> Bool {
        endpoint.kind != .mailThreads || record.json.contains(#""inbox""#)
    }

    @Test("Files come a hundred at most, newest first where asked")
    func files() throws {
        var asker = asker(deals: 600)
        let first = try asker.ask("/v1/files?limit=500&sort=update_time%20DESC").object()
        let pagination = (first["additional_data"] as? [String: Any])?["pagination"] as? [String: Any]
        #expect(pagination?["limit"] as? Int == 100)
        let seen = try asker.everything("/v1/files?sort=update_time%20DESC", limit: 100)
        let times = seen.compactMap { $0["update_time"] as? String }
        #expect(times == times.sorted(by: >))
        #expect(seen.count == asker.account.truth(.files).filter { !$0.isDeleted }.count)
        let id = asker.account.create(.files)
        #expect(try asker.ask("/v1/files?limit=1&sort=update_time%20DESC").seen().map(\.id) == [String(id)])
        #expect(asker.ask("/v1/files?sort=name").status == 400)
    }

    @Test("A mail thread lies in several folders, and all threads lie in some")
    func folders() throws {
        var asker = asker()
        var seen: [String] = []
        for folder in ["inbox", "drafts", "sent", "archive"] {
            seen += try asker.everything("/v1/mailbox/mailThreads?folder=\(folder)", limit: 10).map(key)
        }
        let threads = asker.account.truth(.mailThreads).filter { !$0.isDeleted }
        #expect(Set(seen) == Set(threads.map(\.key)))
        #expect(seen.count > threads.count)
        #expect(asker.ask("/v1/mailbox/mailThreads?folder=spam").status == 400)
    }

    @Test("Goals: only one's own active ones unless asked otherwise")
    func goals() throws {
        var asker = asker()
        func find(_ query: String) throws -> Int {
            Asker.rows(try asker.ask("/v1/goals/find?\(query)").object()).count
        }
        let all = asker.account.truth(.goals).filter { !$0.isDeleted }.count
        var everyones = 0
        for metric in ["quantity", "sum"] {
            for isActive in [true, false] {
                everyones += try find("expected_outcome.tracking_metric=\(metric)&is_active=\(isActive)")
            }
        }
        #expect(everyones == all)
        #expect(try find("") < all)
        #expect(try asker.ask("/v1/goals/find").object()["statusCode"] as? Int == 20_000)
    }

    @Test("Phases belong to a board; projects hide archived and deleted ones")
    func projects() throws {
        var asker = asker(deals: 2000)
        let phases = try (1...3).map { try asker.ask("/api/v2/phases?board_id=\($0)").seen().count }
        #expect(phases == [4, 4, 0])
        #expect(try asker.ask("/api/v2/boards").object()["additional_data"] is NSNull)
        let live = try asker.walk("/api/v2/projects?limit=500").flatMap { $0 }
        let gone = try asker.walk("/api/v2/projects?limit=500&status=deleted").flatMap { $0 }
        let archived = try asker.walk("/api/v2/projects/archived?limit=500").flatMap { $0 }
        let truth = asker.account.truth(.projects)
        #expect(live.count == truth.filter { !$0.isDeleted && !$0.isArchived }.count)
        #expect(archived.count == truth.filter { !$0.isDeleted && $0.isArchived }.count)
        #expect(gone.allSatisfy { $0.status == "deleted" })
        #expect(live.allSatisfy { $0.update?.contains(".") == true })
        asker.account.archive(.projects, try #require(live.first.flatMap { Int($0.id) }))
        #expect(try asker.walk("/api/v2/projects/archived?limit=500").flatMap { $0 }.count == archived.count + 1)
    }

    @Test("They live whether or not anybody looks, and a look changes nothing", arguments: [1, 2] as [UInt64])
    func lives(seed: UInt64) throws {
        var watched = asker(seed: seed, life: true)
        var alone = asker(seed: seed, life: true)
        for _ in 0..<20 {
            watched.now += 36_000_000
            _ = watched.ask("/v1/files")
            _ = watched.ask("/api/v2/tasks")
        }
        alone.now = watched.now
        alone.account.advance(to: watched.now)
        for kind in RecordKind.side {
            #expect(watched.account.truth(kind) == alone.account.truth(kind), "seed \(seed)")
        }
        #expect(watched.account.truth(.files) != asker(seed: seed).account.truth(.files))
    }

    @Test(
        "A walk by key over a list that changes between any two pages meets whatever stays as it was exactly once",
        arguments: ["deals", "persons", "products", "projects", "tasks"], [1, 2, 3, 4, 5] as [UInt64])
    func restlessKeys(list: String, seed: UInt64) throws {
        var options = AccountOptions(seed: seed, size: AccountSize(deals: 400))
        options.changesPerRequest = 4
        options.burstRequests = 1_000_000
        var asker = Asker(options)
        let kind = try #require(RecordKind(rawValue: list))
        let before = asker.account.truth(kind)
        let seen = try asker.walk("/api/v2/\(list)?limit=3").flatMap { $0 }.map(\.id)
        let counts = Dictionary(seen.map { ($0, 1) }, uniquingKeysWith: +)
        let same = Set(before).intersection(asker.account.truth(kind)).filter { !$0.isDeleted && !$0.isArchived }
        #expect(same.count > 0 && same.count < before.count, "seed \(seed)")
        for record in same { #expect(counts[record.key] == 1, "\(record.key) seed \(seed)") }
    }
}
