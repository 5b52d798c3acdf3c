import Planning
import Testing

@testable import Commands

/// What a good job file becomes. What no test here can see: whether the account and the token exist.
struct JobFileTests {
    @Test func everyDefault() throws {
        let job = try job(smallestJobFile)
        #expect(job.account == "acme")
        #expect(job.baseURL == "https://acme.pipedrive.com")
        #expect(job.access == .token(.environment(variable: "PIPEDRIVE_API_TOKEN")))
        #expect(
            job.budget
                == Job.Budget(dailyTokens: 20_000, keepFree: .tokens(0), resetsAtSeconds: 0, timeZone: "UTC"))
        #expect(job.window.start.description == "2015-01-01T00:00:00Z")
        #expect(job.window.lagSeconds == 120)
        #expect(job.window.overlapSeconds == 600)
        #expect(job.window.sweepSeconds == 604_800)
        #expect(
            job.output
                == Job.Output(directory: "/etc/acme/output", compressionLevel: 6, rollAtBytes: 96_000_000))
        #expect(job.concurrency == 4)
    }

    @Test func everyKey() throws {
        let job = try job(
            """
            account: a-1_b
            api: {base_url: "https://API.pipedrive.com:8443/", token: {file: ../secret/token}}
            budget: {daily_tokens: 1_000, keep_free: 12.5%, resets_at: 10:30, time_zone: Europe/Berlin}
            window: {start: 2020-02-29T23:59:59.5+01:00, lag: 0s, overlap: 2h, sweep: 0}
            streams: [pipelines, deals]
            output: {directory: /srv/./data//x/../snap, compression_level: 9, roll_at: 64kB}
            concurrency: 32

            """)
        #expect(job.account == "a-1_b")
        #expect(job.baseURL == "https://api.pipedrive.com:8443")
        #expect(job.access == .token(.file(path: "/etc/acme/secret/token")))
        #expect(job.budget.keepFree == .percent(12.5))
        #expect(job.budget.dailyTokens == 1000)
        #expect(job.budget.resetsAtSeconds == 37_800)
        #expect(job.budget.timeZone == "Europe/Berlin")
        #expect(job.window.start.description == "2020-02-29T22:59:59Z")
        #expect((job.window.lagSeconds, job.window.overlapSeconds, job.window.sweepSeconds) == (0, 7200, 0))
        #expect(job.streams.map(\.stream.name) == ["pipelines", "deals"])
        #expect(job.output == Job.Output(directory: "/srv/data/snap", compressionLevel: 9, rollAtBytes: 64_000))
        #expect(job.concurrency == 32)
    }

    @Test func groupsStandForTheirStreams() throws {
        let names = { (words: String) in
            try job(replacing: "[core]", with: words).streams.map { ($0.isNamed ? "!" : "") + $0.stream.name }
        }
        let core = Catalogue.streams.filter { $0.group == .core }.map(\.name)
        let metadata = Catalogue.streams.filter { $0.group == .metadata }.map(\.name)
        #expect(try names("[core]") == core)
        #expect(try names("[metadata, core]") == metadata + core)
        #expect(try names("[all]") == Catalogue.streams.filter { $0.group != .byName }.map(\.name))
        // Each stream once, where it came first; naming it counts wherever that is.
        #expect(try names("[persons, core]") == ["!persons"] + core.filter { $0 != "persons" })
        #expect(try names("[core, deals]") == core.map { $0 == "deals" ? "!deals" : $0 })
    }

    @Test func priorityGoesBeforeTheOrderOfStreams() throws {
        let text = smallestJobFile.replacing("[core]", with: "[persons, metadata, deals]")
        let names = try job(text + "priority: [deals, stages, core]\n").streams.map(\.stream.name)
        #expect(names.prefix(4) == ["deals", "stages", "persons", "pipelines"])
        #expect(Set(names) == Set(try job(text).streams.map(\.stream.name)))
    }

    @Test func limitsOfARunAndOfAStream() throws {
        let job = try job(
            replacing: "20000", with: "20000\n  max_tokens_per_run: 500\n  max_share: {deals: 12.5%, notes: 100%}")
        #expect(job.budget.maxTokensPerRun == 500)
        #expect(job.budget.ceilings == ["deals": 2500, "notes": 20_000])
    }

    @Test func tokenSources() throws {
        let token = { (words: String) in try job(replacing: "{env: PIPEDRIVE_API_TOKEN}", with: words).access }
        #expect(try token("{file: /run/token}") == .token(.file(path: "/run/token")))
        #expect(try token("{command: [pass, show, pipedrive]}") == .token(.command(["pass", "show", "pipedrive"])))
        #expect(try token("{command: [bin/token]}") == .token(.command(["/etc/acme/jobs/bin/token"])))
    }

    @Test func loopbackNeedsNoEncryption() throws {
        for address in ["http://127.0.0.1:8765", "http://localhost", "http://[::1]:1", "http://127.9.8.7:65535"] {
            #expect(try job(replacing: "https://acme.pipedrive.com", with: address + "/").baseURL == address)
        }
    }

    @Test func anchorsAndAliases() throws {
        let job = try job(adding: "window: {lag: &short 5m, overlap: *short}\n")
        #expect((job.window.lagSeconds, job.window.overlapSeconds) == (300, 300))
    }

    @Test func textsThatLookLikeOtherThingsMayBeQuoted() throws {
        #expect(try job(replacing: "account: acme", with: "account: \"007\"").account == "007")
        #expect(try job(adding: "window: {lag: '90s', start: \"2015-01-01T00:00:00Z\"}\n").window.lagSeconds == 90)
    }

    @Test func windowsLineEndsAndByteOrderMark() throws {
        #expect(try job("\u{FEFF}" + smallestJobFile.replacing("\n", with: "\r\n")).account == "acme")
    }
}
