/// Words that do not belong into the house, each with what to write instead.
enum WordRules {
    struct Rule: Sendable {
        var pattern: String
        var cure: String
        /// Looked for in comments and strings as well.
        var isEverywhere = false
        /// Only below Sources; tests may.
        var isForSourcesAlone = false
        var exceptRooms: Set<String> = []
    }

    /// The patterns are regular expressions.
    static let rules = [
        Rule(
            pattern: #"\b(TODO|FIXME|XXX|HACK)\b"#, cure: "do it now, or write it down outside the code",
            isEverywhere: true),
        Rule(pattern: #"\btry!"#, cure: "handle the error; in a test throw it"),
        Rule(pattern: #"\bas!"#, cure: "use as? and say what happens otherwise"),
        Rule(pattern: #"\bpublic\b"#, cure: "nobody outside the package: write package"),
        Rule(pattern: #"fatalError\("not"#, cure: "write the code, or leave the function out", isEverywhere: true),
        Rule(
            pattern: #"\bprint\("#, cure: "return the text, and let Commands print it", isForSourcesAlone: true,
            exceptRooms: ["Commands", "SimulatorServer"]),
        Rule(
            pattern: #"\b(struct|class|enum|actor|protocol|typealias) \w*(Utils?|Utilities|Helpers?|Manager)\b"#,
            cure: "name the type after what it does"),
        Rule(
            pattern: #"\b(struct|class|enum|actor|protocol) (\#(taken.joined(separator: "|")))\b"#,
            cure: "Foundation has a type of this name, or a room; choose another"),
    ]

    /// Names that Foundation has, or that the rooms have.
    private static let taken =
        [
            "Bundle", "Calendar", "Data", "Date", "DateInterval", "Decimal", "FileHandle", "FileManager", "Formatter",
            "Host", "IndexSet", "Locale", "Measurement", "Notification", "Operation", "Pipe", "Port", "Predicate",
            "Process", "ProcessInfo", "Progress", "Scanner", "Stream", "Thread", "TimeZone", "Timer", "URL", "UUID",
        ] + Floors.rooms.sorted()

    static func check(_ file: SourceFile) throws -> [Finding] {
        let code = file.code.split(separator: "\n", omittingEmptySubsequences: false)
        return try rules.flatMap { rule in
            if let room = file.room, rule.exceptRooms.contains(room) { return [Finding]() }
            if file.room == nil && rule.isForSourcesAlone { return [] }
            let regex = try Regex(rule.pattern)
            let lines = rule.isEverywhere ? file.lines : code
            return lines.enumerated().compactMap { number, line in
                guard let match = line.firstMatch(of: regex) else { return nil }
                return Finding(path: file.path, line: number + 1, cure: "\"\(line[match.range])\": \(rule.cure)")
            }
        }
    }

    static func checkName(_ file: SourceFile) -> [Finding] {
        guard file.name.contains(/(Utils?|Utilities|Helpers?|Manager)\.swift$/) else { return [] }
        return [Finding(path: file.path, line: 1, cure: "name the file after what is in it")]
    }
}
