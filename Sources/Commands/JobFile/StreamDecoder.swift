import Planning

/// `streams`: names and groups, to the streams of the catalogue.
enum StreamDecoder {
    private static let everything = "all"
    private static let groups = [StreamGroup.core, .metadata]

    static func streams(in root: Section) -> [Job.Selected]? {
        guard let field = root.required("streams", example: "streams: [core]"),
            let nodes = field.list(example: "[core]")
        else { return nil }
        var selected: [Job.Selected] = []
        var lines: [String: Int] = [:]
        for node in nodes where !node.isBroken {
            let item = field.item(node)
            guard let name = item.text() else { continue }
            refuseDouble(name, item, &lines)
            for found in streams(named: name, item) { add(found, to: &selected) }
        }
        return selected
    }

    /// A stream may come with its group as well; the same word twice may have been meant to be another one.
    static func refuseDouble(_ name: String, _ item: Field, _ lines: inout [String: Int]) {
        if let line = lines[name] { item.tell("\(name) stands there already, on line \(line)") }
        lines[name] = item.line
    }

    static func streams(named name: String, _ item: Field) -> [Job.Selected] {
        if let stream = Catalogue.stream(named: name) { return [Job.Selected(stream: stream, isNamed: true)] }
        if name == everything {
            return Catalogue.streams.filter { $0.group != .byName }.map { Job.Selected(stream: $0, isNamed: false) }
        }
        if let group = groups.first(where: { $0.rawValue == name }) {
            return Catalogue.streams.filter { $0.group == group }.map { Job.Selected(stream: $0, isNamed: false) }
        }
        let words = Catalogue.streams.map(\.name) + groups.map(\.rawValue) + [everything]
        let advice =
            Spelling.nearest(to: name, among: words).map { "did you mean \($0)?" }
            ?? "`pipesnap streams` lists what there is"
        item.tell("\(item.node.inWords) is no stream and no group; \(advice)")
        return []
    }

    /// Each stream once, where it came first; naming it counts wherever it is named.
    private static func add(_ found: Job.Selected, to selected: inout [Job.Selected]) {
        if let place = selected.firstIndex(where: { $0.stream.name == found.stream.name }) {
            selected[place].isNamed = selected[place].isNamed || found.isNamed
        } else {
            selected.append(found)
        }
    }
}
