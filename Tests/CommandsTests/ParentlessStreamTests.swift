import Testing

/// A job of children alone is told of before a run fails at it.
@Suite struct ParentlessStreamTests {
    @Test(arguments: ["check", "plan"])
    func itIsSaid(command: String) async throws {
        let folder = try TemporaryFolder()
        // Nobody listens there.
        let text = smallestJobFile.replacing("https://acme.pipedrive.com", with: "http://127.0.0.1:1")
            .replacing("[core]", with: "[deal_followers]")
        let job = try folder.write(text, to: "jobs/job.yaml")
        let said = try await RealProgram.said([command, job], ["PIPEDRIVE_API_TOKEN": "0123456789"])
        #expect(said.code == 78, "\(said)")
        #expect(said.errors.contains("deal_followers (no job of this account pulls deals, for which it is read"))
        #expect(!said.errors.contains("to go on"))
    }
}
