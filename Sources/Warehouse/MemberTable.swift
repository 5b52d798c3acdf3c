/// What the API's objects hold by the official descriptions: one line a stream, `name:kind`, in their order. The
/// descriptions lie in two places, schemas and examples, and neither is complete: this is what both say. Times and
/// dates are strings there; what they are is told from their names and examples. A test holds the table to the
/// descriptions.
package enum MemberTable {
    private static let lines = [core, metadata, others, children].reduce(into: [:]) { $0.merge($1) { $1 } }

    /// In the order of the descriptions; empty for a stream that is not described.
    package static func members(of stream: String) -> [Member] {
        (lines[stream] ?? "").split { $0 == " " || $0 == "\n" }.compactMap { entry in
            let parts = entry.split(separator: ":")
            guard parts.count == 2, let kind = Member.Kind(rawValue: String(parts[1])) else { return nil }
            return Member(name: String(parts[0]), kind: kind)
        }
    }

    /// Every entry of every line, as written: for the test that none is misspelt.
    static var entries: [(stream: String, entries: [Substring])] {
        lines.map { ($0.key, $0.value.split { $0 == " " || $0 == "\n" }) }
    }
}

/// One member of the API's objects.
package struct Member: Hashable, Sendable {
    package var name: String
    package var kind: Kind

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case text, integer, number, boolean
        /// A date and a time of day in UTC, in any of the three forms that the API has.
        case time
        case date
        /// A time of day.
        case clock
        /// A list of whole numbers.
        case ids
        /// An object or a list, kept as JSON.
        case json
        /// An object with the parts of an address.
        case address
        /// An object with `amount` and `currency`.
        case money
    }
}
