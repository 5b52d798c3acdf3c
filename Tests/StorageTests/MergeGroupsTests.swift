import Planning
import Testing

@testable import Storage

/// Which files are merged, by plain values.
@Suite struct MergeGroupsTests {
    private static let folders = Folders(output: "/output", account: "acme")

    private static func sealed(_ stream: String, _ day: String, _ number: Int = 1, bytes: Int64 = 100)
        -> SealedFile
    {
        let run = day.filter { $0 != "-" } + "T020000Z"
        var file = FileRow(
            id: 0, run: 0, stream: stream, number: number,
            path: folders.snapshot(stream: stream, day: day, run: run, number: number), day: day)
        file.bytes = bytes
        return SealedFile(file: file, run: run)
    }

    private static func groups(
        _ files: [SealedFile], by period: MergePeriod = .month, today: String = "2026-12-10",
        rollAtBytes: Int64 = 1000
    ) -> [[String]] {
        MergeGroups(period: period, today: today, rollAtBytes: rollAtBytes).rewrites(of: files, in: folders).map {
            group in
            group.files.map { "\($0.file.day)-\($0.file.number)" } + ["> \(group.target?.file.number ?? 0)"]
        }
    }

    @Test func monthsAndStreamsStayApart() {
        let files = [
            Self.sealed("deals", "2026-10-30"), Self.sealed("deals", "2026-10-31"), Self.sealed("deals", "2026-11-01"),
            Self.sealed("deals", "2026-12-01"), Self.sealed("deals", "2026-12-02"), Self.sealed("notes", "2026-11-02"),
            Self.sealed("notes", "2026-11-03"),
        ]
        #expect(
            Self.groups(files) == [["2026-10-30-1", "2026-10-31-1", "> 2"], ["2026-11-02-1", "2026-11-03-1", "> 2"]])
        #expect(Self.groups(files, by: .day) == [])
    }

    @Test func todayIsNotOver() {
        let files = [Self.sealed("deals", "2026-12-10"), Self.sealed("deals", "2026-12-10", 2)]
        #expect(Self.groups(files, by: .day) == [])
        #expect(Self.groups(files, by: .day, today: "2026-12-11") == [["2026-12-10-1", "2026-12-10-2", "> 3"]])
        #expect(Self.groups(files, by: .day, today: "2026-12-09") == [], "the clock stands back")
    }

    /// Two new files of one run have two names.
    @Test func theSizeIsAnEnd() {
        let files = (1...5).map { Self.sealed("deals", "2026-11-01", $0, bytes: 400) }
        let expected = [["2026-11-01-1", "2026-11-01-2", "> 6"], ["2026-11-01-3", "2026-11-01-4", "> 7"]]
        #expect(Self.groups(files) == expected)
        #expect(Self.groups(files, rollAtBytes: 799) == [])
    }

    /// The clock was set back between two runs: the later one has the older name.
    @Test func aRunWithAnOlderNameBeginsANewFile() {
        let files = [
            Self.sealed("deals", "2026-11-05"), Self.sealed("deals", "2026-11-03"), Self.sealed("deals", "2026-11-04"),
        ]
        #expect(Self.groups(files) == [["2026-11-03-1", "2026-11-04-1", "> 2"]])
        var merged = Self.sealed("deals", "2026-11-07", 2)
        merged.file.runs = ["20261104T020000Z", merged.run].map {
            RunShare(run: $0, records: 1, deletes: 0, firstSeq: 1, lastSeq: 1)
        }
        #expect(Self.groups([Self.sealed("deals", "2026-11-05"), merged]) == [])
        #expect(Self.groups([Self.sealed("deals", "2026-11-03"), merged]).count == 1)
    }
}
