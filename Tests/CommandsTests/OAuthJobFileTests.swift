import Planning
import Testing

@testable import Commands

/// `api.oauth` in a job file: what it may say, and each mistake with its line.
@Suite struct OAuthJobFileTests {
    private static let oauth = """
        oauth:
            client_id: {env: CLIENT_ID}
            client_secret: {file: acme.secret}
            refresh_token_file: acme.refresh
        """

    private func with(_ lines: String) -> String {
        smallestJobFile.replacing("token: {env: PIPEDRIVE_API_TOKEN}", with: lines)
    }

    @Test func hasDefaults() throws {
        let oauth = Job.OAuth(
            clientID: .environment(variable: "CLIENT_ID"), clientSecret: .file(path: "/etc/acme/jobs/acme.secret"),
            refreshTokenFile: "/etc/acme/jobs/acme.refresh", server: "https://oauth.pipedrive.com",
            redirect: "http://127.0.0.1:8931/")
        #expect(try job(with(Self.oauth)).access == .oauth(oauth))
    }

    @Test(arguments: [
        ("server: http://127.0.0.1:9", true), ("server: http://oauth.example", false), ("server: oauth", false),
        ("redirect: https://acme.example/callback", true), ("redirect: http://localhost:1234/x", true),
        ("redirect: http://acme.example/", false), ("redirect: https://acme.example/?a=b", false),
        ("scope: x", false),
    ])
    func addresses(line: String, isAccepted: Bool) {
        let told = complaints(with(Self.oauth + "\n    " + line))
        #expect(told.isEmpty == isAccepted, "\(told)")
        #expect(told.allSatisfy { $0.hasPrefix("job.yaml:8: api.oauth.") }, "\(told)")
    }

    @Test func everyMistakeIsTold() {
        let both = complaints(with("token: {env: T}\n  " + Self.oauth))
        #expect(both == ["job.yaml:6: api.oauth: stands beside api.token; a job has one of the two"])
        let empty = complaints(with("oauth: {client_id: 0123456789abcdef, client_secret: {env: \(secret)}}"))
        #expect(empty.count == 3 && empty.allSatisfy { $0.hasPrefix("job.yaml:4: api.oauth") }, "\(empty)")
        #expect(!empty.joined().contains(secret) && !empty.joined().contains("0123456789abcdef"))
    }

    private let secret = "0123456789abcdef0123456789abcdef01234567"
}
