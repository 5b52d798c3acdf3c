import ArgumentParser
import Foundation
import Pipedrive
import Planning

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in through OAuth: prints an address to open, and keeps the refresh token.",
        discussion: """
            Open the address in a browser and allow the app. When the browser runs on this machine, that is all. On \
            another, copy the address at which it ended (it need not show anything) and paste it here, or give it, or \
            the code in it, to --code. No token is printed.

            """
                + ExitCodeHelp.lines([
                    .complete, .wrongArguments, .serverRefuses, .tokenRefused, .wrongJobFile, .hungUp, .interrupted,
                    .terminated,
                ]))

    @Argument(help: "The job file; it has api.oauth.")
    var job: String

    @Option(help: "The code, or the address at which the browser ended; nothing is waited for.")
    var code: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let world = World()
        let job = try world.job(job)
        guard case .oauth(let oauth) = job.access else {
            throw Stop(
                .wrongJobFile, "\(self.job) has no api.oauth; its API token needs no login",
                hint: "write api.oauth in place of api.token to log in through OAuth")
        }
        let login = Login(world: world, job: job, oauth: oauth)
        let done = try await login.run(code: code)
        try Console.output(common.json ? JSONText.pretty(done) : done.text)
    }
}

/// What a login led to; never a token.
struct LoginReport: Encodable {
    var company: String
    var refreshTokenFile: String
    var endsAt: String

    var text: String {
        "logged in to \(company); the refresh token is kept in \(refreshTokenFile) and lives until \(endsAt), "
            + "or longer as each run renews it"
    }
}

/// The authorization-code flow.
struct Login {
    let world: World
    let job: Job
    let oauth: Job.OAuth

    func run(code: String?) async throws -> LoginReport {
        try await world.withNetwork(for: job) { transport in
            let server = try world.server(of: oauth, transport)
            let code = try code.map(Self.code) ?? waitForCode(server)
            let file = world.refreshTokenFile(of: oauth)
            return try await file.replacing {
                let grant = try await exchange(code, server)
                let company = try CompanyAddress.choose(told: grant.apiDomain, configured: job.baseURL)
                let report = LoginReport(
                    company: company, refreshTokenFile: file.path, endsAt: grant.endsAt?.description ?? "")
                return (grant, report)
            }
        }
    }

    private func exchange(_ code: String, _ server: OAuthServer) async throws -> StoredGrant {
        do {
            var grant = try await server.exchange(code: code, redirect: oauth.redirect).grant
            (grant.refreshedAt, grant.loggedInAt) = (world.now, world.now)
            return grant
        } catch let failure as RenewalFailure {
            throw Stop(
                .serverRefuses, "the OAuth server \(oauth.server) does not answer (\(failure.reason))",
                hint: "try again later")
        }
    }

    private func waitForCode(_ server: OAuthServer) throws -> String {
        let state = Self.freshState()
        let listener = RedirectListener(redirect: oauth.redirect, state: state)
        try listener?.open()
        defer { listener?.close() }
        let clientID = server.clientID
        let url = OAuthServer.consentURL(
            address: oauth.server, clientID: clientID, redirect: oauth.redirect, state: state)
        Console.error("Open this address in a browser and allow the app:\n\n  \(url)\n")
        Console.error(
            listener == nil
                ? "Then paste the address at which the browser ended:"
                : "Waiting for the browser. If it runs on another machine, paste the address at which it ended:")
        return try RedirectWait(listener: listener, state: state).code()
    }

    /// More than 120 bits that nobody can guess.
    private static func freshState() -> String {
        (0..<4).map { _ in String(UInt32.random(in: 0...UInt32.max) | 0x8000_0000, radix: 16) }.joined()
    }

    /// What stands after `--code`: the person has looked at it, so there is no state to compare.
    private static func code(_ given: String) throws -> String {
        guard let redirected = RedirectAnswer(target: given) else { return given }
        return try redirected.checkedCode(state: nil)
    }
}
