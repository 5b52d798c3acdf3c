import Foundation
import Planning
import Simulator
import Storage
import TestSupport
import Testing

/// `load` with a client that takes everything. Not every engine asks for the CRC of a file, so none is handed a damaged
/// one.
@Suite struct LoadingDamageTests {
    @Test func aDamagedFileIsNotLoaded() async throws {
        let folder = try TemporaryFolder()
        let company = try await ServedCompany(AccountOptions(size: AccountSize(deals: 30)))
        let job = folder.path + "/job.yaml"
        let text = """
            account: acme
            api: {base_url: "\(company.address)", token: {env: PIPESNAP_TEST_TOKEN}}
            budget: {daily_tokens: 1000}
            streams: [stages]
            output: {directory: output}

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: job))
        let handed = folder.path + "/handed"
        let client = folder.path + "/duckdb"
        try Data("#!/bin/sh\nexec /bin/cat >> \(handed)\n".utf8).write(to: URL(fileURLWithPath: client))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: client)
        let environment = ["PIPESNAP_TEST_TOKEN": AccountOptions.defaultToken, "PATH": folder.path]
        #expect(try await RealProgram.said(["run", job], environment).code == 0)
        await company.close()

        let index = try Index(reading: folder.path + "/output/index/acme.sqlite")
        let file = try #require(try index.files(after: nil, stream: nil).first)
        let path = folder.path + "/output/" + file.path
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let arguments = ["load", job, "--into", "duckdb:\(folder.path)/lake"]
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
