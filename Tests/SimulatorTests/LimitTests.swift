import Foundation
import Simulator
import Testing

@Suite("Tokens, bursts, blocks and headers")
struct LimitTests {
    @Test("Each request is charged its price and the header says what is left")
    func charging() throws {
        var asker = Asker()
        #expect(asker.ask("/api/v2/deals?limit=1").number("x-daily-ratelimit-token-remaining") == 29_990)
        #expect(asker.ask("/api/v2/deals/archived").number("x-daily-ratelimit-token-remaining") == 29_970)
        // A 400 is charged: undocumented, so the reading that costs more.
        #expect(asker.ask("/api/v2/pipelines?foo=1").number("x-daily-ratelimit-token-remaining") == 29_965)
        #expect(asker.account.counters.tokensByDay == ["2026-09-30": 35])
        #expect(asker.account.counters.log.map(\.tokens) == [10, 20, 5])
        #expect(asker.account.counters.requestsByPath["/api/v2/deals"] == 1)
    }

    @Test("The day's tokens end in a 429 with a useless Retry-After, and come back at the renewal")
    func dailyBudget() throws {
        var options = AccountOptions()
        options.dailyBudgetTokens = 25
        options.budgetRenewsAtSeconds = 3600
        var asker = Asker(options)
        #expect([10, 10].map { _ in asker.ask("/api/v2/deals").status } == [200, 200])
        let refused = asker.ask("/api/v2/deals")
        #expect(refused.status == 429)
        #expect(refused.number("x-daily-ratelimit-token-remaining") == 0)
        #expect((refused.number("x-ratelimit-remaining") ?? 0) > 0)
        #expect(refused.header("retry-after") == "3")
        #expect(asker.account.remainingTokens == 5)
        #expect(asker.account.counters.tokensByDay == ["2026-09-29": 20])
        asker.now = Asker.start + 3_600_000
        #expect(asker.ask("/api/v2/deals").status == 200)
        #expect(asker.account.counters.tokensByDay == ["2026-09-29": 20, "2026-09-30": 10])
    }

    @Test("Others draw from the same budget")
    func otherTraffic() {
        var options = AccountOptions()
        options.otherTrafficTokensPerHour = 1000
        var asker = Asker(options)
        asker.now = Asker.start + 2 * 3_600_000 - asker.stepMilliseconds
        #expect(asker.ask("/api/v2/deals").number("x-daily-ratelimit-token-remaining") == 30_000 - 2000 - 10)
        asker.account.drainBudget()
        #expect(asker.ask("/api/v2/deals").status == 429)
    }

    @Test("A burst is refused within two rolling seconds, uncharged")
    func burst() {
        var options = AccountOptions()
        options.burstRequests = 3
        var asker = Asker(options)
        let statuses = (0..<4).map { _ in asker.ask("/v1/leadSources").status }
        #expect(statuses == [200, 200, 200, 429])
        let refused = asker.ask("/v1/leadSources")
        #expect(refused.number("x-ratelimit-remaining") == 0)
        #expect(refused.number("x-ratelimit-reset") == 2)
        #expect(refused.number("x-daily-ratelimit-token-remaining") == 29_994)
        // The first of the three leaves the window two seconds after it came.
        asker.now = Asker.start + 2000
        #expect(asker.ask("/v1/leadSources").status == 200)
        #expect(asker.ask("/v1/leadSources").status == 200)
    }

    @Test("Hammering on brings the 403 page for a quarter of an hour")
    func abuse() {
        var options = AccountOptions()
        options.burstRequests = 1
        options.abuseRequests = 5
        var asker = Asker(options)
        let statuses = (0..<8).map { _ in asker.ask("/v1/leadSources").status }
        #expect(statuses == [200, 429, 429, 429, 429, 429, 429, 403])
        let page = asker.ask("/v1/leadSources")
        #expect(page.text.contains("This error is produced by Cloudflare"))
        #expect(page.header("content-type")?.hasPrefix("text/html") == true)
        #expect(page.header("x-daily-ratelimit-token-remaining") == nil)
        asker.now += 14 * 60_000
        #expect(asker.ask("/v1/leadSources").status == 403)
        asker.now += 60_000
        #expect(asker.ask("/v1/leadSources").status == 200)
    }

    @Test("No token, a wrong token", arguments: [nil, "wrong"])
    func unauthorized(token: String?) throws {
        var asker = Asker()
        let response = asker.ask("/api/v2/deals", token: token)
        #expect(response.status == 401)
        let body =
            #"{"success":false,"error":"unauthorized access","errorCode":401,"#
            + #""error_info":"Please check developers.pipedrive.com"}"#
        #expect(response.text == body)
        #expect(response.header("x-401-by-gw") == "true")
        #expect(asker.account.counters.tokens == 0)
    }

    @Test("Each family of headers can be switched off; the Date is the account's own")
    func headers() {
        var options = AccountOptions()
        options.sendsDailyHeaders = false
        var asker = Asker(options)
        let first = asker.ask("/api/v2/deals")
        #expect(first.header("x-daily-ratelimit-token-limit") == nil)
        #expect(first.number("x-ratelimit-limit") == 40)
        #expect(first.header("date") == "Wed, 30 Sep 2026 00:00:00 GMT")
        #expect(first.header("x-correlation-id")?.count == 36)
        options.sendsDailyHeaders = true
        options.sendsBurstHeaders = false
        options.dateSkewSeconds = 90
        asker = Asker(options)
        let second = asker.ask("/api/v2/deals")
        #expect(second.number("x-daily-ratelimit-token-limit") == 30_000)
        #expect(second.header("x-ratelimit-limit") == nil)
        #expect(second.header("date") == "Wed, 30 Sep 2026 00:01:30 GMT")
    }

    private static let priceList = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/pipedrive/token-costs.tsv").standardizedFileURL.path

    @Test(
        "Prices are the official ones",
        .enabled(
            if: FileManager.default.fileExists(atPath: priceList), "the official price list is not beside the package"))
    func prices() throws {
        let lines = try String(contentsOfFile: LimitTests.priceList, encoding: .utf8).split(separator: "\n")
        var official: [String: Int] = [:]
        for line in lines {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            if cells.count > 3, cells[1] == "GET" { official["\(cells[0])\(cells[2])"] = Int(cells[3]) }
        }
        for endpoint in Endpoint.table {
            #expect(official["v\(endpoint.version)\(endpoint.path)"] == endpoint.priceTokens)
        }
    }
}
