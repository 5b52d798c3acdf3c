import ArgumentParser
import Foundation
import Simulator

@main
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipesnap-simulator",
        abstract: "A local imitation of the Pipedrive API with its token budget.",
        discussion: """
            Prints its address on stdout when it listens and runs until SIGTERM or SIGINT. Outside the API it answers \
            POST /simulator/advance?seconds=N, visible-share?percent=P, unavailable?lists=NAME,NAME, \
            changes-per-request?count=N, consent?given=no, end-access and end-logins, and GET /simulator/clock and \
            /simulator/stats.
            Its OAuth server is at the same address: /oauth/authorize and /oauth/token.
            Kinds of misbehaviour: \(Misbehaviour.Kind.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Option(help: "The port on 127.0.0.1; 0 is any free one.") var port = 0
    @Option(help: "The same seed gives the same account.") var seed: UInt64 = 1
    @Option(help: "How many deals; the other lists in proportion.") var deals = 2000
    @Option(help: "The token that is accepted.") var token = AccountOptions.defaultToken
    @Option(help: "Tokens of the company a day.") var dailyBudget = 30_000
    @Option(help: "When the company's tokens are renewed, HH:MM in UTC.") var budgetRenewsAt = "00:00"
    @Option(help: "Tokens that other integrations use up an hour.") var otherTraffic = 0
    @Option(help: "Requests in any two seconds.") var burst = 40
    @Option(help: "Milliseconds before each answer.") var latencyMs: Int64 = 0
    @Flag(help: "Leave out the x-daily-ratelimit headers.") var noDailyHeaders = false
    @Flag(help: "Leave out the x-ratelimit headers.") var noBurstHeaders = false
    @Option(help: "KIND=PROBABILITY or KIND@REQUEST,REQUEST; may be repeated.") var misbehave: [String] = []
    @Option(help: "Seconds that a 5xx answer names in Retry-After.") var retryAfter: Int?
    @Option(help: "Where its clock starts, such as 2026-11-23T02:00:00Z; now by default.") var start: String?
    @Option(help: "Whether records change as the clock moves.") var life = Switch.on
    @Option(help: "So many changes of a list before each answer to a request for it.") var changesPerRequest = 0
    @Option(help: "So many records of each list were edited in one same second.") var cluster = 1200
    @Option(help: "Records in a hundred that have no update time.") var nullTimes = 0.0
    @Option(help: "Records in a hundred that the token may see.") var visibleShare = 100.0
    @Option(help: "Lists that answer 403: NAME,NAME or NAME=STATUS with 402, 403 or 404.") var unavailable = ""
    @Option(help: "PATH=DATE: headers that say the path ends then; may be repeated.") var deprecate: [String] = []
    @Option(help: "PATH=NAME: a member that records there have besides; may be repeated.") var addMember: [String] = []
    @Option(help: "PATH=NAME: a member that records there lack; may be repeated.") var dropMember: [String] = []
    @Option(help: "PATH=NAME: a member beside data there; may be repeated.") var envelopeMember: [String] = []

    @Option(help: "The client id of the app that may ask with access tokens.") var clientID = OAuthApp.defaultClientID
    @Option(help: "The client secret of that app.") var clientSecret = OAuthApp.defaultSecret
    @Option(help: "Its callback URL.") var callback = OAuthApp.defaultCallback
    @Option(help: "Whether its user allows it.") var consent = Switch.on
    @Option(help: "What it may read: SCOPE,SCOPE; everything by default.") var scopes: String?
    @Option(help: "Seconds that an access token lives.") var accessSeconds: Int64 = 3600
    @Option(help: "The company's address as the OAuth server tells it; this server's by default.") var apiDomain:
        String?
    @Flag(help: "Each renewal gives a new refresh token; the old one ends when the new one is used.")
    var rotateRefreshTokens = false

    @Flag(help: "Custom fields with names chosen to break what is careless with them.") var hostileNames = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port \(port): no such port") }
        guard (0...100).contains(visibleShare), (0...100).contains(nullTimes) else {
            throw ValidationError("--visible-share and --null-times are percentages")
        }
        guard changesPerRequest >= 0, cluster >= 0, deals >= 0, dailyBudget >= 0, otherTraffic >= 0, burst >= 0,
            latencyMs >= 0, retryAfter ?? 0 >= 0, accessSeconds >= 0
        else {
            throw ValidationError("numbers must not be negative")
        }
    }

    func run() async throws {
        let clock = MovableClock(startMilliseconds: try startMilliseconds())
        let socket = SimulatorSocket(SimulatedAccount(options: try options(clock.nowMilliseconds)), clock: clock)
        try await socket.run(port: port) { address in
            print(address)
            fflush(nil)
        }
    }

    private func options(_ now: Int64) throws -> AccountOptions {
        var options = AccountOptions(seed: seed, size: AccountSize(deals: deals))
        options.startMilliseconds = now
        options.size.cluster = cluster
        if life == .on { options.life = .company(deals: deals) }
        options.token = token
        options.app = app()
        options.dailyBudgetTokens = dailyBudget
        options.budgetRenewsAtSeconds = try renewalSeconds()
        options.otherTrafficTokensPerHour = otherTraffic
        options.burstRequests = burst
        options.latencyMilliseconds = latencyMs
        options.sendsDailyHeaders = !noDailyHeaders
        options.sendsBurstHeaders = !noBurstHeaders
        options.retryAfterSeconds = retryAfter
        options.keepsRequestLog = false
        options.changesPerRequest = changesPerRequest
        options.nullTimeShare = nullTimes / 100
        options.hasHostileNames = hostileNames
        options.visibleShare = visibleShare / 100
        options.unavailable = try unavailable.split(separator: ",").map { text in
            guard let found = UnavailableList(text: String(text)) else {
                throw ValidationError("--unavailable \(text): expected NAME or NAME=402, 403 or 404")
            }
            return found
        }
        options.apiChanges = try apiChanges()
        options.misbehaviours = try misbehave.map { text in
            guard let found = Misbehaviour(text: text) else {
                throw ValidationError("--misbehave \(text): not understood")
            }
            return found
        }
        return options
    }

    private func app() -> OAuthApp {
        var app = OAuthApp()
        (app.clientID, app.clientSecret, app.callback) = (clientID, clientSecret, callback)
        (app.isAllowed, app.rotatesRefreshTokens) = (consent == .on, rotateRefreshTokens)
        (app.accessSeconds, app.apiDomain) = (accessSeconds, apiDomain)
        if let scopes { app.scopes = Set(scopes.split(separator: ",").map(String.init)) }
        return app
    }

    private func apiChanges() throws -> [APIChange] {
        func read(_ option: String, _ texts: [String], _ kind: (String) -> APIChange.Kind?) throws -> [APIChange] {
            try texts.map { text in
                guard let change = APIChange(text: text, kind) else {
                    throw ValidationError("--\(option) \(text): not understood")
                }
                return change
            }
        }
        return try read("deprecate", deprecate) { text in
            let time = AccountOptions.milliseconds(text) ?? AccountOptions.milliseconds(text + "T00:00:00Z")
            return time.map { .deprecated(sunsetMilliseconds: $0) }
        } + read("add-member", addMember) { $0.isEmpty ? nil : .addedMember($0) }
            + read("drop-member", dropMember) { $0.isEmpty ? nil : .missingMember($0) }
            + read("envelope-member", envelopeMember) { $0.isEmpty ? nil : .envelopeMember($0) }
    }

    private func renewalSeconds() throws -> Int64 {
        guard let time = AccountOptions.milliseconds("1970-01-01T\(budgetRenewsAt):00Z") else {
            throw ValidationError("--budget-renews-at \(budgetRenewsAt): expected a time of day such as 02:00")
        }
        return time / 1000
    }

    private func startMilliseconds() throws -> Int64? {
        guard let start else { return nil }
        guard let milliseconds = AccountOptions.milliseconds(start) else {
            throw ValidationError("--start \(start): expected a time such as 2026-11-23T02:00:00Z")
        }
        return milliseconds
    }
}
