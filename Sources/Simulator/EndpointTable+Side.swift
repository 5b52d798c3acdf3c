/// The lists beside the great ones, children, histories and single records, line by line from the official
/// descriptions.
extension Endpoint {
    static let sideTable: [Endpoint] = [
        Endpoint(
            1, "/files", .files, price: 20, .offset, offsets + [.sort(["id", "update_time"])], maximumLimit: 100),
        Endpoint(1, "/callLogs", .callLogs, price: 20, .offset, offsets, maximumLimit: 50),
        Endpoint(1, "/roles", .roles, price: 20, .offset, offsets),
        Endpoint(
            1, "/mailbox/mailThreads", .mailThreads, price: 20, .silentOffset,
            offsets + [.choice("folder", RecordWriter.mailFolders)], required: ["folder"]),
        Endpoint(1, "/permissionSets", .permissionSets, price: 20, .whole, [.choice("app", apps)]),
        Endpoint(
            1, "/legacyTeams", .teams, price: 20, .whole,
            [.choice("order_by", ["id", "name", "manager_id", "active_flag"]), .numberFlag("skip_users")]),
        Endpoint(1, "/goals/find", .goals, price: 20, .whole, goalParameters),
        Endpoint(1, "/webhooks", .webhooks, price: 10, .whole),
        Endpoint(
            2, "/projects", .projects, price: 10, .cursor,
            projectParameters + [.integer("deal_id"), .integer("person_id"), .integer("org_id")]),
        Endpoint(2, "/projects/archived", .projects, price: 10, .cursor, projectParameters, isArchive: true),
        Endpoint(2, "/projectTemplates", .projectTemplates, price: 10, .cursor, cursors),
        Endpoint(
            2, "/tasks", .tasks, price: 10, .cursor,
            cursors + [
                .flag("is_done"), .flag("is_milestone"), .integer("assignee_id"), .integer("project_id"),
                .text("parent_task_id"),
            ]),
        Endpoint(2, "/boards", .boards, price: 10, .wholeWithNull),
        Endpoint(
            2, "/phases", .phases, price: 10, .wholeWithNull, [.integer("board_id")], required: ["board_id"]),
    ]

    static let childTable: [Endpoint] = [
        Endpoint(1, "/notes/{id}/comments", .noteComments, price: 20, .offset, offsets),
        Endpoint(2, "/products/{id}/variations", .productVariations, price: 10, .cursor, cursors),
        Endpoint(
            2, "/deals/products", .dealProducts, price: 10, .cursor,
            cursors + [.parents, .sortBy(["id", "deal_id", "add_time", "update_time", "order_nr"])],
            required: ["deal_ids"]),
        Endpoint(
            2, "/deals/installments", .dealInstallments, price: 10, .rareCursor,
            cursors + [.parents, .sortBy(["id", "billing_date", "deal_id"])], required: ["deal_ids"]),
        Endpoint(2, "/deals/{id}/followers", .dealFollowers, price: 10, .cursor, cursors),
        Endpoint(2, "/persons/{id}/followers", .personFollowers, price: 10, .cursor, cursors),
        Endpoint(2, "/organizations/{id}/followers", .organizationFollowers, price: 10, .cursor, cursors),
        Endpoint(2, "/products/{id}/followers", .productFollowers, price: 10, .cursor, cursors),
        Endpoint(2, "/deals/{id}/discounts", .dealDiscounts, price: 10, .whole),
        Endpoint(2, "/projects/{id}/changelog", .projectChangelog, price: 10, .logCursor, cursors),
        Endpoint(1, "/roles/{id}/assignments", .roleAssignments, price: 10, .offset, offsets),
        Endpoint(
            1, "/permissionSets/{id}/assignments", .permissionSetAssignments, price: 20, .silentOffset, offsets),
        Endpoint(1, "/deals/{id}/participants", .dealParticipants, price: 10, .offset, offsets),
        Endpoint(1, "/deals/{id}/changelog", .dealChangelog, price: 20, .logCursor, logs),
        Endpoint(1, "/persons/{id}/changelog", .personChangelog, price: 20, .logCursor, logs),
        Endpoint(1, "/organizations/{id}/changelog", .organizationChangelog, price: 20, .logCursor, logs),
        Endpoint(
            1, "/deals/{id}/flow", .dealFlow, price: 40, .offset,
            offsets + [.text("all_changes"), .choices("items", flowItems)]),
        Endpoint(
            1, "/deals/{id}/mailMessages", .mailMessages, price: 20, .offset, offsets + [.numberFlag("include_body")]),
        Endpoint(
            1, "/organizationRelationships", .organizationRelationships, price: 20, .whole, [.integer("org_id")],
            required: ["org_id"]),
    ]

    static let singleTable: [Endpoint] = [
        Endpoint(2, "/deals/{id}", .deals, price: 1, .single, wishes(dealExtras) + labels),
        Endpoint(2, "/persons/{id}", .persons, price: 1, .single, wishes(personExtras) + labels),
        Endpoint(2, "/organizations/{id}", .organizations, price: 1, .single, wishes(organizationExtras) + labels),
        Endpoint(2, "/activities/{id}", .activities, price: 1, .single, [.choices("include_fields", ["attendees"])]),
        Endpoint(2, "/products/{id}", .products, price: 1, .single),
        Endpoint(2, "/projects/{id}", .projects, price: 1, .single),
        Endpoint(2, "/tasks/{id}", .tasks, price: 1, .single),
        Endpoint(1, "/files/{id}", .files, price: 2, .single),
        Endpoint(1, "/leads/{id}", .leads, price: 2, .single),
        Endpoint(1, "/notes/{id}", .notes, price: 2, .single),
    ]

    private static let offsets: [Parameter] = [.limit, .start]
    private static let cursors: [Parameter] = [.limit, .cursor]
    /// Whoever pages a changelog by `start` is given the first page again and again.
    private static let logs: [Parameter] = [.limit, .cursor, .ignored("start")]
    private static func wishes(_ extras: [String]) -> [Parameter] {
        [.choices("include_fields", extras), .customFields]
    }
    private static let apps = [
        "sales", "projects", "campaigns", "global", "account_settings", "partnership", "nova",
    ]
    private static let projectParameters: [Parameter] =
        cursors + [
            .integer("filter_id"), .choices("status", ["open", "completed", "canceled", "deleted"]),
            .integer("phase_id"),
        ]
    private static let goalParameters: [Parameter] = [
        .choice("type.name", RecordWriter.goalTypes), .text("title"), .flag("is_active"), .integer("assignee.id"),
        .choice("assignee.type", RecordWriter.goalAssignees), .text("expected_outcome.target"),
        .choice("expected_outcome.tracking_metric", ["quantity", "sum"]), .integer("expected_outcome.currency_id"),
        .text("type.params.pipeline_id"), .integer("type.params.stage_id"), .text("type.params.activity_type_id"),
        .date("period.start"), .date("period.end"),
    ]
    private static let flowItems = [
        "call", "activity", "plannedActivity", "change", "note", "deal", "file", "dealChange", "personChange",
        "organizationChange", "follower", "dealFollower", "personFollower", "organizationFollower", "participant",
        "comment", "mailMessage", "mailMessageWithAttachment", "invoice", "document", "marketing_campaign_stat",
        "marketing_status_change",
    ]
}
