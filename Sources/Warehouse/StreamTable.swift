package import Planning

/// What a stream is as a table: its key and its columns, those of the API first, then those of the account.
package struct StreamTable: Hashable, Sendable {
    package var name: String
    /// The member that is the record's key.
    package var keyMember: String
    /// The members of a line that make its key, the parent's aside; none where a record is known by its bytes alone.
    var keyPaths: [[String]]
    /// An entry without a number is known by its bytes.
    var mayLackKey: Bool
    /// Those of the API's members, in the order of the descriptions.
    package var standard: [Column]
    /// Those of the custom fields, each followed by its parts, in the order in which the fields were first seen.
    package var custom: [Column]
    /// In the same order.
    package var fields: [CustomField]
    /// By the field's key: the column that has its value, and the other names it has had.
    package var customNames: [String: [String]]

    /// Where the records carry their custom fields.
    var customFieldPlace: CustomFieldPlace

    package var columns: [Column] { standard + custom }

    /// - Parameter fields: in any order; their columns are given by when they were first seen.
    package init(_ stream: StreamSpec, fields: [CustomField]) {
        name = stream.name
        keyMember = stream.keyMember
        keyPaths =
            switch stream.keyKind {
            case .member: [[stream.keyMember]]
            case .entry: [["object"], ["data", "id"]]
            case .content: []
            }
        mayLackKey = stream.keyKind == .entry
        let parent = stream.saysParent ? [Column(LineColumn.parent, [LineColumn.parent], .text)] : []
        standard = MemberTable.members(of: stream.name).flatMap(Column.columns) + parent
        let names = ColumnNames(fields).names
        customNames = names
        // Where v1 shows leads, it shows the custom fields of deals.
        let place = stream.name == "leads" ? CustomFieldPlace.flat : .nested
        customFieldPlace = place
        self.fields = fields.sorted { ($0.names[0].since, $0.key) < ($1.names[0].since, $1.key) }
        custom = self.fields.flatMap { field in
            (names[field.key] ?? []).flatMap { field.columns(named: $0, place) }
        }
    }
}
