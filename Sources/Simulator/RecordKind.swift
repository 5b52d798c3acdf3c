/// The kinds of record an account holds, by the name of the stream they fill.
package enum RecordKind: String, Sendable, CaseIterable {
    case deals, persons, organizations, activities, products, leads, notes
    case pipelines, stages, users, currencies, filters
    case activityTypes = "activity_types"
    case leadLabels = "lead_labels"
    case leadSources = "lead_sources"
    case dealFields = "deal_fields"
    case personFields = "person_fields"
    case organizationFields = "organization_fields"
    case productFields = "product_fields"
    case activityFields = "activity_fields"
    case projectFields = "project_fields"
    case leadFields = "lead_fields"
    case noteFields = "note_fields"

    /// Those that are edited, created and deleted as the clock moves.
    package static let living: [RecordKind] = [
        .deals, .persons, .organizations, .activities, .products, .leads, .notes,
    ]

    var number: Int64 { Int64(RecordKind.allCases.firstIndex(of: self) ?? 0) }

    /// Only leads carry milliseconds; everything else lives in whole seconds.
    func rounded(_ milliseconds: Int64) -> Int64 {
        self == .leads ? milliseconds : Stamp.floorToSecond(milliseconds)
    }
}
