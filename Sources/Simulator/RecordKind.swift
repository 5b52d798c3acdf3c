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
    // New kinds come last: a kind's place is part of the seed of its records.
    case files, roles, teams, goals, webhooks, projects, tasks, boards, phases
    case callLogs = "call_logs"
    case mailThreads = "mail_threads"
    case permissionSets = "permission_sets"
    case projectTemplates = "project_templates"
    // What hangs on a parent has no table: it is written from the parent's row and its history.
    case noteComments = "note_comments"
    case productVariations = "product_variations"
    case dealProducts = "deal_products"
    case dealInstallments = "deal_installments"
    case dealFollowers = "deal_followers"
    case personFollowers = "person_followers"
    case organizationFollowers = "organization_followers"
    case dealParticipants = "deal_participants"
    case dealChangelog = "deal_changelog"
    case personChangelog = "person_changelog"
    case organizationChangelog = "organization_changelog"
    case dealFlow = "deal_flow"
    case mailMessages = "mail_messages"
    case organizationRelationships = "organization_relationships"
    case dealDiscounts = "deal_discounts"
    case productFollowers = "product_followers"
    case projectChangelog = "project_changelog"
    case roleAssignments = "role_assignments"
    case permissionSetAssignments = "permission_set_assignments"

    /// Those that are edited, created and deleted as the clock moves.
    package static let living: [RecordKind] = [
        .deals, .persons, .organizations, .activities, .products, .leads, .notes,
    ]

    /// Lists beside those: made when first asked for, and then lived up to the present.
    package static let side: [RecordKind] = [
        .files, .roles, .teams, .goals, .webhooks, .projects, .tasks, .boards, .phases, .callLogs, .mailThreads,
        .permissionSets, .projectTemplates,
    ]

    /// Whose record this hangs on; nil for what stands alone.
    package var parent: RecordKind? {
        switch self {
        case .noteComments: .notes
        case .productVariations, .productFollowers: .products
        case .projectChangelog: .projects
        case .roleAssignments: .roles
        case .permissionSetAssignments: .permissionSets
        case .dealProducts, .dealInstallments, .dealDiscounts, .dealFollowers, .dealParticipants, .dealChangelog,
            .dealFlow, .mailMessages:
            .deals
        case .personFollowers, .personChangelog: .persons
        case .organizationFollowers, .organizationChangelog, .organizationRelationships: .organizations
        default: nil
        }
    }

    package static let children = RecordKind.allCases.filter { $0.parent != nil }

    private static let order = RecordKind.allCases

    var number: Int64 { Int64(RecordKind.order.firstIndex(of: self) ?? 0) }

    /// Most of the account lives in whole seconds.
    func rounded(_ milliseconds: Int64) -> Int64 {
        hasMilliseconds ? milliseconds : Stamp.floorToSecond(milliseconds)
    }

    var hasMilliseconds: Bool {
        switch self {
        case .leads, .projects, .tasks, .boards, .phases, .projectTemplates, .callLogs, .mailThreads, .webhooks: true
        default: false
        }
    }
}
