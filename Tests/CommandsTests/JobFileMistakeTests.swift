import Testing

@testable import Commands

/// What is said about a job file that is wrong, word by word: people read these lines at night.
struct JobFileMistakeTests {
    @Test func tenMistakesAtOnce() {
        let text = """
            # ten mistakes
            acount: acme
            api:
              base_url: http://acme.pipedrive.com
              token: 0123456789abcdef0123456789abcdef01234567
            budget:
              daily_token: 20000
              keep_free: 120%
              time_zone: Europe/Berln
            window:
              lag: 120
              sweep: 7 days
            streams: [core, dealz]
            output:
              compression_level: "6"
            concurrency: 99

            """
        #expect(
            complaints(text) == [
                "job.yaml:1: account: is missing; write for example account: acme",
                "job.yaml:2: acount: unknown key; did you mean account?",
                "job.yaml:4: api.base_url: must begin with https://; http:// is for this machine only "
                    + "(127.0.0.1, localhost, [::1])",
                "job.yaml:5: api.token: must say where the token is, not hold it; "
                    + "write {env: NAME}, {file: PATH} or {command: [PROGRAM, …]}",
                "job.yaml:6: budget.daily_tokens: is missing; write for example daily_tokens: 20000",
                "job.yaml:7: budget.daily_token: unknown key; did you mean daily_tokens?",
                "job.yaml:8: budget.keep_free: must be between 0% and 100%",
                "job.yaml:9: budget.time_zone: the text \"Europe/Berln\" is no known time zone; "
                    + "did you mean Europe/Berlin?",
                "job.yaml:11: window.lag: must be a duration such as 120s, 10m, 6h or 7d, not the integer 120",
                "job.yaml:12: window.sweep: must be a duration such as 120s, 10m, 6h or 7d, or 0 for never, "
                    + "not the text \"7 days\"",
                "job.yaml:13: streams: the text \"dealz\" is no stream and no group; did you mean deals?",
                "job.yaml:15: output.compression_level: must be an integer, not the text \"6\"; take the quotes away",
                "job.yaml:16: concurrency: must be between 1 and 32",
            ])
    }

    @Test func everythingIsMissing() {
        let missing = [
            "job.yaml:1: api.base_url: is missing; write for example base_url: https://acme.pipedrive.com",
            "job.yaml:1: api.token: is missing; write for example token: {env: PIPEDRIVE_API_TOKEN}",
            "job.yaml:1: budget.daily_tokens: is missing; write for example daily_tokens: 20000",
            "job.yaml:1: streams: is missing; write for example streams: [core]",
        ]
        #expect(Set(complaints("account: acme\n")) == Set(missing))
        #expect(complaints("") == ["job.yaml:1: the file is empty; jobs/demo.yaml is an example"])
        #expect(complaints("# nothing\n") == complaints(""))
        #expect(
            complaints("- a\n") == [
                "job.yaml:1: must be a mapping with the keys account, api, budget, window, streams, priority, "
                    + "output, concurrency, not a list"
            ])
    }

    @Test func nothingAfterAKey() {
        #expect(
            complaints(replacing: "  daily_tokens: 20000\n", with: "") == [
                "job.yaml:5: budget.daily_tokens: is missing; write for example daily_tokens: 20000"
            ])
        #expect(
            complaints(replacing: "20000", with: "") == [
                "job.yaml:6: budget.daily_tokens: is missing; write for example daily_tokens: 20000"
            ])
        let advice = "has no value; give it one, or leave the key out to have the default"
        #expect(complaints(adding: "window:\n") == ["job.yaml:8: window: \(advice)"])
        #expect(complaints(adding: "window: {lag: ~}\n") == ["job.yaml:8: window.lag: \(advice)"])
    }

    @Test func keysGivenTwice() {
        let text =
            smallestJobFile + """
                "account": other
                window: {lag: 1, lag: 2s, lag: 3s}
                """
        #expect(
            complaints(text) == [
                "job.yaml:8: account: is given twice; it already stands on line 1",
                "job.yaml:9: window.lag: is given twice; it already stands on line 9",
                "job.yaml:9: window.lag: must be a duration such as 120s, 10m, 6h or 7d, not the integer 1",
            ])
    }

    @Test func misplacedAndUnknownKeys() {
        #expect(
            complaints(adding: "daily_tokens: 5\nlog_level: debug\nwindow: {streams: [core]}\n") == [
                "job.yaml:8: daily_tokens: unknown key; it belongs under budget",
                "job.yaml:9: log_level: unknown key; known here: account, api, budget, window, streams, priority, "
                    + "output, concurrency",
                "job.yaml:10: window.streams: unknown key; it belongs to the outermost level",
            ])
        #expect(
            complaints(adding: "<<: {a: 1}\n") == [
                "job.yaml:8: <<: merge keys are not understood; write the keys out"
            ])
    }

    @Test func syntax() {
        #expect(
            complaints("account: acme\nbudget: {daily_tokens: 5\n") == [
                "job.yaml:3: is not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'"
            ])
        #expect(complaints("a: 1\n---\nb: 2\n").count == 1)
        #expect(complaints("account: \u{7}\n").first?.hasPrefix("job.yaml:1: is not valid YAML: ") == true)
        #expect(complaints(String(repeating: "[", count: 20_000)).count == 1)
    }

    @Test func bytesThatAreNoText() throws {
        let bytes = Array("account: acme\nnote: ".utf8) + [0xC3, 0x28, 0x0A]
        #expect(throws: JobFileErrors.self) {
            try JobFile.read(bytes: bytes, path: "job.yaml", folder: "/", environment: [:])
        }
        let error = #expect(throws: JobFileErrors.self) {
            try JobFile.read(bytes: bytes, path: "job.yaml", folder: "/", environment: [:])
        }
        #expect(error?.lines == ["job.yaml:2: is not UTF-8 text; save the file as UTF-8"])
    }

    @Test func aliasesCannotGrowWithoutEnd() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let row = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(row)]\n"
        }
        #expect(complaints(text) == ["job.yaml:1: holds more than 10000 values; a job file needs a few dozen"])
    }

    @Test func theConsequence() {
        let mistake = JobFileMistake(line: 3, key: "account", problem: "is missing")
        let stop = JobFileErrors(path: "job.yaml", mistakes: [mistake]).stop
        #expect(stop.code == .wrongJobFile)
        #expect(
            stop.description == "1 mistake in the job file job.yaml, and nothing was touched; "
                + "correct the file and run the command again.")
    }
}
