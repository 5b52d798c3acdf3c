import Foundation

/// One text of the project, with its path from the package root.
struct SourceFile {
    var path: String
    var text: String

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var lines: [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A text that ends as it should has no line after its last line end.
        return lines.last == "" ? lines.dropLast() : lines
    }

    /// `Planning` for `Sources/Planning/Job.swift`; nil for what is not below Sources.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

/// A breach of a house rule: where, and what to do about it.
struct Finding: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var cure: String

    var description: String { "\(path):\(line): \(cure)" }
}

/// The project as text, read once.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let sources = files(below: "Sources", endings: ["swift"])
    static let tests = files(below: "Tests", endings: ["swift"])
    static let package = file("Package.swift").map { [$0] } ?? []
    static let swift = sources + tests + package
    static let documents =
        files(below: "docs", endings: ["md"]) + ["README.md", "CHANGELOG.md"].compactMap(file)
    static let others =
        files(below: "jobs", endings: ["yaml"]) + files(below: "scripts", endings: ["sh"])
        + ["crontab.example", ".ci/run"].compactMap(file)

    static func file(_ path: String) -> SourceFile? {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { return nil }
        return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
    }

    private static func files(below folder: String, endings: [String]) -> [SourceFile] {
        let all = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.allObjects ?? []
        return all.compactMap { $0 as? String }
            .filter { path in endings.contains { path.hasSuffix(".\($0)") } }
            .sorted()
            .compactMap { file("\(folder)/\($0)") }
    }
}
