/// What the official descriptions say that the rows of a list hold, found by the indentation of their lines.
struct OfficialMembers {
    private struct Line {
        var indent: Int
        var text: Substring

        var name: String { text.prefix { $0 != ":" }.filter { $0 != "'" } }
    }

    private let lines: [Line]
    /// Where the description of reading each path begins.
    private var starts: [String: Int] = [:]

    init(_ yaml: String) {
        var path = ""
        lines = yaml.split(separator: "\n").map { line in
            let indent = line.utf8.prefix { $0 == UInt8(ascii: " ") }.count
            return Line(indent: indent, text: line.dropFirst(indent))
        }
        for (number, line) in lines.enumerated() {
            if line.indent == 2, line.text.hasPrefix("/") || line.text.hasPrefix("'/") { path = line.name }
            if line.indent == 4, line.text == "get:" { starts[path] = number }
        }
    }

    /// Name and type of each, where one is told outright; nil when the path is not described.
    func members(of path: String, within rows: String?) -> [(name: String, type: String?)]? {
        guard let start = starts[path], let ok = first("'200'", below: start), let data = first("data", below: ok)
        else { return nil }
        let list = rows.flatMap { first($0, below: data) } ?? data
        guard let items = first("items", below: list) else { return nil }
        var (found, place): ([(String, String?)], Int) = ([], items + 1)
        while place < lines.count, lines[place].indent > lines[items].indent {
            if isNamed("properties", at: place) { found += members(at: place) }
            // Properties of properties are passed over.
            place = isNamed("properties", at: place) ? end(of: place) : place + 1
        }
        return found
    }

    private func members(at properties: Int) -> [(String, String?)] {
        let indent = lines[properties].indent + 2
        return (properties + 1..<end(of: properties)).filter { lines[$0].indent == indent }.map { place in
            let type = (place + 1..<end(of: place)).first {
                lines[$0].indent == indent + 2 && lines[$0].text.hasPrefix("type: ")
            }
            return (lines[place].name, type.map { String(lines[$0].text.dropFirst(6)) })
        }
    }

    private func isNamed(_ name: String, at place: Int) -> Bool {
        lines[place].text == "\(name):" || lines[place].text == "- \(name):"
    }

    private func first(_ name: String, below place: Int) -> Int? {
        (place + 1..<end(of: place)).first { isNamed(name, at: $0) }
    }

    private func end(of place: Int) -> Int {
        let indent = lines[place].indent
        return lines[(place + 1)...].firstIndex { $0.indent <= indent } ?? lines.count
    }
}
