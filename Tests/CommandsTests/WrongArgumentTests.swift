import Foundation
import TestSupport
import Testing

@Suite("Wrong arguments")
struct WrongArgumentTests {
    @Test(
        "Each gets one sentence and 64",
        arguments: [
            (
                ["run", "--max-tokens", "x", "j"],
                "the value 'x' is invalid for '--max-tokens <n>'; pipesnap run --help"
            ),
            (["run"], "missing expected argument '<job>'; pipesnap run --help explains it."),
            (["rnu"], "there is no command rnu; perhaps run was meant."),
            (["wholly", "else"], "there is no command wholly; pipesnap --help lists them."),
            (["--nosuch"], "unknown option '--nosuch'; pipesnap --help explains it."),
            (["plan", "j", "x"], "unexpected argument 'x'; pipesnap plan --help explains it."),
            (["schema", "j", "--dialect", "foo"], "'--dialect <dialect>'; it is one of duckdb, clickhouse, postgres,"),
            (["show", "j", "deals"], "missing expected argument '<id>'; pipesnap show --help explains it."),
        ] as [([String], String)])
    func oneSentence(words: [String], sentence: String) async throws {
        let said = try await RealProgram.said(words)
        #expect(said.code == 64 && said.errors.hasPrefix("pipesnap: ") && said.errors.hasSuffix(".\n"), "\(said)")
        #expect(said.errors.contains(sentence) && said.errors.split(separator: "\n").count == 1, "\(said)")
    }

    @Test("Where log lines are JSON, so is this", arguments: [["--log-format", "json"], ["--log-format=json"]])
    func asJSON(format: [String]) async throws {
        let said = try await RealProgram.said(["run", "j", "--nosuch"] + format)
        let line = try JSONSerialization.jsonObject(with: Data(said.errors.utf8)) as? [String: Any]
        #expect(said.code == 64 && (line?["message"] as? String)?.contains("--nosuch") == true, "\(said)")
    }
}
