import Extraction
import Planning
import Testing

@testable import Commands

/// What narrows a run, and what it says of words it cannot take.
struct NarrowingTests {
    private func options(streams: String? = nil, refresh: String?) throws -> RunOptions {
        var narrowing = NarrowingOptions()
        (narrowing.streams, narrowing.refresh) = (streams, refresh)
        (narrowing.until, narrowing.maxTokens, narrowing.deadline, narrowing.spread) = (nil, nil, nil, false)
        return try narrowing.options(for: try job(replacing: "[core]", with: "[deals, users, projects]"))
    }

    @Test func refreshNamesStreamsOfTheRun() throws {
        #expect(try options(refresh: nil).refresh == [])
        #expect(try options(refresh: "users,projects").refresh == ["users", "projects"])
    }

    @Test(arguments: [
        (nil, "usres", "usres is not among the streams of this run, which are deals, users, projects"),
        (nil, "users,roles", "roles is not among the streams of this run, which are deals, users, projects"),
        ("deals", "users", "users is not among the streams of this run, which are deals"),
        (nil, "deals", "deals is pulled by what changed, and has no copy that could be old"),
        (nil, ",", "--refresh names no stream"), (nil, "", "--refresh names no stream"),
    ])
    func refreshOfOthersIsRefused(streams: String?, refresh: String, told: String) {
        let stop = #expect(throws: Stop.self) { try options(streams: streams, refresh: refresh) }
        #expect(stop?.code == .wrongArguments && stop?.code.rawValue == 64)
        #expect(stop?.reason.hasSuffix(told) == true, "\(stop?.reason ?? "")")
    }
}
