import Foundation
import Simulator
import TestSupport
import Testing

/// The table of endpoints against the official descriptions, where they lie beside the project.
@Suite("Every endpoint as it is officially described")
struct OfficialListTests {
    private func operation(_ endpoint: Endpoint) throws -> OfficialAPI.Reading? {
        guard let api = OfficialListTests.apis[endpoint.version] else {
            print("skipped: no openapi-v\(endpoint.version).yaml in shared/pipedrive")
            return nil
        }
        return try #require(api.reading[endpoint.path], "\(endpoint.path)")
    }

    /// By version; read once for all tests.
    private static let apis: [Int: OfficialAPI] = [1, 2].reduce(into: [:]) { apis, version in
        apis[version] = OfficialAPI.text("openapi-v\(version).yaml").map { OfficialAPI($0) }
    }

    @Test("Prices are the official ones")
    func prices() throws {
        guard let table = OfficialAPI.text("token-costs.tsv") else {
            print("skipped: no token-costs.tsv in shared/pipedrive")
            return
        }
        let rows = table.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        for endpoint in Endpoint.table {
            let row = rows.first { $0.starts(with: ["v\(endpoint.version)", "GET", Substring(endpoint.path)]) }
            #expect(row.flatMap { Int($0[3]) } == endpoint.priceTokens, "\(endpoint.path)")
        }
    }

    @Test("Parameters are the official ones, the required ones are required", arguments: Endpoint.lines)
    func parameters(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        guard let official = try operation(endpoint)?.parameters else { return }
        let inQuery = official.filter { !(endpoint.hasIdentifier && $0.key == "id") }
        // Changelogs take `start` without a word, as the live service does.
        let isLog = endpoint.path.hasSuffix("/changelog")
        #expect(Set(endpoint.parameterNames).subtracting(isLog ? ["start"] : []) == Set(inQuery.keys))
        let required = inQuery.filter { $0.value.contains("required: true") }.map(\.key)
        #expect(Set(endpoint.required) == Set(required))
        if let limit = inQuery["limit"]?.firstMatch(of: /(?:maximum: |upper limit is )(\d+)/)?.1 {
            #expect(Int(limit) == endpoint.maximumLimit)
        }
    }

    @Test("Scopes are the official ones", arguments: Endpoint.lines)
    func scopes(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        guard let official = try operation(endpoint)?.scopes else { return }
        #expect(endpoint.scopes == official && !official.isEmpty)
    }

    @Test("What is required and missing is a 400, and so is what v2 does not know", arguments: Endpoint.lines)
    func refusals(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        var asker = Asker(AccountOptions(size: AccountSize(deals: 40)))
        let good = endpoint.target(asker.account)
        #expect(asker.ask(good).status == 200, "\(good)")
        if !endpoint.required.isEmpty {
            #expect(asker.ask(String(good.prefix { $0 != "?" })).status == 400)
        }
        if endpoint.version == 2 { #expect(asker.ask(good + "&surprise=1").status == 400) }
        if endpoint.parameterNames.contains("limit") {
            let over = asker.ask(good + "&limit=\(endpoint.maximumLimit + 1)").status
            #expect(over == (endpoint.version == 2 ? 400 : 200))
        }
    }

    @Test(
        "Records have the members of the official example",
        arguments: Endpoint.table.filter { RecordKind.side.contains($0.kind) || $0.kind.parent != nil }.map {
            "\($0.version) \($0.path)"
        })
    func members(line: String) throws {
        let endpoint = try #require(Endpoint.line(line))
        guard let examples = ExampleTransport.examples() else {
            print("skipped: no spec-examples.json in shared/pipedrive")
            return
        }
        let example = try #require(examples["v\(endpoint.version) GET \(endpoint.path) 200"])
        let wanted = Set(Asker.rows(example).flatMap(\.keys))
        var options = AccountOptions(size: AccountSize(deals: 200))
        options.dailyBudgetTokens = 1_000_000
        options.burstRequests = 1_000_000
        var asker = Asker(options)
        var found: Set<String> = []
        var parents = asker.account.truth(endpoint.named).filter { !$0.isDeleted }.map(\.key)
        if !endpoint.hasIdentifier { parents = parents.filter { $0 == "1" } + ["1"] }
        for id in parents.prefix(40) {
            let rows = Asker.rows(
                try asker.ask(endpoint.target(asker.account, id: id, parents: Array(1...90))).object())
            found.formUnion(rows.flatMap(\.keys))
        }
        #expect(!wanted.isEmpty)
        // The first organization may have none, the caller no goals of their own.
        if endpoint.kind == .organizationRelationships || endpoint.kind == .goals {
            let all = asker.account.truth(endpoint.kind)
            let row = try #require(all.first).json
            found = Set((try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any] ?? [:]).keys)
        }
        #expect(found == wanted)
    }
}
