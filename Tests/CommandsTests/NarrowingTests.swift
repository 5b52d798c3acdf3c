import Extraction
import Planning
import Testing

@testable import Commands

/// What narrows a run, and what it says of words it cannot take.
struct NarrowingTests {
    private func options(
        streams: String? = nil, refresh: String? = nil, until: String? = nil, maxTokens: Int? = nil
    ) throws -> RunOptions {
        var narrowing = NarrowingOptions()
        (narrowing.streams, narrowing.refresh) = (streams, refresh)
        (narrowing.until, narrowing.maxTokens, narrowing.deadline, narrowing.spread) = (until, maxTokens, nil, false)
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
        (nil, "users,users", "--refresh: users stands there twice"), (nil, ",", "--refresh names no stream"),
        (nil, "", "--refresh names no stream"),
    ])
    func refreshOfOthersIsRefused(streams: String?, refresh: String, told: String) {
        let stop = #expect(throws: Stop.self) { try options(streams: streams, refresh: refresh) }
        #expect(stop?.code == .wrongArguments && stop?.code.rawValue == 64)
        #expect(stop?.reason.hasSuffix(told) == true, "\(stop?.reason ?? "")")
    }

    @Test(arguments: [
        ("deals,,users", "--streams: a name is missing in deals,,users"), ("deals,", "a name is missing in deals,"),
        (",", "--streams names no stream"), ("", "--streams names no stream"),
        ("deals,users,deals", "--streams: deals stands there twice"),
    ])
    func aMissingNameIsRefused(streams: String, told: String) throws {
        #expect(try options(streams: "deals,users").streams == ["deals", "users"])
        let stop = #expect(throws: Stop.self) { try options(streams: streams) }
        #expect(stop?.code == .wrongArguments && stop?.reason.hasSuffix(told) == true, "\(stop?.reason ?? "")")
    }

    @Test(arguments: ["2026-11-23T02:00:00", "2026-11-23", "2026-11-23 02:00:00", "2026-11-23T02:00:00+01"])
    func aTimeWithoutItsZoneIsRefused(until: String) throws {
        #expect(try options(until: "2026-11-23T03:00:00.5+01:00").until == Instant("2026-11-23T02:00:00Z"))
        let stop = #expect(throws: Stop.self) { try options(until: until) }
        #expect(stop?.code == .wrongArguments && stop?.reason.contains("zone") == true, "\(stop?.reason ?? "")")
    }

    @Test(arguments: [0, -1])
    func noTokenAtAllIsRefused(count: Int) throws {
        #expect(try options(maxTokens: 1).maxTokens == 1)
        #expect(throws: Stop.self) { try options(maxTokens: count) }
    }
}
