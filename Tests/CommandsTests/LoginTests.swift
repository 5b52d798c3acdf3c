import Foundation
import Pipedrive
import Planning
import Platform
import Simulator
import TestSupport
import Testing

@testable import Commands

/// `pipesnap login` as a real program, the test in the place of the browser, the simulator in that of Pipedrive.
/// Whether Pipedrive's own page asks for more than a click, it cannot see.
@Suite struct LoginTests {
    private static let secrets = [
        "PIPESNAP_TEST_CLIENT": OAuthApp.defaultClientID, "PIPESNAP_TEST_SECRET": OAuthApp.defaultSecret,
    ]

    /// A job whose redirect is a port that was free a moment ago.
    private struct Visit {
        let folder: TemporaryFolder
        let company: ServedCompany
        let job: String
        let log: String
        private let callback: String

        init(_ change: (inout OAuthApp) -> Void = { _ in }) async throws {
            folder = try TemporaryFolder()
            var options = AccountOptions(size: AccountSize(deals: 20))
            options.app.callback = "http://127.0.0.1:\(try freeLoopbackPort())/back"
            change(&options.app)
            callback = options.app.callback
            company = try await ServedCompany(options)
            (job, log) = ("\(folder.path)/job.yaml", "\(folder.path)/log")
            let text = """
                account: acme
                api:
                  base_url: "\(company.address)"
                  oauth:
                    client_id: {env: PIPESNAP_TEST_CLIENT}
                    client_secret: {env: PIPESNAP_TEST_SECRET}
                    refresh_token_file: acme.refresh
                    server: "\(company.address)"
                    redirect: "\(callback)"
                budget: {daily_tokens: 1000}
                streams: [users]
                output: {directory: output}

                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: job))
        }

        func start(_ words: String...) throws -> Process {
            try RealProgram.start([words[0], job] + words.dropFirst(), LoginTests.secrets, log: log)
        }

        /// What the program has said.
        var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        /// The page that it asks to be opened.
        func page() async throws -> String {
            while true {
                if let line = said.split(separator: "\n").first(where: { $0.hasPrefix("  http") }),
                    said.contains("Waiting")
                {
                    return String(line.dropFirst(2))
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        /// The same, for a person who does without the program's.
        var pageByHand: String {
            let encoded = callback.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let client = OAuthApp.defaultClientID
            return "\(company.address)/oauth/authorize?client_id=\(client)&redirect_uri=\(encoded)&state=x"
        }

        /// Where the page sends the browser.
        func consent(_ page: String) throws -> String {
            let answer = try open(page)
            let line = answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location: ") }
            return String(try #require(line).dropFirst("location: ".count))
        }

        func open(_ url: String) throws -> String {
            let parts = try #require(URLComponents(string: url))
            let target = "\(parts.percentEncodedPath)?\(parts.percentEncodedQuery ?? "")"
            return try loopbackExchange(try #require(UInt16(exactly: parts.port ?? 0)), "GET \(target)")
        }

        var tokenFile: String { "\(folder.path)/acme.refresh" }
    }

    @Test func theBrowserComesBackAndTheRunFollows() async throws {
        let visit = try await Visit { $0.rotatesRefreshTokens = true }
        let login = try visit.start("login")
        let place = try visit.consent(try await visit.page())
        // The answer to somebody else's login is not taken for ours.
        let forged = try #require(URLComponents(string: place)?.queryItems?.first { $0.name == "state" }?.value)
        #expect(try visit.open(place.replacing(forged, with: "forged")).hasPrefix("HTTP/1.1 404"))
        #expect(login.isRunning)
        #expect(try visit.open(place).hasPrefix("HTTP/1.1 200"))
        #expect(try await RealProgram.end(of: login) == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: visit.tokenFile)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let text = try String(contentsOfFile: visit.tokenFile, encoding: .utf8)
        let token = try #require(StoredGrant(fileText: text)?.refreshToken)
        #expect(!visit.said.contains(token) && !visit.said.contains(OAuthApp.defaultSecret))
        #expect(try await RealProgram.end(of: try visit.start("run")) == 0)
        #expect(try await RealProgram.end(of: try visit.start("check")) == 0)
        #expect(try visit.company.counted("oauth") == ["allowed": 1, "exchanged": 1, "renewed": 2])
        await visit.company.close()
    }

    @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
    func aLoginThatWaitsEndsWhenAsked(number: Int32) async throws {
        let visit = try await Visit()
        let login = try visit.start("login")
        _ = try await visit.page()
        #expect(kill(login.processIdentifier, number) == 0)
        #expect(try await RealProgram.end(of: login) == 128 + number)
        #expect(login.terminationReason == .exit)
        #expect(visit.said.contains("the login was interrupted by a signal; run pipesnap login again."))
        await visit.company.close()
    }

    @Test func aUserWhoDeclinesIsToldSo() async throws {
        let visit = try await Visit { $0.isAllowed = false }
        let login = try visit.start("login")
        let answer = try visit.open(try visit.consent(try await visit.page()))
        #expect(answer.contains("not allowed"))
        #expect(try await RealProgram.end(of: login) == ExitCode.tokenRefused.rawValue)
        #expect(visit.said.contains("the app was not allowed") && visit.said.contains("pipesnap login"))
        #expect(!FileManager.default.fileExists(atPath: visit.tokenFile))
        await visit.company.close()
    }

    @Test func aCodeByHandIsGoodOnce() async throws {
        let visit = try await Visit()
        let place = try visit.consent(visit.pageByHand)
        #expect(try await RealProgram.end(of: try visit.start("login", "--code", place)) == 0)
        let kept = try Data(contentsOf: URL(fileURLWithPath: visit.tokenFile))
        let again = try visit.start("login", "--code", place)
        #expect(try await RealProgram.end(of: again) == ExitCode.tokenRefused.rawValue)
        #expect(visit.said.contains("authorization_code is invalid") && visit.said.contains("run pipesnap login again"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: visit.tokenFile)) == kept)
        #expect(try LocalDisk().list(visit.folder.path).count { $0.hasPrefix("acme.refresh") } == 2)
        await visit.company.close()
    }

    @Test func aLoginToAnotherCompanyIsNotKept() async throws {
        let visit = try await Visit { $0.apiDomain = "https://other.pipedrive.com" }
        let login = try visit.start("login", "--code", try visit.consent(visit.pageByHand))
        #expect(try await RealProgram.end(of: login) == ExitCode.tokenRefused.rawValue)
        #expect(visit.said.contains("the login is for https://other.pipedrive.com"))
        #expect(!FileManager.default.fileExists(atPath: visit.tokenFile))
        await visit.company.close()
    }
}
