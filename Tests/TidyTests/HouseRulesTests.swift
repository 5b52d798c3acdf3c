import Testing

/// The house rules, each as one test over the texts of the project. They see words and shapes only: whether
/// the words are good, no test can tell.
struct HouseRulesTests {
    @Test func roomsImportLowerFloorsOnly() {
        expectNone(SourceTree.sources.flatMap(Floors.checkImports))
    }

    @Test func targetsDependOnLowerFloorsOnly() {
        expectNone(SourceTree.package.flatMap(Floors.checkTargets))
    }

    @Test func everyRoomIsOnAFloor() {
        let rooms = Set(SourceTree.sources.compactMap(\.room))
        #expect(rooms.isSubset(of: Floors.rooms), "tell Tests/TidyTests/Floors.swift where the new room stands")
    }

    @Test func everyRoomHasAFrontPage() {
        // SimulatorServer is but the face of the Simulator, and the door to libz holds no Swift.
        let rooms = Set(SourceTree.sources.compactMap(\.room)).subtracting(["SimulatorServer"])
        expectNone(
            rooms.sorted().flatMap { room in
                PageRules.checkFrontPage(of: room, SourceTree.file("Sources/\(room)/\(room).swift"))
            })
    }

    @Test func noBannedWords() throws {
        // The rules themselves have to name the words.
        let files = SourceTree.swift.filter { !$0.path.hasPrefix("Tests/TidyTests/") }
        expectNone(try files.flatMap(WordRules.check) + files.flatMap(WordRules.checkName))
    }

    @Test func filesAreShort() {
        expectNone(SourceTree.swift.flatMap(ShapeRules.checkLength))
        let spread = ShapeRules.spread(SourceTree.sources)
        #expect(spread.nineInTen <= ShapeRules.longFileLines, "nine in ten files have up to \(spread.nineInTen) lines")
        #expect(spread.median <= ShapeRules.medianFileLines, "half of the files have over \(spread.median) lines")
    }

    @Test func functionsAreShort() {
        expectNone(SourceTree.swift.flatMap(ShapeRules.checkFunctions))
    }

    @Test func linesAreShort() {
        expectNone((SourceTree.swift + SourceTree.others).flatMap(ShapeRules.checkLines))
    }

    @Test func whiteSpaceIsClean() {
        expectNone((SourceTree.swift + SourceTree.documents + SourceTree.others).flatMap(ShapeRules.checkWhiteSpace))
    }

    @Test func everyDocumentHasOneTitle() {
        expectNone(SourceTree.documents.flatMap(PageRules.checkTitle))
    }

    @Test func everyCommandIsInTheManual() {
        let files = SourceTree.sources.filter { $0.room == "Commands" }
        expectNone(PageRules.undocumented(files, manual: SourceTree.file("docs/manual.md")?.text ?? ""))
    }

    @Test func theTreeWasFound() {
        #expect(SourceTree.sources.count > 10 && SourceTree.tests.count > 10 && !SourceTree.package.isEmpty)
    }

    private func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
        for finding in findings { Issue.record("\(finding)", sourceLocation: sourceLocation) }
    }
}
