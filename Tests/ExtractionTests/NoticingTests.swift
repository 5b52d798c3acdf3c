import Extraction
import Planning
import Platform
import Rehearsals
import Simulator
import Storage
import Testing

/// What a run notices beside the records, and what it does about it: nothing but listing definitions anew. The changes
/// are those that the simulated service can make; a vendor may think of others.
@Suite("Changes of the API")
struct NoticingTests {
    private static let minute: Int64 = 60

    private func index(_ rehearsal: Rehearsal) throws -> Index {
        try Index(reading: Folders(output: rehearsal.folder.path, account: "acme").index)
    }

    private func told(_ rehearsal: Rehearsal) throws -> [String] {
        try index(rehearsal).notices().map { "\($0.notice.kind.rawValue) \($0.notice.name)" }
    }

    private func asked(_ asked: [RequestRecord], _ path: String) -> Int { asked.count { $0.path.hasSuffix(path) } }

    // MARK: The cache

    @Test("--refresh lists a young copy anew, once, and with several lists all of them")
    func refresh() async throws {
        let rehearsal = try Rehearsal(["users", "projects", "deals"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let (idle, before) = try await rehearsal.watchedNight()
        #expect(idle.code == .complete && asked(before, "/users") == 0)
        var options = RunOptions()
        options.refresh = ["users", "projects"]
        let (report, after) = try await rehearsal.watchedNight(options)
        #expect(report.code == .complete)
        #expect(asked(after, "/users") == 1 && asked(after, "/projects") == 1)
        #expect(asked(after, "/projects/archived") == 1)
        let (again, later) = try await rehearsal.watchedNight()
        #expect(again.code == .complete && asked(later, "/users") == 0)
    }

    @Test("A listing forced and interrupted is ended by the next run")
    func interruptedRefresh() async throws {
        let rehearsal = try Rehearsal(["person_fields"]) { $0.cutPages(to: 4) }
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        var options = RunOptions(maxTokens: 10)
        options.refresh = ["person_fields"]
        #expect(try await rehearsal.night(options).code == .allowanceUsedUp)
        let (report, rest) = try await rehearsal.watchedNight()
        #expect(report.code == .complete && !rest.isEmpty)
        #expect(rest.first?.query.contains("cursor=") == true)
        let (idle, none) = try await rehearsal.watchedNight()
        #expect(idle.code == .complete && none.isEmpty)
    }

    @Test("A field and an option that no definition knows make the definitions stale, once a run", arguments: [0, 1])
    func staleDefinitions(option: Int) async throws {
        let rehearsal = try Rehearsal(["deals", "persons", "deal_fields", "person_fields"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        rehearsal.change { account in
            if option == 1 {
                account.addOption(.deals, account.fieldKeys(.deals, type: "enum")[0], label: "Unheard of")
            } else {
                account.addField(.deals, name: "Unheard of", type: "varchar")
            }
            for id in 1...30 { account.edit(.deals, id) }
        }
        rehearsal.sleep(seconds: 10 * Self.minute)
        let (report, requests) = try await rehearsal.watchedNight()
        #expect(report.code == .complete)
        #expect(asked(requests, "/dealFields") == 1 && asked(requests, "/personFields") == 0)
        let fields = try index(rehearsal).fields(of: "deal_fields")
        let names = fields.flatMap { [$0.name] + $0.options.map(\.label) }
        #expect(names.contains { $0.hasPrefix("Unheard of") })
        rehearsal.sleep(hours: 1)
        let (idle, later) = try await rehearsal.watchedNight()
        #expect(idle.code == .complete && asked(later, "/dealFields") == 0)
        #expect(try told(rehearsal) == [])
    }

    @Test("When the allowance ends before the definitions are listed, the next run lists them")
    func staleTomorrow() async throws {
        let rehearsal = try Rehearsal(["deals", "deal_fields"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        rehearsal.change { account in
            account.addField(.deals, name: "Unheard of", type: "varchar")
            for id in 1...30 { account.edit(.deals, id) }
        }
        rehearsal.sleep(seconds: 10 * Self.minute)
        let first = try await rehearsal.night(RunOptions(maxTokens: 10))
        #expect(first.code == .allowanceUsedUp, "the listing is work that is left")
        let (second, requests) = try await rehearsal.watchedNight()
        #expect(second.code == .complete && asked(requests, "/dealFields") == 1)
    }

    // MARK: The API

    @Test("Members that come and go, headers of farewell and a strange envelope are recorded, and nothing fails")
    func changes() async throws {
        let rehearsal = try Rehearsal(["deals", "notes"], AccountOptions(size: AccountSize(deals: 300))) {
            $0.cutPages(to: 20)
        }
        #expect(try await rehearsal.night().code == .complete)
        let quiet = try told(rehearsal)
        #expect(quiet == [])
        rehearsal.sleep(hours: 1)
        rehearsal.change { account in
            account.setAPIChanges([
                APIChange("/deals", .addedMember("mood")), APIChange("/deals", .missingMember("owner_id")),
                APIChange("/notes", .envelopeMember("notice")),
                APIChange("/notes", .deprecated(sunsetMilliseconds: 1_900_000_000_000)),
            ])
            for id in 1...60 { account.edit(.deals, id) }
        }
        rehearsal.sleep(seconds: 10 * Self.minute)
        #expect(try await rehearsal.night().code == .complete)
        let kinds = try told(rehearsal)
        #expect(
            Set(kinds) == [
                "member appeared mood", "member gone owner_id", "envelope member notice", "deprecation ", "sunset ",
            ])
        let first = try index(rehearsal).notices()
        rehearsal.sleep(hours: 1)
        #expect(try await rehearsal.night().code == .complete)
        let second = try index(rehearsal).notices()
        #expect(second.count == first.count && second.allSatisfy { !$0.isTold })
        #expect(second.contains { $0.lastAt > $0.firstAt })
        try AccountFolder(account: "acme", output: rehearsal.folder.path, disk: LocalDisk()).tellNotices()
        let report = try StatusReport(job: rehearsal.job, index: try index(rehearsal), now: rehearsal.now)
        #expect(report.notices.count == 5 && report.notices.allSatisfy(\.isTold))
    }

    @Test("An envelope without records ends the stream for this night, is recorded, and covers nothing")
    func unknownEnvelope() async throws {
        let rehearsal = try Rehearsal(["persons", "users"])
        rehearsal.change {
            $0.misbehave([Misbehaviour(.wrongEnvelope, .probability(1), pathSuffix: "/persons")])
        }
        let report = try await rehearsal.night()
        #expect(report.code == .someStreamsFailed)
        #expect(
            report.sentence?.contains(#"persons (an unknown envelope: no "data" (it has items, status))"#) == true,
            "\(report.sentence ?? "")")
        #expect(try told(rehearsal) == [#"unknown envelope no "data""#])
        let notices = try rehearsal.status().notices
        #expect(notices.map(\.detail) == ["items, status"] && notices.allSatisfy { !$0.isTold })
        #expect(notices.first?.sentence.contains("its records cannot be read") == true)
        #expect(try rehearsal.status().streams.first { $0.stream == "persons" }?.covered.isEmpty == true)
        rehearsal.change { $0.misbehave() }
        rehearsal.sleep(hours: 1)
        #expect(try await rehearsal.night().code == .complete)
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("One strange answer is asked for again, and is no change of the API")
    func oneStrangeEnvelope() async throws {
        let rehearsal = try Rehearsal(["persons"])
        rehearsal.change { $0.misbehave([Misbehaviour(.wrongEnvelope, .requests([1]))]) }
        #expect(try await rehearsal.night().code == .complete)
        #expect(try told(rehearsal) == [])
    }

    @Test("On a list of one page a member that comes or goes is told the next night")
    func smallLists() async throws {
        let rehearsal = try Rehearsal(["pipelines", "users", "deals"], AccountOptions(size: AccountSize(deals: 40)))
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 24)
        rehearsal.change { account in
            account.setAPIChanges([
                APIChange("/pipelines", .addedMember("mood")), APIChange("/users", .missingMember("email")),
                APIChange("/deals", .addedMember("mood")),
            ])
            account.edit(.deals, 3)
        }
        rehearsal.sleep(hours: 1)
        #expect(try await rehearsal.night().code == .complete)
        let kinds = try index(rehearsal).notices().map {
            "\($0.notice.stream): \($0.notice.kind.rawValue) \($0.notice.name)"
        }
        #expect(
            Set(kinds) == [
                "pipelines: member appeared mood", "users: member gone email", "deals: member appeared mood",
            ])
    }

    @Test("Twenty-five nights of ordinary changes cries no wolf")
    func quiet() async throws {
        let options = AccountOptions(size: AccountSize(deals: 300), life: .company(deals: 300))
        let rehearsal = try Rehearsal(["core", "metadata"], options)
        for _ in 1...25 {
            #expect(try await rehearsal.night().code == .complete)
            rehearsal.sleep(hours: 24)
        }
        let notices = try told(rehearsal)
        #expect(notices == [])
    }

    @Test("A list that the account may not read is said with what it needs; an API token has no scopes")
    func needs() async throws {
        let rehearsal = try Rehearsal(["deals", "persons", "projects"])
        rehearsal.change {
            $0.setUnavailable([UnavailableList("projects", status: 402), UnavailableList("persons", status: 403)])
        }
        let report = try await rehearsal.night()
        let reasons = Dictionary(uniqueKeysWithValues: report.streams.map { ($0.stream, $0.reason ?? "") })
        #expect(reasons["projects"]?.hasSuffix("; it needs the Projects add-on") == true, "\(reasons)")
        #expect(reasons["persons"]?.hasPrefix("403 ") == true && reasons["persons"]?.contains("needs") == false)
    }

    @Test("All of core, when nothing changed, costs 110 tokens")
    func idle() async throws {
        let rehearsal = try Rehearsal(["core"])
        #expect(try await rehearsal.night().code == .complete)
        rehearsal.sleep(hours: 1)
        let (report, requests) = try await rehearsal.watchedNight()
        let tokens = requests.reduce(0) { $0 + $1.tokens }
        #expect(report.code == .complete && report.records == 0 && tokens == 110 && report.tokens == 110)
    }
}
