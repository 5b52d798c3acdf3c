/// Lengths and white space.
enum ShapeRules {
    static let longestFileLines = 400
    static let longFileLines = 250
    static let medianFileLines = 90
    static let longestLineColumns = 120
    static let longestFunctionLines = 60
    /// A test may spell out a longer story.
    static let longestTestFunctionLines = 80

    static func checkLength(_ file: SourceFile) -> [Finding] {
        guard file.lines.count > longestFileLines else { return [] }
        let cure = "\(file.lines.count) lines, \(longestFileLines) at most; find the second thing this file is about"
        return [Finding(path: file.path, line: longestFileLines + 1, cure: cure)]
    }

    static func checkFunctions(_ file: SourceFile) -> [Finding] {
        let longest = file.path.hasPrefix("Tests/") ? longestTestFunctionLines : longestFunctionLines
        return file.functions.filter { $0.lineCount > longest }.map { function in
            let cure = "a function of \(function.lineCount) lines, \(longest) at most; give its parts names"
            return Finding(path: file.path, line: function.line, cure: cure)
        }
    }

    static func checkLines(_ file: SourceFile) -> [Finding] {
        file.lines.enumerated().compactMap { number, line in
            guard line.count > longestLineColumns else { return nil }
            let cure = "\(line.count) columns, \(longestLineColumns) at most; break the line"
            return Finding(path: file.path, line: number + 1, cure: cure)
        }
    }

    static func checkWhiteSpace(_ file: SourceFile) -> [Finding] {
        var findings = file.lines.enumerated().compactMap { number, line -> Finding? in
            if line.contains("\t") {
                return Finding(path: file.path, line: number + 1, cure: "a tab; indent with four spaces")
            }
            guard line.last?.isWhitespace == true else { return nil }
            return Finding(path: file.path, line: number + 1, cure: "white space at the end of the line; remove it")
        }
        if !file.text.hasSuffix("\n") || file.text.hasSuffix("\n\n") {
            findings.append(
                Finding(path: file.path, line: file.lines.count, cure: "end the file with exactly one line end"))
        }
        return findings
    }

    /// The numbers of the house: the value below which half and nine in ten of the files lie.
    static func spread(_ files: [SourceFile]) -> (median: Int, nineInTen: Int) {
        let counts = files.map(\.lines.count).sorted()
        guard !counts.isEmpty else { return (0, 0) }
        return (counts[counts.count / 2], counts[min(counts.count - 1, counts.count * 9 / 10)])
    }
}

/// Front pages of rooms, titles of documents.
enum PageRules {
    /// A room opens with `<Room>.swift`, which holds a comment of 3 to 8 lines and nothing else.
    static func checkFrontPage(of room: String, _ file: SourceFile?) -> [Finding] {
        let path = "Sources/\(room)/\(room).swift"
        let cure =
            "the front page of a room is a comment of 3 to 8 lines: what it does, what it may know, where to start"
        guard let file else { return [Finding(path: path, line: 1, cure: "is missing; " + cure)] }
        guard (3...8).contains(file.lines.count), file.lines.allSatisfy({ $0.hasPrefix("//") }) else {
            return [Finding(path: path, line: 1, cure: cure)]
        }
        return []
    }

    static func checkTitle(_ file: SourceFile) -> [Finding] {
        var (titles, isInFence): ([Int], Bool) = ([], false)
        for (number, line) in file.lines.enumerated() {
            if line.hasPrefix("```") { isInFence.toggle() }
            if !isInFence && line.hasPrefix("# ") { titles.append(number + 1) }
        }
        if titles.count == 1 { return [] }
        return [Finding(path: file.path, line: titles.dropFirst().first ?? 1, cure: "give it one title, `# …`")]
    }

    /// Commands in the code that the manual does not describe.
    static func undocumented(_ files: [SourceFile], manual: String) -> [Finding] {
        files.flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                guard let match = line.firstMatch(of: /commandName: "([a-z\-]+)"/), !match.1.hasPrefix("pipesnap"),
                    !manual.contains("### `pipesnap \(match.1)")
                else { return nil }
                let cure = "docs/manual.md has no section \"### `pipesnap \(match.1)\""
                return Finding(path: file.path, line: number + 1, cure: cure)
            }
        }
    }
}
