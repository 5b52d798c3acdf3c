/// One custom field of the account: a key of 40 hex digits that no other account has, and a type.
struct CustomField: Sendable {
    /// Every type the guide lists; a kind with fewer fields has the first of them.
    private static let types = [
        "varchar", "monetary", "enum", "set", "daterange", "double", "text", "date", "time", "timerange", "address",
        "user", "org", "people", "phone", "varchar_auto",
    ]
    private static let optionLabels = ["Low", "High", #"Mittel \u2013 normal"#, "", #"Very \/ high"#]

    let key: String
    let name: String
    let type: String
    let firstOption: Int

    init(seed: UInt64, kind: RecordKind, number: Int) {
        var dice = Dice(seed, 0x6375_7374, kind.number, Int64(number))
        key = dice.hex(40)
        type = CustomField.types[number % CustomField.types.count]
        // Two fields of one account may well have the same name.
        name = "Field \(number / 2) \(type)"
        firstOption = 100 + number * 10
    }

    var hasOptions: Bool { type == "enum" || type == "set" }

    var options: [(id: Int, label: String)] {
        CustomField.optionLabels.enumerated().map { (firstOption + $0.offset, $0.element) }
    }

    /// Half of all custom fields are unset.
    func value(_ dice: inout Dice, withLabels: Bool) -> String {
        let isUnset = dice.chance(0.5)
        let number = dice.below(1 << 20)
        if isUnset { return "null" }
        return hasOptions ? optionValue(number, withLabels) : plainValue(number)
    }

    private func optionValue(_ number: Int, _ withLabels: Bool) -> String {
        let chosen = options[number % options.count]
        func text(_ option: (id: Int, label: String)) -> String {
            withLabels ? #"{"id":\#(option.id),"label":"\#(option.label)"}"# : String(option.id)
        }
        if type == "enum" { return text(chosen) }
        return "[\(text(chosen)),\(text(options[(number / 7) % options.count]))]"
    }

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
