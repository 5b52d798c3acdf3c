/// A request for a list that has passed every check.
struct ListQuery: Sendable {
    struct Ordering: Sendable, Hashable {
        var field = "id"
        var isDescending = false
    }

    var limit = Endpoint.defaultLimit
    var start = 0
    var ordering = [Ordering()]
    var cursor: PageCursor?
    var updatedSince: Int64?
    var updatedUntil: Int64?
    var identifiers: Set<Int32>?
    /// Whose children are asked for, in a list of all of them.
    var parents: [Int32] = []
    /// Names of equal-to filters and their values.
    var equals: [String: Int] = [:]
    var statuses: Set<String>?
    /// Values chosen from a list of allowed ones.
    var chosen: [String: String] = [:]
    var flags: [String: Bool] = [:]
    var items: Set<String>?
    var texts: [String: String] = [:]
    /// The names of all parameters given.
    var given: Set<String> = []
    var wishes = RecordWriter.Wishes()

    /// What is wrong with a request; the text goes into the 400.
    struct Complaint: Error, Hashable {
        let text: String
    }

    init(_ endpoint: Endpoint, _ parameters: [(name: String, value: String)]) throws(Complaint) {
        if case .logCursor = endpoint.paging { ordering[0].isDescending = true }
        for (name, value) in parameters {
            guard let rule = endpoint.parameters.first(where: { $0.names.contains(name) }) else {
                throw Complaint(text: "Unknown key '\(name)'")
            }
            guard given.insert(name).inserted else { throw Complaint(text: "\(name): given twice") }
            try take(rule, name, value, endpoint)
        }
        if let missing = endpoint.required.first(where: { !given.contains($0) }) {
            throw Complaint(text: "\(missing): is required")
        }
        limit = min(limit, endpoint.maximumLimit)
        if equals["filter_id"] != nil { obeyFilter() }
        try checkCursor()
    }

    private mutating func take(
        _ rule: Endpoint.Parameter, _ name: String, _ value: String, _ endpoint: Endpoint
    ) throws(Complaint) {
        switch rule {
        case .integer: equals[name] = try integer(name, value)
        case .flag: try takeFlag(name, value)
        case .numberFlag: equals[name] = try choice(name, value, ["0", "1"]) == "1" ? 1 : 0
        case .text: try takeText(name, value)
        case .date: _ = try time(name, value + "T00:00:00Z")
        case .choice(_, let allowed): chosen[name] = try choice(name, value, allowed)
        case .choices(_, let allowed): try takeChoices(name, value, allowed)
        case .updatedSince: updatedSince = try time(name, value)
        case .updatedUntil: updatedUntil = try time(name, value)
        case .limit: try takeLimit(value, endpoint)
        case .start: start = try natural(name, value)
        case .cursor:
            guard let cursor = PageCursor(text: value) else { throw Complaint(text: "cursor: Invalid cursor") }
            self.cursor = cursor
        case .identifiers: identifiers = Set(try identifiers(name, value))
        case .parents: parents = try identifiers(name, value)
        case .ignored: break
        case .customFields: try takeCustomFields(value)
        case .sortBy(let fields):
            if name == "sort_by" {
                ordering[0].field = try choice(name, value, fields)
            } else {
                ordering[0].isDescending = try choice(name, value, ["asc", "desc"]) == "desc"
            }
        case .sort(let fields): try takeSort(value, fields)
        }
    }

    /// The key in a cursor belongs to one order; in another it would point anywhere.
    private func checkCursor() throws(Complaint) {
        guard let cursor else { return }
        guard cursor.field == ordering[0].field, cursor.isDescending == ordering[0].isDescending else {
            throw Complaint(text: "cursor: does not belong to this sort order")
        }
    }

    /// Documented: these are ignored where `filter_id` is given. Every saved filter of this account shows all.
    private mutating func obeyFilter() {
        equals = [:]
        identifiers = nil
        statuses = nil
    }
}

// MARK: Readers of single values

extension ListQuery {
    /// `1.5`, `+1` and `01` are no integers here.
    private func integer(_ name: String, _ value: String) throws(Complaint) -> Int {
        guard let number = Int(value), String(number) == value else {
            throw Complaint(text: "\(name): Expected number")
        }
        return number
    }

    private func natural(_ name: String, _ value: String) throws(Complaint) -> Int {
        let number = try integer(name, value)
        guard number >= 0 else { throw Complaint(text: "\(name): must not be negative") }
        return number
    }

    private func choice(_ name: String, _ value: String, _ allowed: [String]) throws(Complaint) -> String {
        guard allowed.contains(value) else { throw Complaint(text: "\(name): Invalid enum value '\(value)'") }
        return value
    }

    private func time(_ name: String, _ value: String) throws(Complaint) -> Int64 {
        guard let time = Stamp.parse(value) else { throw Complaint(text: "\(name): not a valid datetime") }
        return time
    }

    private mutating func takeFlag(_ name: String, _ value: String) throws(Complaint) {
        let flag = try choice(name, value, ["true", "false"]) == "true"
        switch name {
        case "include_option_labels": wishes.hasOptionLabels = flag
        case "include_labels": wishes.hasLabels = flag
        default: flags[name] = flag
        }
    }

    /// v2 is strict about it; v1 silently cuts it.
    private mutating func takeLimit(_ value: String, _ endpoint: Endpoint) throws(Complaint) {
        let number = try integer("limit", value)
        guard number > 0, number <= endpoint.maximumLimit || endpoint.version == 1 else {
            throw Complaint(text: "limit: must be between 1 and \(endpoint.maximumLimit)")
        }
        limit = number
    }

    /// A text that this account does not model matches nothing.
    private mutating func takeText(_ name: String, _ value: String) throws(Complaint) {
        switch name {
        case "term", "title", "all_changes": texts[name] = value
        case "parent_task_id": equals[name] = value == "null" ? 0 : try integer(name, value)
        default: equals[name] = -1
        }
    }

    private mutating func takeChoices(_ name: String, _ value: String, _ allowed: [String]) throws(Complaint) {
        var items: [String] = []
        for item in value.split(separator: ",", omittingEmptySubsequences: false) {
            items.append(try choice(name, String(item), allowed))
        }
        switch name {
        case "status": statuses = Set(items)
        case "items": self.items = Set(items)
        default: wishes.includedFields = items
        }
    }

    private func identifiers(_ name: String, _ value: String) throws(Complaint) -> [Int32] {
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Endpoint.maximumIdentifiers else {
            throw Complaint(text: "\(name): at most \(Endpoint.maximumIdentifiers)")
        }
        var found: [Int32] = []
        for part in parts {
            guard let id = Int32(part), id > 0 else { throw Complaint(text: "\(name): Expected number") }
            if !found.contains(id) { found.append(id) }
        }
        return found
    }

    private mutating func takeCustomFields(_ value: String) throws(Complaint) {
        let keys = value.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        guard keys.count <= Endpoint.maximumCustomFields else {
            throw Complaint(text: "custom_fields: at most \(Endpoint.maximumCustomFields)")
        }
        for key in keys where key.utf8.count != 40 { throw Complaint(text: "custom_fields: Unknown key '\(key)'") }
        wishes.customFields = Set(keys)
    }

    /// v1's own notation, `update_time ASC, id DESC`; the direction may be left out.
    private mutating func takeSort(_ value: String, _ fields: [String]) throws(Complaint) {
        ordering = []
        for part in value.split(separator: ",") {
            let words = part.split(separator: " ")
            guard (1...2).contains(words.count) else { throw Complaint(text: "sort: '\(part)'") }
            let direction = words.count == 2 ? words[1].uppercased() : "ASC"
            guard fields.contains(String(words[0])), ["ASC", "DESC"].contains(direction) else {
                throw Complaint(text: "sort: '\(part)'")
            }
            ordering.append(Ordering(field: String(words[0]), isDescending: direction == "DESC"))
        }
        guard !ordering.isEmpty else { throw Complaint(text: "sort: empty") }
    }
}
