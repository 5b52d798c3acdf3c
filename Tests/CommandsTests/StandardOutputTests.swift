import Foundation
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
