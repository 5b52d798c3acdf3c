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
            POST /simulator/advance?seconds=N, GET /simulator/clock and GET /simulator/stats.
            Kinds of misbehaviour: \(Misbehaviour.Kind.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Option(help: "The port on 127.0.0.1; 0 is any free one.") var port = 0
    @Option(help: "The same seed gives the same account.") var seed: UInt64 = 1
    @Option(help: "How many deals; the other lists in proportion.") var deals = 2000
    @Option(help: "The token that is accepted.") var token = AccountOptions.defaultToken
    @Option(help: "Tokens of the company a day.") var dailyBudget = 30_000
    @Option(help: "Tokens that other integrations use up an hour.") var otherTraffic = 0
    @Option(help: "Requests in any two seconds.") var burst = 40
    @Option(help: "Milliseconds before each answer.") var latencyMs: Int64 = 0
    @Flag(help: "Leave out the x-daily-ratelimit headers.") var noDailyHeaders = false
    @Flag(help: "Leave out the x-ratelimit headers.") var noBurstHeaders = false
    @Option(help: "KIND=PROBABILITY or KIND@REQUEST,REQUEST; may be repeated.") var misbehave: [String] = []
    @Option(help: "Where its clock starts, such as 2026-11-23T02:00:00Z; now by default.") var start: String?
    @Option(help: "Whether records change as the clock moves.") var life = Switch.on

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port \(port): no such port") }
        guard deals >= 0, dailyBudget >= 0, otherTraffic >= 0, burst >= 0, latencyMs >= 0 else {
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
        if life == .on { options.life = .office(deals: deals) }
        options.token = token
        options.dailyBudgetTokens = dailyBudget
        options.otherTrafficTokensPerHour = otherTraffic
        options.burstRequests = burst
        options.latencyMilliseconds = latencyMs
        options.sendsDailyHeaders = !noDailyHeaders
        options.sendsBurstHeaders = !noBurstHeaders
        options.keepsRequestLog = false
        options.misbehaviours = try misbehave.map { text in
            guard let found = Misbehaviour(text: text) else {
                throw ValidationError("--misbehave \(text): not understood")
            }
            return found
        }
        return options
    }

    private func startMilliseconds() throws -> Int64? {
        guard let start else { return nil }
        guard let milliseconds = AccountOptions.milliseconds(start) else {
            throw ValidationError("--start \(start): expected a time such as 2026-11-23T02:00:00Z")
        }
        return milliseconds
    }
}
