/// Raw JSON texts, awkward on purpose. Everything here is already escaped as it goes over the wire.
enum Words {
    static let companies = [
        "Nordwind GmbH", #"Caf\u00e9 Central"#, "Łódź Logistics", #"A\/S Møller"#, "Größe & Söhne", "日本商事",
        #"O'Neill \"Bros\""#,
        "Сибирь", #"Back\\slash Ltd"#, #"Tab\there"#, "{Braces} [and] more", "Plain Co", #"Ünïcode \ud83d\ude80"#,
        "Emoji 🦊 AG",
    ]
    static let texts = [
        "framework contract", "", #"line one\nline two"#, #"caf\u00e9"#, #"https:\/\/example.com\/a?b=c&d=\u0026"#,
        "naïve – “quoted”",
        #"{\"id\":1,\"update_time\":\"1999-01-01T00:00:00Z\"}"#, #"]},{\"id\":2"#, "👩‍👩‍👧 family",
        #"\ud83d\ude00 surrogate pair"#,
        #"ends with backslash\\"#, #"\u2028 and \#u{2028} separators"#, "null", "0012", " padded ", #"\b\f\r\t"#,
    ]
    /// The same amounts in spellings that a number type would not give back.
    static let amounts = [
        "18400.50", "1.10", "1e3", "0", "0.0", "2.5E+2", "-0.0", "12345678901.125", "1533.38", "100", "99.90", "1E-2",
        "123456789012345678901234567890", "7", "0.30000000000000004",
    ]
    static let firstNames = [
        "Ada", "Søren", #"Zo\u00eb"#, "Łukasz", "Renée", "太郎", "Ivan", #"Mar\u00eda"#, "Bob", "Åsa",
    ]
    static let lastNames = [
        "Sørensen", #"M\u00fcller"#, "O'Brien", "García", "Иванов", "Smith", "Nguyễn", "山田", "d'Arc", "Lee",
    ]
    static let subjects = [
        "Call back", "Send offer", #"Lunch \ud83c\udf5c"#, "Demo – 2nd", "", #"Follow-up: \"pricing\""#,
    ]
    static let activityTypes = ["call", "meeting", "task", "deadline", "email", "lunch"]
    static let leadSources = [
        "Manually created", "Deal", "Web forms", "Prospector", "Leadbooster", "Live chat", "Import", "Website visitors",
        "Workflow automation", "API",
    ]
    static let currencies = [
        (code: "EUR", name: "Euro", symbol: #"\u20ac"#), (code: "USD", name: "US Dollar", symbol: "$"),
        (code: "GBP", name: "Pound Sterling", symbol: "£"), (code: "JPY", name: "Yen", symbol: "¥"),
        (code: "SEK", name: "Swedish Krona", symbol: "kr"),
    ]
    static let cities = [
        ("Berlin", "Germany"), ("Tallinn", "Estonia"), (#"S\u00e3o Paulo"#, "Brazil"), ("København", "Denmark"),
    ]
}
