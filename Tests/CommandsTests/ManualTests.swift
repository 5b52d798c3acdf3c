import Foundation
import Testing

@testable import Commands

/// What the manual repeats of the program.
@Suite struct ManualTests {
    @Test func theTableOfStreamsIsTheCatalogue() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let manual = try String(contentsOf: root.appending(path: "docs/manual.md"), encoding: .utf8)
        let lines = manual.components(separatedBy: "\n")
        let rows = StreamRow.markdown
        let first = try #require(lines.firstIndex(of: rows[0]), "put the output of streams --format markdown there")
        #expect(Array(lines[first...].prefix(rows.count + 1)) == rows + [""], "see pipesnap streams --format markdown")
    }
}
