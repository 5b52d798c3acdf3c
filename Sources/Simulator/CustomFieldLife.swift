/// Custom fields are added, renamed and deleted, their options added and renamed; records take new ones into use at
/// once. A field that comes or goes changes the bytes of records whose update time stays.
extension SimulatedAccount {
    static let fieldOwners: [RecordKind: [RecordKind]] = [
        .deals: [.dealFields, .leadFields], .persons: [.personFields], .organizations: [.organizationFields],
        .products: [.productFields],
    ]
    private static let usersOfNew = 5

    /// Adds a field to deals, persons, organizations or products; gives its key. Records edited in this very second
    /// use it.
    @discardableResult
    package mutating func addField(_ kind: RecordKind, name: String, type: String, options: [String] = []) -> String {
        addField(kind, name: name, type: type, options: options, at: nowMilliseconds)
    }

    package mutating func renameField(_ kind: RecordKind, _ key: String, to name: String) {
        changeField(kind, key, at: nowMilliseconds) {
            $0.name = Refusal.escaped(name)
            $0.isRenamed = true
        }
    }

    package mutating func deleteField(_ kind: RecordKind, _ key: String) {
        deleteField(kind, key, at: nowMilliseconds)
    }

    /// Gives the id of the new option.
    @discardableResult
    package mutating func addOption(_ kind: RecordKind, _ key: String, label: String) -> Int? {
        addOption(kind, key, label: label, at: nowMilliseconds)
    }

    package mutating func renameOption(_ kind: RecordKind, _ key: String, _ id: Int, to label: String) {
        changeField(kind, key, at: nowMilliseconds, keepsName: true) { field in
            for index in field.options.indices where field.options[index].id == id {
                field.options[index].label = Refusal.escaped(label)
            }
        }
    }

    /// The keys of the custom fields that are there, by type where one is named.
    package func fieldKeys(_ kind: RecordKind, type: String? = nil) -> [String] {
        (writer.customFields[kind] ?? []).filter { !$0.isDeleted && $0.type == type ?? $0.type }.map(\.key)
    }
}

extension SimulatedAccount {
    private mutating func addField(
        _ kind: RecordKind, name: String, type: String, options: [String], at time: Int64
    ) -> String {
        let number = writer.customFields[kind]?.count ?? 0
        let added = Stamp.floorToSecond(time)
        var field = CustomField(
            seed: writer.seed, kind: kind, number: number, name: Refusal.escaped(name), type: type)
        field.addMilliseconds = added
        for label in options { field.add(Refusal.escaped(label), at: added) }
        writer.customFields[kind, default: []].append(field)
        for list in SimulatedAccount.fieldOwners[kind] ?? [] { _ = create(list, at: added) }
        return field.key
    }

    private mutating func deleteField(_ kind: RecordKind, _ key: String, at time: Int64) {
        guard let index = index(kind, key) else { return }
        writer.customFields[kind]?[index].deleteMilliseconds = Stamp.floorToSecond(time)
        for (list, id) in definitions(kind, index) { delete(list, id, at: time) }
    }

    private mutating func addOption(_ kind: RecordKind, _ key: String, label: String, at time: Int64) -> Int? {
        var id: Int?
        changeField(kind, key, at: time, keepsName: true) { field in
            if field.canTakeOption { id = field.add(Refusal.escaped(label), at: Stamp.floorToSecond(time)) }
        }
        return id
    }

    /// An edit of the definition shows in a name that nobody gave on purpose, unless it is to be kept.
    private mutating func changeField(
        _ kind: RecordKind, _ key: String, at time: Int64, keepsName: Bool = false,
        _ change: (inout CustomField) -> Void
    ) {
        guard let index = index(kind, key), var field = writer.customFields[kind]?[index] else { return }
        let places = definitions(kind, index)
        if keepsName, !field.isRenamed, let (list, id) = places.first, let row = row(list, id) {
            field.name += writer.suffix(row)
            field.isRenamed = true
        }
        change(&field)
        writer.customFields[kind]?[index] = field
        for (list, id) in places { touch(list, id, at: time) }
    }

    private func index(_ kind: RecordKind, _ key: String) -> Int? {
        writer.customFields[kind]?.firstIndex { $0.key == key && !$0.isDeleted }
    }

    /// Where the field stands in the lists of definitions: after those of the system.
    private func definitions(_ kind: RecordKind, _ index: Int) -> [(list: RecordKind, id: Int)] {
        (SimulatedAccount.fieldOwners[kind] ?? []).map { ($0, writer.systemFieldCount($0) + index + 1) }
    }

    /// One change of the definitions, as the schedule throws it.
    mutating func changeFields(_ dice: inout Dice, at time: Int64) {
        let kind = dice.pick([RecordKind.deals, .deals, .persons, .organizations])
        let number = dice.below(1000)
        let keys = fieldKeys(kind)
        let lists = fieldKeys(kind, type: "enum") + fieldKeys(kind, type: "set")
        switch dice.below(10) {
        case 0...2: if !keys.isEmpty { changeField(kind, dice.pick(keys), at: time) { _ in } }
        case 3: if keys.count > 4 { deleteField(kind, dice.pick(keys), at: time) }
        case 4...5:
            let type = dice.pick(["varchar", "enum", "double"])
            let options = type == "enum" ? ["One", "Two"] : []
            _ = addField(kind, name: "New \(number)", type: type, options: options, at: time)
        case 6...7: if !lists.isEmpty { _ = addOption(kind, dice.pick(lists), label: "Option \(number)", at: time) }
        default:
            guard !lists.isEmpty else { return }
            changeField(kind, dice.pick(lists), at: time, keepsName: true) { field in
                if !field.options.isEmpty { field.options[number % field.options.count].label = "Renamed \(number)" }
            }
        }
        for _ in 0..<SimulatedAccount.usersOfNew { if let id = pick(kind, &dice) { touch(kind, id, at: time) } }
    }
}
