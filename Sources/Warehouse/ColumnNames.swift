import Foundation

/// Names for the columns of custom fields: readable, the same in every engine, and given once for ever.
///
/// A name is `cf_` and the field's first name in small letters and digits of any script, without accents, everything
/// else an underscore. Whoever was seen first gets the bare name; a later field of the same name gets two underscores
/// and the beginning of its key behind it. So a name hangs on nothing that comes later: not on fields that are added,
/// deleted or moved, nor on a renaming, which only adds a second name, an alias. The parts of a field (`__currency`)
/// also stand behind two underscores, which no bare name has, and no member of the API begins with `cf_`; so no two
/// columns can meet.
struct ColumnNames {
    /// PostgreSQL cuts names at 63 bytes: this leaves room for a piece of the key and the longest part.
    static let mostBytes = 32
    static let prefix = "cf_"
    static let keyDigits = 8

    /// By key: the column's name, then its aliases, oldest first.
    private(set) var names: [String: [String]] = [:]
    /// The same in the order in which they were given.
    private(set) var inOrder: [(key: String, name: String, since: String)] = []

    init(_ fields: [CustomField]) {
        var taken: Set<String> = []
        for event in Self.events(fields) {
            let name = Self.free(Self.bare(event.name), event.key, taken)
            // Renamed back, or to what looks the same.
            guard names[event.key]?.contains(where: { Self.isName($0, of: event) }) != true else { continue }
            taken.insert(name)
            names[event.key, default: []].append(name)
            inOrder.append((event.key, name, event.since))
        }
    }

    private struct Event {
        var name: String
        var key: String
        var since: String
        var place: Int
    }

    /// Everything that was ever given a name, in the order in which that was seen; at one time, by key.
    private static func events(_ fields: [CustomField]) -> [Event] {
        fields.flatMap { field in
            field.names.enumerated().map {
                Event(name: $0.element.name, key: field.key, since: $0.element.since, place: $0.offset)
            }
        }.sorted { ($0.since, $0.key, $0.place) < ($1.since, $1.key, $1.place) }
    }

    private static func isName(_ name: String, of event: Event) -> Bool {
        let bare = bare(event.name)
        return name == bare || name.hasPrefix(bare + "__") && event.key.hasPrefix(name.dropFirst(bare.count + 2))
    }

    private static func free(_ bare: String, _ key: String, _ taken: Set<String>) -> String {
        if bare != "cf", !taken.contains(bare) { return bare }
        let lengths = [keyDigits, key.count]
        return lengths.map { "\(bare)__\(key.prefix($0))" }.first { !taken.contains($0) } ?? "\(bare)__\(key)"
    }

    /// `cf` for a name without any letter or digit.
    static func bare(_ name: String) -> String {
        let words = letters(of: name).split { $0 == "_" }
        var bare = String((["cf"] + words).joined(separator: "_"))
        while bare.utf8.count > mostBytes { bare.removeLast() }
        while bare.hasSuffix("_") { bare.removeLast() }
        return bare
    }

    /// Small letters and digits as they are, everything else as an underscore, accents not at all.
    private static func letters(of name: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in name.decomposedStringWithCanonicalMapping.lowercased().unicodeScalars {
            if (0x300...0x36F).contains(scalar.value) { continue }
            let isPart = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            text.append(isPart ? scalar : "_")
        }
        return String(text).precomposedStringWithCanonicalMapping
    }
}
