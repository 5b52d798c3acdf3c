/// One custom field of the account: a key of 40 hex digits that no other account has, and a type.
struct CustomField: Sendable {
    struct Option: Sendable {
        let id: Int
        var label: String
        /// When somebody added it; before all times for the options that the field began with.
        var addMilliseconds = Int64.min
    }

    /// Every type the guide lists; a kind with fewer fields has the first of them.
    private static let types = [
        "varchar", "monetary", "enum", "set", "daterange", "double", "text", "date", "time", "timerange", "address",
        "user", "org", "people", "phone", "varchar_auto",
    ]
    private static let optionLabels = ["Low", "High", #"Mittel \u2013 normal"#, "", #"Very \/ high"#]
    /// Ids of options that a field may have in its life.
    private static let optionsAField = 10

    let number: Int
    let key: String
    let type: String
    var name: String
    /// Whether somebody gave it this very name; otherwise each edit of the definition shows in the name.
    var isRenamed = false
    var options: [Option] = []
    var addMilliseconds = Int64.min
    var deleteMilliseconds = Int64.max

    init(seed: UInt64, kind: RecordKind, number: Int) {
        let type = CustomField.types[number % CustomField.types.count]
        // Two fields of one account may well have the same name.
        self.init(seed: seed, kind: kind, number: number, name: "Field \(number / 2) \(type)", type: type)
        for label in hasOptions ? CustomField.optionLabels : [] { add(label, at: Int64.min) }
    }

    init(seed: UInt64, kind: RecordKind, number: Int, name: String, type: String) {
        var dice = Dice(seed, 0x6375_7374, kind.number, Int64(number))
        key = dice.hex(40)
        self.number = number
        self.name = name
        self.type = type
    }

    var hasOptions: Bool { type == "enum" || type == "set" }
    var isDeleted: Bool { deleteMilliseconds != Int64.max }
    var canTakeOption: Bool { hasOptions && options.count < CustomField.optionsAField }

    @discardableResult
    mutating func add(_ label: String, at time: Int64) -> Int {
        let id = 100 + number * CustomField.optionsAField + options.count
        options.append(Option(id: id, label: label, addMilliseconds: time))
        return id
    }

    /// Half of all custom fields are unset. A record that is edited in the very second in which the field or an option
    /// came takes it into use; one that is older cannot know it.
    func value(_ dice: inout Dice, at time: Int64, withLabels: Bool) -> String {
        let isUnset = dice.chance(0.5)
        let number = dice.below(1 << 20)
        if time < addMilliseconds { return "null" }
        let isNew = isFresh(addMilliseconds, time) || isFresh(options.last?.addMilliseconds, time)
        if isUnset, !isNew { return "null" }
        return hasOptions ? optionValue(number, time, withLabels) : plainValue(number)
    }

    private func optionValue(_ number: Int, _ time: Int64, _ withLabels: Bool) -> String {
        guard let last = options.last(where: { $0.addMilliseconds <= time }) else { return "null" }
        let count = 1 + (options.lastIndex { $0.addMilliseconds <= time } ?? 0)
        let chosen = isFresh(last.addMilliseconds, time) ? last : options[number % count]
        func text(_ option: Option) -> String {
            withLabels ? #"{"id":\#(option.id),"label":"\#(option.label)"}"# : String(option.id)
        }
        if type == "enum" { return text(chosen) }
        return "[\(text(chosen)),\(text(options[(number / 7) % count]))]"
    }

    /// Int64.min stands for the beginning here, and for no time there.
    private func isFresh(_ added: Int64?, _ time: Int64) -> Bool { added == time && time != RecordRow.noTime }

    private func plainValue(_ number: Int) -> String {
        let text = Words.texts[number % Words.texts.count]
        let amount = Words.amounts[number % Words.amounts.count]
        let day = 1 + number % 28 < 10 ? "0\(1 + number % 28)" : String(1 + number % 28)
        let zone = #""timezone_id":\#(number % 400),"timezone_name":"Europe\/London""#
        switch type {
        case "monetary": return #"{"value":\#(amount),"currency":"\#(Words.currencies[number % 5].code)"}"#
        case "double": return amount
        case "date": return #""2026-01-\#(day)""#
        case "daterange": return #"{"value":"2026-10-\#(day)","until":"2027-09-30"}"#
        case "time": return #"{"value":"09:00:00",\#(zone)}"#
        case "timerange": return #"{"value":"09:00:00","until":"11:00:00",\#(zone)}"#
        case "address": return RecordWriter.address(number, withFormatted: true)
        case "user", "org", "people": return String(1 + number % 5000)
        case "phone": return #""+49 30 \#(100_000 + number % 900_000)""#
        default: return #""\#(text)""#
        }
    }
}

extension RecordWriter {
    static func address(_ number: Int, withFormatted: Bool = false) -> String {
        let (city, country) = Words.cities[number % Words.cities.count]
        let street = "Hauptstr. \(number % 200)"
        let formatted = withFormatted ? #","formatted_address":"\#(street), \#(city)""# : ""
        return #"{"value":"\#(street), \#(city)","country":"\#(country)","admin_area_level_1":"\#(city)","#
            + #""admin_area_level_2":null,"locality":"\#(city)","sublocality":null,"route":"Hauptstr.","#
            + #""street_number":"\#(number % 200)","subpremise":"","#
            + #""postal_code":"10\#(100 + number % 800)"\#(formatted)}"#
    }
}
