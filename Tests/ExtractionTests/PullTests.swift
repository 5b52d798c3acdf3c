import Extraction
import Planning
import Platform
import Simulator
import Synchronization
import Testing

/// Quiet nights over an account that behaves. They cannot catch what happens while pages are being read.
@Suite("Quiet nights")
struct PullTests {
    @Test("The first pull of core and metadata equals the company")
    func firstPull() async throws {
        let rehearsal = try Rehearsal(["core", "metadata"], AccountOptions(size: AccountSize(deals: 1300)))
        let report = try await rehearsal.night()
        #expect(report.code == .complete && report.sentence == nil)
        #expect(report.streams.allSatisfy { $0.state == .complete })
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        #expect(report.records == promises.warehouse.lines.count && report.tokens == rehearsal.asked.tokens)
        #expect(promises.warehouse.manifests.values.first?.outcome == "complete")
    }

    @Test("The room of every answer goes back to the network, also of a page that holds nothing new")
    func roomOfPages() async throws {
        let rehearsal = try Rehearsal(["core", "metadata"], AccountOptions(size: AccountSize(deals: 1300)))
        for _ in 1...2 {
            let wire = BodyCount(rehearsal.company)
            #expect(try await rehearsal.night(transport: wire).code == .complete)
            let (answered, reused) = wire.lengths
            #expect(!answered.isEmpty && answered.sorted() == reused.sorted())
            rehearsal.sleep(hours: 1)
        }
    }

    @Test("An idle night asks each list once", arguments: [0, 600, 86_400, 400 * 86_400] as [Int64])
    func idleNight(overlapSeconds: Int64) async throws {
        let options = AccountOptions(size: AccountSize(deals: 130))
        let rehearsal = try Rehearsal(["core", "metadata"], options) {
            $0.window.overlapSeconds = overlapSeconds
            $0.cutPages(to: 50)
        }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let (report, requests) = try await rehearsal.watchedNight()
        #expect(report.code == .complete && report.tokens == 110 && report.records == 0)
        #expect(requests.count == 8 && Set(requests.map(\.path)).count == 8)
        #expect(requests.reduce(0) { $0 + $1.tokens } == 110)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("A night brings what changed since the last, and nothing else")
    func changes() async throws {
        let rehearsal = try Rehearsal()
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 12)
        let deals = rehearsal.living(.deals, 4)
        rehearsal.change { account in
            account.edit(.deals, deals[0], deals[1])
            account.create(.persons)
            account.setStatus(.deals, deals[2], .won)
            account.delete(.deals, deals[3])
        }
        rehearsal.sleep(hours: 12)
        let report = try await rehearsal.night()
        #expect(report.code == .complete)
        #expect(report.records == 5)
        #expect(report.deletes == 1)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        let deleted = try #require(promises.warehouse.latest("deals")[String(deals[3])])
        #expect(deleted.isDelete && deleted.reason == "status")
    }

    @Test("Metadata is listed again after twenty hours and not before")
    func metadataAge() async throws {
        let rehearsal = try Rehearsal(["metadata"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(seconds: 20 * 3600 - 5)
        let early = try await rehearsal.watchedNight()
        #expect(early.0.code == .complete && early.asked.isEmpty)
        rehearsal.sleep(seconds: 10)
        let due = try await rehearsal.watchedNight()
        #expect(due.0.records == 0 && due.asked.count == rehearsal.job.streams.count)
    }

    @Test("What a complete listing no longer has gets a tombstone, and comes back when it does")
    func absence() async throws {
        let rehearsal = try Rehearsal(["stages", "currencies", "deal_fields"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.change { account in
            account.delete(.stages, 2)
            account.delete(.currencies, 3)
            account.delete(.dealFields, 4)
            account.edit(.stages, 1)
        }
        rehearsal.sleep(hours: 24)
        let report = try await rehearsal.night()
        #expect(report.records == 4 && report.deletes == 3)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        let tombstones = promises.warehouse.lines.filter(\.isDelete)
        #expect(tombstones.allSatisfy { $0.reason == "absent" && $0.object.hasSuffix("}") && $0.updateTime == nil })
        #expect(tombstones.contains { $0.object == #"{"id":2}"# })
        rehearsal.sleep(hours: 24)
        #expect(try await rehearsal.night().records == 0)
    }

    @Test("A whole listing that comes empty is believed only when it is said twice")
    func emptyListing() async throws {
        let rehearsal = try Rehearsal(["users"])
        #expect(try await rehearsal.night().code == .complete)
        let known = rehearsal.living(.users, 1000).count
        rehearsal.sleep(hours: 24)
        rehearsal.change { $0.misbehave([Misbehaviour(.dataNull, .requests([2]))]) }
        let once = try await rehearsal.night()
        #expect(once.code == .complete && once.records == 0 && once.requests == 2)
        rehearsal.sleep(hours: 24)
        rehearsal.change { $0.misbehave([Misbehaviour(.dataNull, .probability(1))]) }
        let twice = try await rehearsal.night()
        #expect(twice.code == .complete && twice.deletes == known && twice.requests == 2)
    }

    @Test("History comes newest first, archived deals behind live ones")
    func newestFirst() async throws {
        let rehearsal = try Rehearsal(["deals"]) {
            $0.concurrency = 1
            $0.cutPages(to: 30)
        }
        let (report, requests) = try await rehearsal.watchedNight()
        #expect(report.code == .complete)
        let paths = requests.map(\.path)
        #expect(requests.allSatisfy { $0.query.contains("sort_direction=desc") && $0.query.contains("limit=30") })
        #expect(paths.first == "/api/v2/deals" && paths.last == "/api/v2/deals/archived")
        let promises = try read(rehearsal)
        for isArchived in [true, false] {
            let times = promises.warehouse.lines.filter { $0.object.contains("\"is_archived\":\(isArchived)") }
                .compactMap { $0.updateTime.flatMap { UpdateTime($0) } }
            #expect(!times.isEmpty && zip(times, times.dropFirst()).allSatisfy { $0 >= $1 })
        }
    }

    @Test("A window.start moved back brings the older history alone")
    func olderHistory() async throws {
        let late = try Rehearsal(["deals", "products"]) { $0.window.start = Instant(seconds: 1_767_225_600) }
        #expect(try await late.night().code == .complete)
        let first = try read(late).warehouse.lines.count
        late.sleep(hours: 1)
        let early = late.changing { $0.window.start = Instant(seconds: 1_420_070_400) }
        #expect(try await early.night().code == .complete)
        let all = try read(early)
        #expect(all.warehouse.lines.count > first)
        #expect(all.warehouse.lines.dropFirst(first).allSatisfy { ($0.updateTime ?? "") < "2026-01-01T00:00:00Z" })
    }

    @Test("--streams leaves the others alone; --until ends the windows earlier")
    func narrowed() async throws {
        let rehearsal = try Rehearsal()
        let until = rehearsal.now - 30 * 86_400
        let report = try await rehearsal.night(RunOptions(streams: ["persons", "products"], until: until))
        #expect(report.code == .complete && report.streams.map(\.stream) == ["persons", "products"])
        let coverage = try IndexViews(rehearsal.folder.path).coverage()
        #expect(Set(coverage.keys) == ["persons", "products"])
        #expect(coverage.values.allSatisfy { $0.intervals.map(\.until) == [until] })
        #expect(try await rehearsal.night().code == .complete)
        _ = try read(rehearsal)
    }

    private func read(_ rehearsal: Rehearsal) throws -> Promises {
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
        return promises
    }
}

/// The company, with somebody who notes how long the answers were and which of them came back.
private final class BodyCount: HTTPTransport {
    private let company: SimulatorTransport
    private let noted = Mutex((answered: [Int](), reused: [Int]()))

    init(_ company: SimulatorTransport) { self.company = company }

    var lengths: (answered: [Int], reused: [Int]) { noted.withLock { $0 } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let response = try await company.send(request)
        noted.withLock { $0.answered.append(response.body.count) }
        return response
    }

    func reach(_ url: String) async throws { try await company.reach(url) }

    func reuse(_ body: [UInt8]) { noted.withLock { $0.reused.append(body.count) } }
}
