import Foundation
import Simulator
import Testing

/// What becomes of a command whose words nobody takes.
@Suite struct StandardOutputTests {
    private static let commands = [
        ["--help"], ["run", "--help"], ["streams"], ["streams", "--json"], ["status", "job"],
        ["plan", "job", "--json"],
    ]

    private func arguments(_ words: [String], in folder: TemporaryFolder) throws -> [String] {
        let job = try folder.write(smallestJobFile, to: "jobs/job.yaml")
        return words.map { $0 == "job" ? job : $0 }
    }

    @Test(arguments: commands)
    func aFullDiskIsSaid(words: [String]) async throws {
        let folder = try TemporaryFolder()
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let said = try await RealProgram.said(try arguments(words, in: folder), output: full)
        #expect(said.code == 74 && said.errors.hasPrefix("pipesnap: cannot write to stdout ("), "\(said)")
        #expect(said.errors.split(separator: "\n").count == 1, "\(said)")
    }

    /// A document that is lost tells less than why the command ended.
    @Test(arguments: [("run", 77), ("check", 77)])
    func itsOwnCodeStays(command: String, code: Int32) async throws {
        let folder = try TemporaryFolder()
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        var options = AccountOptions()
        options.token = "another"
        let company = try await ServedCompany(options)
        let text = smallestJobFile.replacing("https://acme.pipedrive.com", with: "\"\(company.address)\"")
        let job = try folder.write(text, to: "jobs/job.yaml")
        let said = try await RealProgram.said(
            [command, job, "--json"], ["PIPEDRIVE_API_TOKEN": "refused"], output: full)
        await company.close()
        #expect(said.code == code && said.errors.contains("cannot write to stdout ("), "\(said)")
        #expect(said.errors.contains("401") && said.errors.split(separator: "\n").count == 2, "\(said)")
    }

    @Test func helpOnNothingIsRefused() async throws {
        for (words, code) in [["help"], ["help", "run"], ["help", "help"]].map({ ($0, 0) }) + [(["help", "rnu"], 64)] {
            let said = try await RealProgram.said(words)
            #expect(said.code == code, "\(words): \(said)")
            #expect(
                code == 0 || said.errors == "pipesnap: there is no command rnu; perhaps run was meant.\n", "\(said)")
        }
    }

    @Test(arguments: commands)
    func aReaderThatHasHadEnoughIsNoFailure(words: [String]) async throws {
        let folder = try TemporaryFolder()
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let said = try await RealProgram.said(
            try arguments(words, in: folder), output: pipe.fileHandleForWriting)
        #expect(said.code == 0 && said.errors.isEmpty, "\(said)")
    }
}
