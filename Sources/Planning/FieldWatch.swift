/// A custom field in use, or one of its options.
package struct FieldUse: Hashable, Sendable, CustomStringConvertible {
    package var key: String
    package var option: String?

    package init(key: String, option: String? = nil) { (self.key, self.option) = (key, option) }

    package var description: String { option.map { "\(key):\($0)" } ?? key }
}

/// What is known of the custom fields of one stream's records, and since when. Only a record that changed after the
/// definitions were listed can use what they did not show, so older records need not be looked into: history costs
/// nothing.
package struct FieldWatch: Hashable, Sendable {
    /// When the listing of the definitions began.
    package var since: Instant
    /// By the field's key the ids of all its options, those of the past too; none for a field without options.
    package var options: [String: Set<String>]

    package init(since: Instant, options: [String: Set<String>]) { (self.since, self.options) = (since, options) }

    package func knows(_ use: FieldUse) -> Bool {
        guard let known = options[use.key] else { return false }
        guard let option = use.option else { return true }
        return known.isEmpty || known.contains(option)
    }
}

/// What a page showed beside its records: made off the main path, page by page.
package struct PageLook: Sendable {
    package var sample = MemberSample()
    /// What the watch did not know.
    package var unknown: Set<FieldUse> = []

    package init() {}
}
