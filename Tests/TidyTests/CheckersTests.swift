import Testing

/// That each checker can fail: a rule that never says no is no rule.
struct CheckersTests {
    private func swift(_ text: String, in path: String = "Sources/Planning/Bad.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func importsUpwards() {
        #expect(Floors.checkImports(swift("import Storage\n")).map(\.line) == [1])
        #expect(Floors.checkImports(swift("\n@testable package import Platform\n")).map(\.line) == [2])
        #expect(Floors.checkImports(swift("import struct Extraction.Run\n", in: "Sources/Storage/A.swift")).count == 1)
        #expect(Floors.checkImports(swift("import Pipedrive\n", in: "Sources/Simulator/A.swift")).count == 1)
        #expect(Floors.checkImports(swift("import CZlib\n", in: "Sources/Commands/A.swift")).count == 1)
        #expect(Floors.checkImports(swift("import Yams\n", in: "Sources/Extraction/A.swift")).count == 1)
        #expect(Floors.checkImports(swift("// import Storage\nlet a = \"import Storage\"\n")).isEmpty)
        #expect(Floors.checkImports(swift("import Planning\nimport CZlib\n", in: "Sources/Storage/A.swift")).isEmpty)
    }

    @Test func targetsUpwards() {
        let package = swift(
            """
            .target(
                name: "Storage",
                dependencies: ["Planning", "Extraction"]),
            .executableTarget(name: "Commands", dependencies: ["Extraction", "Simulator"]),
            .testTarget(name: "StorageTests", dependencies: ["Extraction", "CZlib"]),
            """, in: "Package.swift")
        #expect(Floors.checkTargets(package).map(\.line) == [3, 4])
    }

    @Test(arguments: [
        "// TODO: later", "let a = \"FIXME\"", "let a = try! b()", "let a = b as! Int", "public struct A {}",
        "fatalError(\"not yet\")", "print(\"x\")", "struct StringUtils {}", "final class JobManager {}",
        "enum Data {}", "struct Planning {}",
    ])
    func words(line: String) throws {
        #expect(try WordRules.check(swift("\n\(line)\n")).map(\.line) == [2])
    }

    @Test(arguments: [
        "// public, as! and try! in a comment", "let a = \"print(1)\"", "let data = FileManager.default",
        "struct DataPage {}", "fingerprint(1)", "let republic = try? a()", "if a is Data {}",
    ])
    func goodWords(line: String) throws {
        #expect(try WordRules.check(swift(line + "\n")).isEmpty)
    }

    @Test func names() {
        #expect(WordRules.checkName(swift("", in: "Sources/Planning/TimeHelpers.swift")).count == 1)
        #expect(WordRules.checkName(swift("", in: "Sources/Planning/Times.swift")).isEmpty)
    }

    @Test func lengths() {
        #expect(ShapeRules.checkLength(swift(String(repeating: "\n", count: 400))).isEmpty)
        #expect(ShapeRules.checkLength(swift(String(repeating: "\n", count: 401))).count == 1)
        #expect(ShapeRules.checkLines(swift(String(repeating: "ä", count: 120))).isEmpty)
        #expect(ShapeRules.checkLines(swift("\n" + String(repeating: "x", count: 121))).map(\.line) == [2])
        let files = (1...10).map { swift(String(repeating: "\n", count: $0)) }
        #expect(ShapeRules.spread(files) == (6, 10))
    }

    @Test func whiteSpace() {
        #expect(ShapeRules.checkWhiteSpace(swift("a\n")).isEmpty)
        #expect(ShapeRules.checkWhiteSpace(swift("a \n\tb\nc")).map(\.line) == [1, 2, 3])
        #expect(ShapeRules.checkWhiteSpace(swift("a\n\n")).count == 1)
    }

    @Test func frontPages() {
        let page = { (text: String) in PageRules.checkFrontPage(of: "Planning", swift(text)).count }
        #expect(page("// a\n//\n// b\n") == 0)
        #expect(page("// a\n// b\n") == 1)
        #expect(page("// a\n// b\nimport Platform\n") == 1)
        #expect(page(String(repeating: "// a\n", count: 9)) == 1)
        #expect(PageRules.checkFrontPage(of: "Planning", nil).count == 1)
    }

    @Test func titlesAndCommands() {
        #expect(PageRules.checkTitle(swift("# A\n\n```sh\n# B\n```\n")).isEmpty)
        #expect(PageRules.checkTitle(swift("# A\n# B\n")).map(\.line) == [2])
        #expect(PageRules.checkTitle(swift("text\n")).count == 1)
        let command = swift("\n    commandName: \"run\",\n")
        #expect(PageRules.undocumented([command], manual: "").map(\.line) == [2])
        #expect(PageRules.undocumented([command], manual: "### `pipesnap run JOB`").isEmpty)
    }
}
