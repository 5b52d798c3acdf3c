/// One line of a field list.
struct FieldDefinition: Sendable {
    let code: String
    let name: String
    let type: String
    var custom: CustomField?
}

/// Field definitions: v2 lists by `field_code`, v1 lists by `key`.
extension RecordWriter {
    private static let systemFields: [RecordKind: [(String, String)]] = [
        .dealFields: [
            ("id", "int"), ("title", "varchar"), ("value", "monetary"), ("stage_id", "stage"), ("status", "status"),
            ("add_time", "date"), ("update_time", "date"), ("label_ids", "set"), ("channel", "enum"),
        ],
        .personFields: [
            ("id", "int"), ("name", "varchar"), ("emails", "varchar"), ("phones", "phone"), ("label", "set"),
        ],
        .organizationFields: [
            ("id", "int"), ("name", "varchar"), ("address", "address"), ("label_ids", "set"),
            ("visible_to", "visible_to"),
        ],
        .productFields: [("id", "int"), ("name", "varchar"), ("prices", "double")],
        .activityFields: [("id", "int"), ("subject", "varchar"), ("due_date", "date"), ("done", "boolean")],
        .projectFields: [("title", "varchar"), ("status", "status")],
        .leadFields: [("title", "varchar"), ("value", "monetary"), ("owner_id", "user")],
        .noteFields: [("content", "text"), ("pinned_to_deal_flag", "enum")],
    ]
    /// Options of those, by the field: ids as the records have them.
    private static let systemOptions: [String: [(Int, String)]] = [
        "label_ids": [(4, "Customer"), (11, "Hot"), (12, "Warm"), (13, #"It's \"cold\""#), (14, ""), (15, "Mittel")],
        "label": [(5, "Partner")],
        "channel": [(51, "Phone"), (52, "Web \\u2013 form")],
        "visible_to": [(1, "Owner"), (3, "Everybody")],
    ]
    private static let owners: [RecordKind: RecordKind] = [
        .dealFields: .deals, .personFields: .persons, .organizationFields: .organizations, .productFields: .products,
        .leadFields: .deals,
    ]

    func fieldDefinitions(_ kind: RecordKind) -> [FieldDefinition] {
        let system = RecordWriter.systemFields[kind] ?? []
        let custom = RecordWriter.owners[kind].flatMap { customFields[$0] } ?? []
        return system.map { FieldDefinition(code: $0.0, name: $0.0, type: $0.1) }
            + custom.map { FieldDefinition(code: $0.key, name: $0.name, type: $0.type, custom: $0) }
    }

    func systemFieldCount(_ kind: RecordKind) -> Int { RecordWriter.systemFields[kind]?.count ?? 0 }

    func field(_ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes) -> String {
        let field = fieldDefinitions(kind)[Int(row.id) - 1]
        let visibility = #"{"add_visible_flag":true,"details_visible_flag":true}"#
        let extras = wishes.includedFields.map {
            #","\#($0)":\#($0 == "ui_visibility" ? visibility : #"{"enabled":false}"#)"#
        }
        return
            #"{"field_name":"\#(shownName(field, row))","field_code":"\#(field.code)","description":null,"#
            + #""field_type":"\#(field.type)","options":\#(options(field)),"subfields":\#(subfields(field)),"#
            + #""is_custom_field":\#(field.custom != nil),"is_optional_response_field":false\#(extras.joined())}"#
    }

    func oldField(_ kind: RecordKind, _ row: RecordRow) -> String {
        let field = fieldDefinitions(kind)[Int(row.id) - 1]
        return
            #"{"id":\#(12_000 + row.id),"key":"\#(field.code)","name":"\#(shownName(field, row))","#
            + #""order_nr":\#(row.id),"#
            + #""field_type":"\#(field.type)","add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
            + #""update_time":\#(RecordWriter.spacedOrNull(row.updateMilliseconds)),"active_flag":true,"#
            + #""edit_flag":true,"#
            + #""options":\#(options(field)),"mandatory_flag":true}"#
    }

    private func options(_ field: FieldDefinition) -> String {
        guard let custom = field.custom else {
            return RecordWriter.systemOptions[field.code].map(RecordWriter.options) ?? "null"
        }
        return custom.hasOptions ? RecordWriter.options(custom.options.map { ($0.id, $0.label) }) : "null"
    }

    private static func options(_ options: [(Int, String)]) -> String {
        "[" + options.map { #"{"id":\#($0.0),"label":"\#($0.1)","color":null}"# }.joined(separator: ",") + "]"
    }

    private func subfields(_ field: FieldDefinition) -> String {
        guard field.type == "monetary" else { return "null" }
        return #"[{"field_code":"value","field_name":"Amount of \#(field.name)","field_type":"double"},"#
            + #"{"field_code":"currency","field_name":"Currency of \#(field.name)","field_type":"varchar"}]"#
    }

    private func shownName(_ field: FieldDefinition, _ row: RecordRow) -> String {
        field.name + (field.custom?.isRenamed == true ? "" : suffix(row))
    }
}
