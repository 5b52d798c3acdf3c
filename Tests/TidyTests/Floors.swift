/// Which room stands on which floor, and so what each may import. docs/ARCHITECTURE.md draws the house.
enum Floors {
    /// The rooms of the house proper: each may import those on lower floors.
    static let floors = [
        ["Planning", "Platform"],
        ["Pipedrive", "Storage", "Warehouse"],
        ["Extraction"],
        ["Commands"],
    ]
    /// Across the street and at the door: these may import just what stands here.
    static let exceptions: [String: Set<String>] = [
        "Simulator": ["Platform"], "SimulatorServer": ["Platform", "Simulator"], "CSQLite": [], "CZlib": [],
    ]
    /// Packages and doors with one owner each, so that the rest of the house can be tested without them.
    static let owners = [
        "CSQLite": "Storage", "CZlib": "Storage", "GRDB": "Storage", "AsyncHTTPClient": "Platform", "Yams": "Commands",
    ]

    static let rooms = Set(floors.joined()).union(exceptions.keys)

    static func mayImport(_ room: String) -> Set<String> {
        if let exception = exceptions[room] { return exception }
        let floor = floors.firstIndex { $0.contains(room) } ?? 0
        return Set(floors[..<floor].joined())
    }

    /// Nil when the room may import the module.
    static func objection(to module: String, in room: String) -> String? {
        if let owner = owners[module] {
            return owner == room ? nil : "only \(owner) may use \(module); ask that room for what is needed"
        }
        guard rooms.contains(module), module != room, !mayImport(room).contains(module) else { return nil }
        let allowed = mayImport(room).sorted().joined(separator: ", ")
        return "\(room) may import \(allowed.isEmpty ? "no room" : allowed), not \(module); "
            + "move the code to a higher floor, or the type it needs to a lower one"
    }

    /// What is wrong with the `import` lines of a file.
    static func checkImports(_ file: SourceFile) -> [Finding] {
        guard let room = file.room else { return [] }
        return imports(of: file).compactMap { line, module in
            objection(to: module, in: room).map { Finding(path: file.path, line: line, cure: $0) }
        }
    }

    static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        file.code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            let words = line.split(separator: " ").map(String.init)
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
            let before = words[..<place].allSatisfy { word in
                word.hasPrefix("@") || ["package", "internal", "private", "fileprivate"].contains(word)
            }
            // `import struct Foundation.Data` names the kind before the module.
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = words[(place + 1)...].first { !kinds.contains($0) } ?? ""
            return before ? (number + 1, String(name.prefix { $0 != "." })) : nil
        }
    }

    /// What is wrong with the `dependencies:` of the targets in Package.swift. Test targets may use every room.
    static func checkTargets(_ package: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        var room: String?
        for (number, line) in package.lines.enumerated() {
            if line.contains(/\.(target|executableTarget|testTarget|systemLibrary)\(/) { room = nil }
            var names = line.matches(of: /"([A-Za-z]+)"/).map { String($0.1) }
            if room == nil, let match = line.firstMatch(of: /\bname: "([A-Za-z]+)"/) {
                room = String(match.1)
                names.removeFirst()
            }
            guard let room, rooms.contains(room) else { continue }
            for name in names {
                guard let objection = objection(to: name, in: room) else { continue }
                findings.append(Finding(path: package.path, line: number + 1, cure: objection))
            }
        }
        return findings
    }
}
