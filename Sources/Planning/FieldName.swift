/// What a field, or one of its options, is called by its definition.
package struct FieldName: Hashable, Sendable {
    /// Nil for the field itself; ids are numbers in most lists and words in some.
    package var option: String?
    package var name: String
    /// The field's type, `enum`.
    package var type: String

    /// The index's texts end at a zero byte, and no warehouse takes one.
    private static func kept(_ name: String) -> String { name.replacing("\0", with: "\u{FFFD}") }

    package init(option: String? = nil, name: String, type: String) {
        self.option = option
        self.name = Self.kept(name)
        self.type = type
    }
}

/// Which streams are definitions of fields, and whose.
extension Catalogue {
    private static let described = [
        "deal_fields": "deals", "person_fields": "persons", "organization_fields": "organizations",
        "product_fields": "products", "activity_fields": "activities", "project_fields": "projects",
        "lead_fields": "leads", "note_fields": "notes",
    ]

    /// The streams that say what the fields of this one are called. Leads have the custom fields of deals.
    package static func definitions(of stream: String) -> [String] {
        let own = described.filter { $0.value == stream }.map(\.key)
        return stream == "leads" ? own + ["deal_fields"] : own
    }

    /// All streams of definitions, each with the stream whose fields it describes.
    package static let definitions: [(stream: String, entity: String)] =
        described.map { ($0.key, $0.value) }.sorted { $0.stream < $1.stream }

    fileprivate static func entity(definedBy stream: String) -> String? { described[stream] }
}

extension StreamSpec {
    /// The stream whose fields the records of this one describe; nil for all others.
    package var definesFieldsOf: String? { Catalogue.entity(definedBy: name) }
}
