import Testing

/// `check` as a real program, where nobody listens.
@Suite struct CheckTests {
    @Test func whatNoDayPaysForIsNotWaitedFor() async throws {
        let folder = try TemporaryFolder()
        let text = smallestJobFile.replacing("https://acme.pipedrive.com", with: "http://127.0.0.1:1")
            .replacing("20000", with: "1")
        let job = try folder.write(text, to: "jobs/job.yaml")
        let said = try await RealProgram.said(["check", job], ["PIPEDRIVE_API_TOKEN": "0123456789"])
        #expect(said.code == 75, "\(said)")
        #expect(said.errors.contains("allowance: 0 of 1 tokens are spent today; raise budget.daily_tokens."), "\(said)")
    }
}
