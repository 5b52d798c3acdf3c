/// Names and labels that people could give to fields and options, chosen to break what is careless with them.
package enum HostileNames {
    package static let fields = [
        #"it's; DROP TABLE deals; --"#, #"say "hello""#, "`backticks`", #"back\slash"#, "select", "Budget", "Budget",
        "budget", "Büdget", "", "🦊🦊", "id", "Title", "_seq", "cf_budget",
        String(repeating: "very long name ", count: 14),
        "$$ ${HOME} {{x}} $view$", "two\nlines\tand tabs", "日本語", "Бюджет", "%s %d :name ? @x", "/* comment */ */",
        "Budget currency", "Budget__currency", "]]>&<b>", "NULL", "order", "\u{202E}turned", #"\'; SELECT 1; --"#, " ",
        "'", #"""#, "\u{0}zero",
    ]
    static let labels = [
        #"it's; DROP TABLE deals; --"#, #"say "hello""#, #"back\slash\"#, "", "🦊 日本", #"\'; SELECT 1; --"#,
        "two\nlines", "$$ $view$ :name", "`", "%",
    ]

    /// Deals have a field for every name.
    static func fieldCount(_ kind: RecordKind, _ count: Int) -> Int {
        kind == .deals ? max(count, fields.count) : count
    }
}

extension CustomField {
    /// The same field with names that are hard to handle; each kind of record begins at another place of the list.
    mutating func takeHostileNames(of kind: RecordKind) {
        let start = kind == .deals ? 0 : Int(kind.number) * 5
        name = Refusal.escaped(HostileNames.fields[(start + number) % HostileNames.fields.count])
        for index in options.indices {
            options[index].label = Refusal.escaped(HostileNames.labels[(number + index) % HostileNames.labels.count])
        }
    }
}
