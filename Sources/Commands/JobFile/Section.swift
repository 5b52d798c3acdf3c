/// A mapping of the job file with the keys it may have. Opening it tells of every key it does not know.
struct Section {
    /// Every section and its keys, to tell where a misplaced key belongs.
    static let known: [(section: String, keys: [String])] = [
        ("", ["account", "api", "budget", "window", "streams", "priority", "output", "concurrency"]),
        ("api", ["base_url", "token", "oauth", "ca_file"]),
        ("api.token", ["env", "file", "command"]),
        ("api.oauth", ["client_id", "client_secret", "refresh_token_file", "server", "redirect"]),
        ("api.oauth.client_id", ["env", "file", "command"]),
        ("api.oauth.client_secret", ["env", "file", "command"]),
        ("budget", ["daily_tokens", "keep_free", "max_tokens_per_run", "max_share", "resets_at", "time_zone"]),
        ("window", ["start", "lag", "overlap", "sweep"]),
        ("output", ["directory", "compression_level", "roll_at"]),
    ]

    /// Whose keys are names that somebody chose, and are looked at elsewhere.
    private static let ofNames = "budget.max_share"
    /// Sections under which somebody may have written the secret itself.
    private static let secret: Set = ["api.token", "api.oauth.client_id", "api.oauth.client_secret"]

    private let path: String
    private let line: Int
    private let entries: [JobNode.Entry]
    /// Whatever is wrong has been said already, so that a missing key is no news.
    private let isBroken: Bool
    private let mistakes: MistakeList

    init(root: JobNode, mistakes: MistakeList) {
        self.init(root, path: "", line: 1, mistakes: mistakes)
    }

    init(_ node: JobNode?, path: String, line: Int, mistakes: MistakeList) {
        (self.path, self.line, self.mistakes) = (path, line, mistakes)
        if case .mapping(let found)? = node?.content {
            (entries, isBroken) = (found, false)
        } else {
            (entries, isBroken) = ([], node.map { !$0.isNothing } ?? false)
        }
        if isBroken, let node { tellNoMapping(node) } else { tellUnknownKeys() }
    }

    /// The section under this key; empty where it is not given, so that its required keys are told as missing.
    func section(_ key: String, isOptional: Bool = true) -> Section {
        let entry = entries.first { $0.key == key }
        if let entry, isOptional, entry.value.isNothing { tellNothing(entry) }
        let absent = isBroken ? JobNode(line: line, content: .broken) : nil
        return Section(entry?.value ?? absent, path: full(key), line: entry?.keyLine ?? line, mistakes: mistakes)
    }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Nil when the key is not given, or is given wrongly, which is told.
    func optional(_ key: String) -> Field? {
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isBroken else { return nil }
        guard !entry.value.isNothing else {
            tellNothing(entry)
            return nil
        }
        return Field(path: full(key), line: entry.value.line, node: entry.value, mistakes: mistakes)
    }

    /// Nil when the key is not given, which is told with an example of what to write.
    func required(_ key: String, example: String) -> Field? {
        let entry = entries.first { $0.key == key }
        if let entry, !entry.value.isNothing { return optional(key) }
        if !isBroken {
            mistakes.add(line: entry?.keyLine ?? line, key: full(key), "is missing; write for example \(example)")
        }
        return nil
    }

    /// Every key that is given, with its value.
    var fields: [(key: String, field: Field)] {
        entries.filter { !$0.value.isBroken }.map { entry in
            (entry.key, Field(path: full(entry.key), line: entry.keyLine, node: entry.value, mistakes: mistakes))
        }
    }

    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func tellNothing(_ entry: JobNode.Entry) {
        mistakes.add(
            line: entry.keyLine, key: full(entry.key),
            "has no value; give it one, or leave the key out to have the default")
    }

    private func tellNoMapping(_ node: JobNode) {
        guard !node.isBroken else { return }
        let keys = Self.known.first { $0.section == path }?.keys ?? []
        let form = path == Self.ofNames ? "such as {files: 30%}" : "with the keys \(keys.joined(separator: ", "))"
        mistakes.add(line: node.line, key: path.isEmpty ? nil : path, "must be a mapping \(form), not \(node.inWords)")
    }
}

extension Section {
    private func tellUnknownKeys() {
        guard path != Self.ofNames else { return }
        let keys = Self.known.first { $0.section == path }?.keys ?? []
        for entry in entries where !keys.contains(entry.key) {
            guard !Self.secret.contains(path) else {
                // The key may be the secret, so it is not repeated.
                mistakes.add(line: entry.keyLine, key: path, "knows only \(keys.joined(separator: ", "))")
                continue
            }
            mistakes.add(line: entry.keyLine, key: full(entry.key), "unknown key\(advice(entry.key, among: keys))")
        }
    }

    private func advice(_ key: String, among keys: [String]) -> String {
        if let near = Spelling.nearest(to: key, among: keys) { return "; did you mean \(near)?" }
        let home = Self.known.first { $0.section != path && $0.keys.contains(key) }
        if let home {
            return home.section.isEmpty ? "; it belongs to the outermost level" : "; it belongs under \(home.section)"
        }
        return "; known here: \(keys.joined(separator: ", "))"
    }
}
