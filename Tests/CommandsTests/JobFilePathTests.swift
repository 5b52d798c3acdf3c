import Foundation
import TestSupport
import Testing

@testable import Commands

/// The job file as a file: where it is, and what lies next to it.
struct JobFilePathTests {
    @Test func relativePathsStartAtTheFileItself() throws {
        let folder = try TemporaryFolder()
        let text = smallestJobFile.replacing("{env: PIPEDRIVE_API_TOKEN}", with: "{file: token}")
        let path = try folder.write(text, to: "etc/jobs/nightly.yaml")
        let job = try JobFile.read(path: path, environment: [:])
        #expect(job.output.directory == "\(folder.path)/etc/output")
        #expect(job.access == .token(.file(path: "\(folder.path)/etc/jobs/token")))
    }

    @Test func aLinkToTheFolderMeansTheFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write(smallestJobFile, to: "opt/acme/jobs/nightly.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link", withDestinationPath: "\(folder.path)/opt/acme/jobs")
        let job = try JobFile.read(path: "\(folder.path)/link/nightly.yaml", environment: [:])
        #expect(job.output.directory == "\(folder.path)/opt/acme/output")
    }

    @Test func authoritiesLieNextToIt() throws {
        let folder = try TemporaryFolder()
        let text = smallestJobFile.replacing("  token:", with: "  ca_file: ../ca.pem\n  token:")
        let path = try folder.write(text, to: "jobs/nightly.yaml")
        let told = {
            (try #require(throws: JobFileErrors.self) { try JobFile.read(path: path, environment: [:]) }).lines
        }
        let place = "\(path):4: api.ca_file: "
        #expect(try told() == ["\(place)\(folder.path)/ca.pem cannot be read: there is no such file"])
        let broken = String(TestCertificates.authority.dropLast(40))
        for content in ["", "no certificate", TestCertificates.serverKey, broken] {
            try folder.write(content, to: "ca.pem")
            #expect(try told() == ["\(place)must be a PEM file of certificates; \(folder.path)/ca.pem is none"])
        }
        try folder.write(TestCertificates.authority, to: "ca.pem")
        #expect(try JobFile.read(path: path, environment: [:]).authorityFile == "\(folder.path)/ca.pem")
    }

    @Test func filesThatCannotBeRead() throws {
        let folder = try TemporaryFolder()
        let told = { (path: String) in
            let error = #expect(throws: JobFileErrors.self) { try JobFile.read(path: path, environment: [:]) }
            #expect(error?.stop.code == .wrongJobFile)
            return error?.lines ?? []
        }
        let missing = "\(folder.path)/missing.yaml"
        #expect(told(missing) == ["\(missing): cannot be read: there is no such file"])
        #expect(told(folder.path) == ["\(folder.path): cannot be read: it is a folder"])
        #expect(told("/dev/null") == ["/dev/null: cannot be read: it is not an ordinary file"])
        #expect(told("") == [": cannot be read: there is no such file"])
        let large = try folder.write(String(repeating: "#", count: 300_000), to: "large.yaml")
        #expect(told(large) == ["\(large): cannot be read: it is larger than 256 KiB"])
    }

    @Test func mistakesNameTheFileAsItWasGiven() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("account: acme\n", to: "a.yaml")
        let odd = path.replacing("/a.yaml", with: "/./a.yaml")
        let error = #expect(throws: JobFileErrors.self) { try JobFile.read(path: odd, environment: [:]) }
        #expect(error?.lines.allSatisfy { $0.hasPrefix("\(odd):1: ") } == true)
    }

    @Test(arguments: [("/a/../..", "/"), ("/a//b/./c/", "/a/b/c"), ("/..", "/"), ("/a/b/../c", "/a/c")])
    func normalised(path: String, expected: String) {
        #expect(FilePath.normalised(path) == expected)
    }
}
