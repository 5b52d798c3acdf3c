import Foundation
import Planning
import Testing

@testable import Commands

/// Every way to the token, and every way in which it fails: exit code 77, and never a word of the secret.
struct TokenReaderTests {
    private let secret = "0123456789abcdef0123456789abcdef01234567"

    private func refusal(_ source: Job.TokenSource, _ environment: [String: String] = [:]) -> String {
        let stop = #expect(throws: Stop.self) { try TokenReader.read(source, environment: environment) }
        #expect(stop?.code == .tokenRefused)
        #expect(stop?.description.contains("s3cret") != true)
        return stop?.description ?? ""
    }

    @Test func fromTheEnvironment() throws {
        let source = Job.TokenSource.environment(variable: "T")
        #expect(try TokenReader.read(source, environment: ["T": " \(secret)\n"]) == secret)
        #expect(refusal(source).contains("T, which should hold the API token, is not set"))
        #expect(refusal(source, ["T": " \n"]).contains("is empty"))
        #expect(refusal(source, ["T": "s3cret\nX-Other: 1"]).contains("no API token has"))
        #expect(refusal(source, ["T": "s3cret\u{E9}"]).contains("no API token has"))
        #expect(refusal(source, ["T": "s3cret s3cret"]).contains("no API token has"))
        #expect(refusal(source, ["T": String(repeating: "s3cret", count: 1000)]).contains("no API token has"))
    }

    @Test func fromAFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\(secret)\r\n", to: "token")
        #expect(try TokenReader.read(.file(path: path), environment: [:]) == secret)
        let read = try folder.write(secret, to: "read-only", mode: 0o400)
        #expect(try TokenReader.read(.file(path: read), environment: [:]) == secret)
        #expect(refusal(.file(path: "\(folder.path)/missing")).contains("is not there"))
        #expect(refusal(.file(path: try folder.write(" ", to: "empty"))).contains("is empty"))
        #expect(refusal(.file(path: try folder.write("s3cret\u{0}", to: "zero"))).contains("no API token has"))
        let large = try folder.write(String(repeating: "s3cret", count: 1000), to: "large")
        #expect(refusal(.file(path: large)).contains("larger than 4 KiB"))
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o610, 0o601])
    func fromAFileOpenToOthers(mode: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("s3cret", to: "token", mode: mode)
        #expect(refusal(.file(path: path)).contains("is open to other users; run chmod 600 on it"))
    }

    /// To root every file is open, and then there is nothing to tell.
    @Test(.enabled(if: geteuid() != 0)) func fromAFileThatMayNotBeOpened() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(secret, to: "token", mode: 0o000)
        #expect(refusal(.file(path: path)).contains("cannot be opened: permission denied; make it belong to"))
    }

    @Test func fromWhatIsNoFile() throws {
        let folder = try TemporaryFolder()
        #expect(refusal(.file(path: folder.path)).contains("is no ordinary file"))
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(refusal(.file(path: pipe)).contains("is no ordinary file"))
    }

    /// What counts is the file at the end of the link.
    @Test func throughALink() throws {
        let folder = try TemporaryFolder()
        for (mode, name) in [(0o600, "closed"), (0o644, "open")] {
            let path = try folder.write(secret, to: name, mode: mode)
            try FileManager.default.createSymbolicLink(atPath: "\(path)-link", withDestinationPath: path)
        }
        #expect(try TokenReader.read(.file(path: "\(folder.path)/closed-link"), environment: [:]) == secret)
        #expect(refusal(.file(path: "\(folder.path)/open-link")).contains("is open to other users"))
    }

    /// Only the superuser can give a file away.
    @Test(.enabled(if: geteuid() == 0)) func fromAFileOfSomebodyElse() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("s3cret", to: "token", mode: 0o600)
        #expect(chown(path, 12_345, 12_345) == 0)
        #expect(refusal(.file(path: path)).contains("belongs to another user"))
    }

    @Test func fromACommand() throws {
        let environment = ["PATH": "/usr/bin:/bin", "T": secret]
        let token = { (words: [String]) in try TokenReader.read(.command(words), environment: environment) }
        #expect(try token(["printenv", "T"]) == secret)
        #expect(try token(["/bin/sh", "-c", "echo noise >&2; echo \"$T\""]) == secret)
        #expect(try token(["sh", "-c", "cat; printf abc"]) == "abc")
    }

    @Test func fromACommandThatFails() {
        let path = ["PATH": "/usr/bin:/bin"]
        #expect(refusal(.command(["sh", "-c", "echo s3cret; echo s3cret >&2; exit 3"]), path).contains("status 3"))
        #expect(refusal(.command(["sh", "-c", "kill -9 $$"]), path).contains("by signal 9"))
        #expect(refusal(.command(["true"]), path).contains("is empty"))
        #expect(refusal(.command(["no-such-program"]), path).contains("is not in PATH"))
        #expect(refusal(.command(["/no/such/program"]), path).contains("cannot be started"))
        #expect(refusal(.command(["sh", "-c", "yes s3cret"]), path).contains("wrote more than a token"))
    }

    @Test(arguments: ["sleep 30 & sleep 30", "exec >&-; sleep 30"])
    func fromACommandThatHangs(script: String) {
        let command = TokenCommand(
            words: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], patience: .milliseconds(200))
        let stop = #expect(throws: Stop.self) { try command.output() }
        #expect(stop?.reason.contains("did not end within") == true)
    }

    @Test func fromACommandThatLeavesAnAgentBehind() throws {
        let words = ["sh", "-c", "sleep 30 & echo abc"]
        #expect(try TokenReader.read(.command(words), environment: ["PATH": "/usr/bin:/bin"]) == "abc")
    }
}
