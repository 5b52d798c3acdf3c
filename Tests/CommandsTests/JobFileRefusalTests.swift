import Testing

@testable import Commands

/// Every value that is refused, one by one, at its own key and line.
struct JobFileRefusalTests {
    @Test(arguments: [
        ("account: acme", "account: Acme"), ("account: acme", "account: -acme"), ("account: acme", "account: a b"),
        ("account: acme", "account: ../x"), ("account: acme", "account: 12"), ("account: acme", "account: no"),
        ("account: acme", "account: [acme]"), ("account: acme", "account: \"\""), ("account: acme", "account: aé"),
        ("account: acme", "account: " + String(repeating: "a", count: 65)),
    ])
    func account(old: String, new: String) {
        let told = complaints(replacing: old, with: new)
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:1: account: must "), "\(told)")
    }

    @Test(arguments: [
        "http://acme.pipedrive.com", "https://", "acme.pipedrive.com", "ftp://acme.pipedrive.com", "https://a b",
        "https://acme.pipedrive.com/api/v2", "https://acme.pipedrive.com/?api_token=s3cret", "https://a.b/#s3cret",
        "https://user:s3cret@acme.pipedrive.com", "https://acme..com", "https://acme.com:0", "https://acme.com:70000",
        "http://127.0.0.1.evil.com", "http://localhost.evil.com", "http://128.0.0.1", "http://127.0.0.256",
        "\"https://acme.com:\"", "https://-acme.com", "http://[::2]", "12", "http://127.0.0.1@evil.com",
        "https://acme.com\\@evil.com", "\"https://acme.com\\n\"",
    ])
    func baseURL(address: String) {
        let told = complaints(replacing: "https://acme.pipedrive.com", with: address)
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:3: api.base_url: must "), "\(told)")
        #expect(!told.joined().contains("s3cret"))
    }

    @Test(arguments: [
        "s3cret", "{env: s3cret!}", "{env: a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5}", "{env: 12}", "{env: A, file: b}",
        "{s3cret}", "{value: s3cret}", "{command: s3cret}", "{command: []}", "{command: [s3cret, 5]}", "[s3cret]",
        "{env: }", "{file: ''}", "{file: ~/token}", "{}", "{file: [a]}",
    ])
    func token(words: String) {
        let told = complaints(replacing: "{env: PIPEDRIVE_API_TOKEN}", with: words)
        #expect(!told.isEmpty && told.allSatisfy { $0.hasPrefix("job.yaml:4: api.token") }, "\(told)")
        #expect(!told.joined().contains("s3cret") && !told.joined().contains("a1b2c3"), "\(told)")
    }

    @Test(arguments: [
        "daily_tokens: 0", "daily_tokens: -5", "daily_tokens: 1.5", "daily_tokens: '20000'", "daily_tokens: 0x10",
        "daily_tokens: 99999999999999999999", "daily_tokens: 20k", "daily_tokens: [1]", "daily_tokens: yes",
        "daily_tokens: 1:30", "daily_tokens: 010",
    ])
    func dailyTokens(line: String) {
        let told = complaints(replacing: "daily_tokens: 20000", with: line)
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:6: budget.daily_tokens: must be "), "\(told)")
    }

    @Test(arguments: [
        "keep_free: -1", "keep_free: 101%", "keep_free: -1%", "keep_free: '5000'", "keep_free: 1e3%", "keep_free: 2.5",
        "resets_at: 24:00", "resets_at: 0:00", "resets_at: 12:60", "resets_at: noon", "resets_at: 7", "resets_at: []",
        "time_zone: Mars/Olympus", "time_zone: 5", "time_zone: ''", "max_tokens_per_run: 0", "max_tokens_per_run: 5%",
        "max_share: 30%", "max_share: [deals]",
    ])
    func budget(line: String) {
        let told = complaints(replacing: "20000", with: "20000\n  \(line)")
        let key = line.prefix { $0 != ":" }
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:7: budget.\(key): "), "\(told)")
    }

    @Test(arguments: [
        "window.start: 2015-01-01", "window.start: 2015-13-01T00:00:00Z", "window.start: 2015-01-01T00:00:00",
        "window.start: 2300-01-01T00:00:00Z", "window.start: 1969-12-31T23:59:59Z", "window.start: yesterday",
        "window.lag: -5s", "window.lag: 5", "window.lag: 0", "window.lag: 1.5h", "window.lag: 5 m", "window.lag: 5M",
        "window.overlap: 40000d", "window.overlap: 99999999999999999999s", "window.overlap: {a: 1}",
        "window.sweep: 7", "window.sweep: -7d", "window.sweep: never",
        "output.directory: ''", "output.directory: ~/x", "output.directory: 5", "output.directory: \"a\\0b\"",
        "output.compression_level: 0", "output.compression_level: 10", "output.compression_level: best",
        "output.roll_at: 96", "output.roll_at: 96mb", "output.roll_at: 63kB", "output.roll_at: 2000GB",
        "output.roll_at: 9999999999999GB", "output.roll_at: -1MB",
    ])
    func windowAndOutput(place: String) {
        let key = place.prefix { $0 != ":" }
        let parts = place.split(separator: ".", maxSplits: 1)
        let told = complaints(adding: "\(parts[0]):\n  \(parts[1])\n")
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:9: \(key): must "), "\(told)")
    }

    @Test(arguments: [
        "streams: []", "streams: core", "streams: {core: 1}", "streams: [5]", "streams: [[core]]", "streams: [Deals]",
        "streams: ['']", "streams: [core, cor]", "streams: [unheard_of]",
        "streams: [deals, deals]", "streams: [core, deals, core]",
    ])
    func streams(line: String) {
        let told = complaints(replacing: "streams: [core]", with: line)
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:7: streams: "), "\(told)")
        #expect(complaints(replacing: "streams: [core]", with: "streams: [core, deals]") == [])
    }

    @Test(arguments: [
        ("{dealz: 30%}", "dealz: is none of this job's streams; did you mean deals?"),
        ("{pipelines: 30%}", "pipelines: is none of this job's streams"),
        ("{core: 30%}", "core: is a group; give a share to some of its streams by name"),
        ("{deals: 30}", "deals: must be a share such as 30%, not the integer 30"),
        ("{deals: 101%}", "deals: must be between 0% and 100%"),
        (
            "{deals: 0.09%}",
            "deals: allows 18 tokens a day, and a page of deals costs up to 20; give it more, or leave it out"
        ),
    ])
    func maxShare(value: String, problem: String) {
        let told = complaints(replacing: "20000", with: "20000\n  max_share: \(value)")
        #expect(told == ["job.yaml:7: budget.max_share.\(problem)"])
    }

    @Test(arguments: ["[]", "deals", "[dealz]", "[pipelines]", "[metadata]", "[deals, 5]"])
    func priority(value: String) {
        let told = complaints(adding: "priority: \(value)\n")
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:8: priority: "), "\(told)")
    }

    @Test func priorityTwice() {
        let told = complaints(adding: "priority: [deals, leads, deals]\n")
        #expect(told == ["job.yaml:8: priority: deals stands there already, on line 8"])
        #expect(complaints(adding: "priority: [deals, core]\n") == [], "a name may stand beside its group")
    }

    @Test(arguments: ["0", "33", "'4'", "four", "[]", "true"])
    func concurrency(value: String) {
        let told = complaints(adding: "concurrency: \(value)\n")
        #expect(told.count == 1 && told[0].hasPrefix("job.yaml:8: concurrency: must "), "\(told)")
    }

    @Test func sectionsOfTheWrongShape() {
        #expect(
            complaints(replacing: "budget:\n  daily_tokens: 20000", with: "budget: 5") == [
                "job.yaml:5: budget: must be a mapping with the keys daily_tokens, keep_free, max_tokens_per_run, "
                    + "max_share, resets_at, time_zone, not the integer 5"
            ])
        #expect(
            complaints(adding: "window: [lag]\n") == [
                "job.yaml:8: window: must be a mapping with the keys start, lag, overlap, sweep, not a list"
            ])
    }
}
