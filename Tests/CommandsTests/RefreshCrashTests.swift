import Foundation
import Pipedrive
import Planning
import Platform
import Simulator
import TestSupport
import Testing

@testable import Commands

/// A renewal that is broken off at each of its effects and at its request, against a server that gives a new refresh
/// token each time. Whatever is left, the next renewal goes through. A server that ends the old token before anybody
/// has used the new one would lose logins whatever we do; that, nothing here can show.
@Suite struct RefreshCrashTests {
    enum Ending: Sendable, CaseIterable {
        case clean, unheard, torn
        /// Dead, and of what was not flushed a part is gone.
        case powerCut, bytesLost, namesLost
    }

    /// Breaks the connection instead of a request, or after the server has dealt with it.
    private struct DyingWire: HTTPTransport {
        let wire: SimulatorTransport
        let isHeard: Bool

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            if isHeard { _ = try await wire.send(request) }
            throw TransportFailure.broken("killed")
        }

        func reach(_ url: String) async throws {}
    }

    private struct Login {
        let folder: TemporaryFolder
        let clock = ManualClock(milliseconds: AccountOptions.defaultStartMilliseconds)
        let wire: SimulatorTransport

        init() async throws {
            folder = try TemporaryFolder()
            var options = AccountOptions(size: AccountSize(deals: 4))
            options.app.rotatesRefreshTokens = true
            wire = SimulatorTransport(SimulatedAccount(options: options), clock: clock)
            let redirect = OAuthApp.defaultCallback
            let page = OAuthServer.consentURL(
                address: "", clientID: OAuthApp.defaultClientID, redirect: redirect, state: "s")
            let place = wire.answer(SimulatedRequest(target: page)).header("location") ?? ""
            let code = try RedirectAnswer(target: place)?.checkedCode(state: "s") ?? ""
            var grant = try await server(wire).exchange(code: code, redirect: redirect).grant
            grant.refreshedAt = Instant(milliseconds: clock.nowMilliseconds)
            try await file(LocalDisk()).replacing { [grant] in (grant, ()) }
        }

        func server(_ transport: any HTTPTransport) -> OAuthServer {
            OAuthServer(
                address: "http://127.0.0.1:8931",
                client: OAuthClient(id: OAuthApp.defaultClientID, secret: OAuthApp.defaultSecret), transport: transport)
        }

        func file(_ disk: any FileSystem) -> RefreshTokenFile {
            RefreshTokenFile(path: "\(folder.path)/acme.refresh", disk: disk, clock: clock)
        }

        /// A run begins: a new access token, and one question with it.
        func begin(_ disk: any FileSystem, _ transport: (any HTTPTransport)? = nil) async throws {
            let access = OAuthAccess(
                server: server(transport ?? wire), keeper: file(disk), baseURL: "http://127.0.0.1:8080", clock: clock)
            _ = try await access.prepare()
            let client = PipedriveClient(
                baseURL: "http://127.0.0.1:8080", credentials: access, transport: wire, clock: clock)
            let answer = try await client.me()
            #expect((try? answer.outcome.get()) != nil, "\(answer.outcome)")
        }

        /// Two nights later all is as if nothing had been: twice, since a renewal also ends what came before it.
        func goesOn(_ comment: String) async throws {
            for _ in 0..<2 { try await begin(LocalDisk()) }
            #expect(try LocalDisk().list(folder.path) == ["acme.refresh", "acme.refresh.lock"], "\(comment)")
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/acme.refresh")
            #expect(mode[.posixPermissions] as? Int == 0o600, "\(comment)")
        }
    }

    @Test(arguments: Ending.allCases) func aKillAtAnyEffectLosesNoLogin(ending: Ending) async throws {
        var effect = 1
        while true {
            let login = try await Login()
            let forgetful = ForgetfulDisk(LocalDisk())
            let death: DyingDisk.Death = ending == .torn ? .torn : ending == .unheard ? .unheard : .clean
            let disk = DyingDisk(forgetful, diesAt: effect, death)
            let isDone = (try? await login.begin(disk)) != nil
            switch ending {
            case .clean, .unheard, .torn: break
            case .powerCut: try forgetful.losePower(.everything)
            case .bytesLost: try forgetful.losePower(.bytes)
            case .namesLost: try forgetful.losePower(.names)
            }
            // The next run is broken off at the same place, and only then one gets through.
            if !isDone { try? await login.begin(DyingDisk(LocalDisk(), diesAt: effect, death)) }
            try await login.goesOn("\(ending) at effect \(effect)")
            if isDone { break }
            effect += 1
        }
        #expect(effect > 8)
    }

    @Test(arguments: [false, true]) func aLostAnswerLosesNoLogin(isHeard: Bool) async throws {
        let login = try await Login()
        await #expect(throws: RenewalFailure.self) {
            try await login.begin(LocalDisk(), DyingWire(wire: login.wire, isHeard: isHeard))
        }
        try await login.goesOn("the answer was lost")
    }

    /// The disk is full at one effect, and there is room again the night after.
    @Test func aFullDiskLosesNoLogin() async throws {
        for effect in 0..<12 {
            let login = try await Login()
            do { try await login.begin(FailingDisk(LocalDisk(), .noSpace, at: effect)) } catch let stop as Stop {
                #expect(stop.code == .cannotWriteOutput, "\(stop)")
            }
            try await login.goesOn("full at effect \(effect)")
        }
    }

    /// By hand, as the manual says, after the server has refused the one that was kept.
    @Test func aTokenPutThereByHandIsTakenAfterARefusal() async throws {
        let login = try await Login()
        login.wire.withAccount { $0.endLogins() }
        let stop = await #expect(throws: Stop.self) { try await login.begin(LocalDisk()) }
        #expect(stop?.code == .tokenRefused)
        _ = try login.folder.write("by-hand", to: "acme.refresh")
        #expect(try login.file(LocalDisk()).read() == StoredGrant(refreshToken: "by-hand"))
    }
}
