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
    /// Those of the custom fields, each followed by its parts, and the labels of options of Pipedrive's own fields: in
    /// the order in which their names, or the options, were first seen, so that what is new stands at the end.
    package var custom: [Column]
    /// In the same order.
    package var fields: [CustomField]
    /// Those of `custom` that are labels of Pipedrive's own fields.
    var ownLabels: [Column]
    /// By the field's key: the column that has its value, and the other names it has had.
    package var customNames: [String: [String]]

    /// Where the records carry their custom fields.
    var customFieldPlace: CustomFieldPlace

    package var columns: [Column] { standard + custom }

    /// - Parameters:
    ///   - fields: in any order; their columns are given by when they were first seen.
    ///   - optionFields: likewise.
    package init(_ stream: StreamSpec, fields: [CustomField], optionFields: [OptionField] = []) {
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
        let names = ColumnNames(fields)
        customNames = names.names
        // Where v1 shows leads, it shows the custom fields of deals.
        let place = stream.name == "leads" ? CustomFieldPlace.flat : .nested
        customFieldPlace = place
        self.fields = fields.sorted { ($0.names[0].since, $0.key) < ($1.names[0].since, $1.key) }
        let byKey = Dictionary(fields.map { ($0.key, $0) }) { $1 }
        let labels = Self.labels(optionFields, beside: standard)
        let seen = names.inOrder.map { given in
            SeenColumns(since: given.since, columns: byKey[given.key]?.columns(named: given.name, place) ?? [])
        }
        ownLabels = labels.flatMap(\.columns)
        // Of what was seen at one time, custom fields stand first.
        custom = (seen + labels).enumerated()
            .sorted { ($0.element.since, $0.offset) < ($1.element.since, $1.offset) }.flatMap(\.element.columns)
    }

    /// What came to be columns at one time.
    private struct SeenColumns {
        var since: String
        var columns: [Column]
    }

    /// One column for each member: what is called as the member is goes before what is called nearly so.
    private static func labels(_ fields: [OptionField], beside standard: [Column]) -> [SeenColumns] {
        var found: [String: SeenColumns] = [:]
        for field in fields.sorted(by: { $0.code.utf8.count < $1.code.utf8.count }) {
            guard let column = field.labels(beside: standard) else { continue }
            found[column.name] = SeenColumns(since: field.since, columns: [column])
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension StreamTable {
    /// The columns that hold ids of options, each with the labels of those.
    var optionLists: [(column: String, options: [CustomField.Option])] {
        let own = ownLabels.compactMap { column -> (String, [CustomField.Option])? in
            switch column.kind {
            case .label(let options), .labels(let options): (column.path[0], options)
            default: nil
            }
        }
        return own + fields.map { (customNames[$0.key]?.first ?? "", $0.options) }
    }
}
