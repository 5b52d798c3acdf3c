import Foundation
import Planning
import Simulator
import Storage
import TestSupport
import Testing

/// `load` with a client that takes everything. Not every engine asks for the CRC of a file, so none is handed a damaged
/// one; and none is handed lines whose numbers those of another origin have there.
@Suite struct LoadingDamageTests {
    private struct Pulled {
        let folder: TemporaryFolder
        let handed: String
        let environment: [String: String]
        var job: String { folder.path + "/job.yaml" }
        var arguments: [String] { ["load", job, "--into", "duckdb:\(folder.path)/lake"] }
    }

    /// A lake of one run, and a client that keeps what it is handed.
    private func pulled() async throws -> Pulled {
        let folder = try TemporaryFolder()
        let company = try await ServedCompany(AccountOptions(size: AccountSize(deals: 30)))
        let text = """
            account: acme
            api: {base_url: "\(company.address)", token: {env: PIPESNAP_TEST_TOKEN}}
            budget: {daily_tokens: 1000}
            streams: [stages]
            output: {directory: output}

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/job.yaml"))
        let handed = folder.path + "/handed"
        let client = folder.path + "/duckdb"
        try Data("#!/bin/sh\nexec /bin/cat >> \(handed)\n".utf8).write(to: URL(fileURLWithPath: client))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: client)
        let environment = ["PIPESNAP_TEST_TOKEN": AccountOptions.defaultToken, "PATH": folder.path]
        let lake = Pulled(folder: folder, handed: handed, environment: environment)
        #expect(try await RealProgram.said(["run", lake.job], environment).code == 0)
        await company.close()
        return lake
    }

    /// Numbers of lines are given within an output folder: what has another origin would hide ours.
    @Test(arguments: [("other", ExitCode.wrongArguments), ("acme", .badData)])
    func linesOfAnotherOriginAreNotMixedWithOurs(account: String, code: ExitCode) async throws {
        let lake = try await pulled()
        // The second question is for the runs.
        let script =
            "#!/bin/sh\nread first\n/bin/cat >> \(lake.handed)\n"
            + "case \"$first\" in BEGIN*) echo \(account) ;; *) echo 20010101T000000Z ;; esac\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: lake.folder.path + "/duckdb"))
        let said = try await RealProgram.said(lake.arguments, lake.environment)
        #expect(said.code == code.rawValue && said.errors.contains("--schema"), "\(said)")
        #expect(try !String(contentsOfFile: lake.handed, encoding: .utf8).contains("stages__lines"))
    }

    @Test func whatFailedIsToldAndNotWhatIsThere() async throws {
        let lake = try await pulled()
        let client = lake.folder.path + "/psql"
        let script =
            "#!/bin/sh\n/bin/cat > /dev/null\n"
            + "printf 'NOTICE:  schema exists, skipping\\nERROR:  disk full\\nHINT:  none\\n' >&2\nexit 3\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: client))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: client)
        let said = try await RealProgram.said(["load", lake.job, "--into", "postgres:dbname=x"], lake.environment)
        #expect(said.code == ExitCode.cannotWriteOutput.rawValue)
        #expect(said.errors.contains("disk full") && !said.errors.contains("skipping"), "\(said.errors)")
    }

    @Test func aDamagedFileIsNotLoaded() async throws {
        let lake = try await pulled()
        let (folder, handed, environment, arguments) = (lake.folder, lake.handed, lake.environment, lake.arguments)
        let index = try Index(reading: folder.path + "/output/index/acme.sqlite")
        let file = try #require(try index.files(after: nil, stream: nil).first)
        let path = folder.path + "/output/" + file.path
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for place in [whole.startIndex + 20, whole.endIndex - 6] {
            var damaged = whole
            damaged[place] ^= 1
            try damaged.write(to: URL(fileURLWithPath: path))
            let said = try await RealProgram.said(arguments, environment)
            #expect(said.code == ExitCode.badData.rawValue && said.errors.contains("is not as it was written"))
            #expect(try !String(contentsOfFile: handed, encoding: .utf8).contains(file.path))
        }
        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try await RealProgram.said(arguments, environment).code == 0)
        #expect(try String(contentsOfFile: handed, encoding: .utf8).contains(file.path))
    }
}
