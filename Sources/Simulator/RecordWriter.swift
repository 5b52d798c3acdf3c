/// Writes records as JSON text. Numbers, escapes and key order are chosen to catch a reader that decodes a record and
/// writes it again: 1.10, 1e3, \u00e9, \/, raw emoji, empty strings, braces inside strings.
struct RecordWriter: Sendable {
    /// What a request may change about the shape of a record.
    struct Wishes: Sendable {
        var includedFields: [String] = []
        /// nil for all custom fields.
        var customFields: Set<String>?
        var hasOptionLabels = false
        var hasLabels = false
        /// Teams without their members.
        var skipsUsers = false
    }

    static let userCount = 12
    static let firstUserID = 8870
    static let pipelineCount = 3
    static let stagesPerPipeline = 5
    private static let customCounts: [RecordKind: Int] = [.deals: 24, .persons: 8, .organizations: 6, .products: 4]

    let seed: UInt64
    /// Links point at records that existed at the start, so they stay valid however many are created.
    let size: AccountSize
    let companyDomain: String
    var customFields: [RecordKind: [CustomField]]
    /// Whether a field that is added or deleted shows in all records at once, as it does in the real API; otherwise in
    /// those written since.
    let showsFieldsAtOnce: Bool

    init(options: AccountOptions) {
        seed = options.seed
        size = options.size
        companyDomain = options.companyDomain
        showsFieldsAtOnce = options.showsNewFieldsAtOnce
        customFields = RecordWriter.customCounts.reduce(into: [:]) { fields, entry in
            let count = options.hasHostileNames ? HostileNames.fieldCount(entry.key, entry.value) : entry.value
            fields[entry.key] = (0..<count).map { number in
                var field = CustomField(seed: options.seed, kind: entry.key, number: number)
                if options.hasHostileNames { field.takeHostileNames(of: entry.key) }
                return field
            }
        }
    }

    /// The record as its list sends it, on one line.
    func json(_ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes = Wishes()) -> String {
        switch kind {
        case .deals: deal(row, wishes)
        case .persons: person(row, wishes)
        case .organizations: organization(row, wishes)
        case .activities: activity(row, wishes)
        case .products: product(row, wishes)
        case .leads: lead(row)
        case .notes: note(row)
        case .files, .callLogs, .mailThreads, .projects, .tasks, .boards, .phases, .projectTemplates, .roles,
            .permissionSets, .teams, .goals, .webhooks:
            side(kind, row, wishes)
        default: metadata(kind, row, wishes)
        }
    }

    /// The value of the field by which the list names the record.
    func key(_ kind: RecordKind, _ row: RecordRow) -> String {
        let index = Int(row.id) - 1
        switch kind {
        case .leads, .leadLabels, .permissionSets: return leadID(kind, row.id)
        case .callLogs: return "CA" + hexID(kind, row.id)
        case .goals: return hexID(kind, row.id)
        case .users: return String(userID(row))
        case .currencies: return Words.currencies[index].code
        case .leadSources: return Words.leadSources[index]
        case .dealFields, .personFields, .organizationFields, .productFields, .activityFields, .projectFields,
            .leadFields, .noteFields:
            return fieldDefinitions(kind)[index].code
        default: return String(row.id)
        }
    }

    /// The update time in the form the record itself carries, nil where it is null or there is none.
    func updateTime(_ kind: RecordKind, _ row: RecordRow) -> String? {
        guard row.updateMilliseconds != RecordRow.noTime else { return nil }
        switch kind {
        case .leads, .leadLabels, .projects, .tasks, .boards, .phases, .projectTemplates, .mailThreads:
            return Stamp.fractional(row.updateMilliseconds)
        case .files, .notes, .filters, .activityTypes, .users, .leadFields: return Stamp.spaced(row.updateMilliseconds)
        case .deals, .persons, .organizations, .activities, .products, .pipelines, .stages:
            return Stamp.seconds(row.updateMilliseconds)
        default: return nil
        }
    }

    // MARK: What hangs on the id alone, so that filters need not write the record

    func userID(_ row: RecordRow) -> Int { RecordWriter.firstUserID + Int(row.id) - 1 }
    func owner(_ kind: RecordKind, _ id: Int32) -> Int {
        RecordWriter.firstUserID + fixed(kind, id, 1, RecordWriter.userCount)
    }
    func personID(_ kind: RecordKind, _ id: Int32) -> Int { 1 + fixed(kind, id, 2, max(size.persons, 1)) }
    func organizationID(_ kind: RecordKind, _ id: Int32) -> Int { 1 + fixed(kind, id, 3, max(size.organizations, 1)) }
    func dealID(_ kind: RecordKind, _ id: Int32) -> Int { 1 + fixed(kind, id, 4, max(size.deals, 1)) }
    func pipeline(_ id: Int32) -> Int { 1 + fixed(.deals, id, 5, RecordWriter.pipelineCount) }

    func stage(_ row: RecordRow) -> Int {
        let step = (fixed(.deals, row.id, 6, RecordWriter.stagesPerPipeline) + Int(row.revision))
        return (pipeline(row.id) - 1) * RecordWriter.stagesPerPipeline + 1 + step % RecordWriter.stagesPerPipeline
    }

    func isDone(_ row: RecordRow) -> Bool { (fixed(.activities, row.id, 7, 2) + Int(row.revision)) % 3 != 0 }

    func leadID(_ kind: RecordKind, _ id: Int32) -> String {
        var dice = Dice(seed, 0x7575_6964, kind.number, Int64(id))
        return dice.uuid()
    }

    private func hexID(_ kind: RecordKind, _ id: Int32) -> String {
        var dice = Dice(seed, 0x6865_7869, kind.number, Int64(id))
        return dice.hex(32)
    }

    func dueDate(_ row: RecordRow) -> String {
        let days = Int64(fixed(.activities, row.id, 8, 30) + Int(row.revision))
        return Stamp.day(row.addMilliseconds + days * Stamp.dayMilliseconds)
    }

    func productName(_ row: RecordRow) -> String { "Seat licence \(row.id)" }

    /// Dice that change with each edit of the record.
    func dice(_ kind: RecordKind, _ row: RecordRow) -> Dice {
        Dice(seed, kind.number, Int64(row.id), Int64(row.revision) + 1)
    }

    /// Another salt for each property: a deal's owner says nothing of its stage.
    private func fixed(_ kind: RecordKind, _ id: Int32, _ salt: Int64, _ bound: Int) -> Int {
        var dice = Dice(seed, kind.number &* 1000 &+ salt, Int64(id), -1)
        return dice.below(bound)
    }
}

// MARK: Small pieces of JSON

extension RecordWriter {
    static func optional(_ milliseconds: Int64) -> String {
        milliseconds == RecordRow.noTime || milliseconds == 0 ? "null" : #""\#(Stamp.seconds(milliseconds))""#
    }

    static func spacedOrNull(_ milliseconds: Int64) -> String {
        milliseconds == RecordRow.noTime ? "null" : #""\#(Stamp.spaced(milliseconds))""#
    }

    static func fractionalOrNull(_ milliseconds: Int64) -> String {
        milliseconds == RecordRow.noTime ? "null" : #""\#(Stamp.fractional(milliseconds))""#
    }

    static func list(_ items: [Int]) -> String { "[" + items.map { String($0) }.joined(separator: ",") + "]" }

    /// `"custom_fields":{…}`: every field of the account, unset ones as null.
    func customFieldsObject(_ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes, _ dice: inout Dice) -> String {
        var text = "{"
        for field in customFields[kind] ?? [] {
            let value = value(of: field, kind, row, wishes, &dice)
            guard isShown(field, row) else { continue }
            if let wanted = wishes.customFields, !wanted.contains(field.key) { continue }
            text += text.utf8.count > 1 ? #",""# : "\""
            text += field.key
            text += #"":"#
            text += value
        }
        return text + "}"
    }

    /// Thrown for every field, so that leaving some out does not change the others; those that came later have dice of
    /// their own.
    func value(
        of field: CustomField, _ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes, _ dice: inout Dice
    ) -> String {
        guard field.addMilliseconds != Int64.min else {
            return field.value(&dice, at: row.updateMilliseconds, withLabels: wishes.hasOptionLabels)
        }
        var own = Dice(seed, kind.number, Int64(row.id) << 20 | Int64(field.number), -Int64(row.revision) - 2)
        return field.value(&own, at: row.updateMilliseconds, withLabels: wishes.hasOptionLabels)
    }

    func isShown(_ field: CustomField, _ row: RecordRow) -> Bool {
        if showsFieldsAtOnce { return !field.isDeleted }
        return field.addMilliseconds <= row.updateMilliseconds && row.updateMilliseconds < field.deleteMilliseconds
    }

    func labels(_ ids: [Int], _ wishes: Wishes) -> String {
        let plain = #""label_ids":\#(RecordWriter.list(ids))"#
        guard wishes.hasLabels else { return plain }
        return plain + #","labels":["# + ids.map { #"{"id":\#($0),"label":"Label \#($0)"}"# }.joined(separator: ",")
            + "]"
    }

    /// Members that come only when `include_fields` names them.
    func included(_ wishes: Wishes, _ dice: inout Dice, sourceLead: String? = nil) -> String {
        wishes.includedFields.map { name in
            let count = dice.below(40)
            if name == "source_lead_id" { return #","source_lead_id":\#(sourceLead.map { #""\#($0)""# } ?? "null")"# }
            if name.hasSuffix("_count") { return #","\#(name)":\#(count)"# }
            if name.hasSuffix("_id") { return #","\#(name)":\#(count == 0 ? "null" : String(count))"# }
            if name == "attendees" { return #","attendees":[{"email":"some@example.com","is_organizer":true}]"# }
            return #","\#(name)":null"#
        }.joined()
    }
}
