/// Paths, prices and parameters, line by line from the official descriptions.
extension Endpoint {
    package static let table: [Endpoint] = greatTable + sideTable + childTable + singleTable

    private static let greatTable: [Endpoint] = [
        Endpoint(2, "/deals", .deals, price: 10, .cursor, dealParameters + labels),
        Endpoint(2, "/deals/archived", .deals, price: 20, .cursor, dealParameters, isArchive: true),
        Endpoint(
            2, "/persons", .persons, price: 10, .cursor,
            windowed + [
                .integer("org_id"), .integer("deal_id"), .choices("include_fields", personExtras), .customFields,
            ]
                + labels),
        Endpoint(
            2, "/organizations", .organizations, price: 10, .cursor,
            windowed + [.choices("include_fields", organizationExtras), .customFields] + labels),
        Endpoint(2, "/activities", .activities, price: 10, .cursor, activityParameters),
        Endpoint(2, "/products", .products, price: 10, .cursor, productParameters),
        Endpoint(2, "/pipelines", .pipelines, price: 5, .cursor, pages + [.sortBy(keys)]),
        Endpoint(
            2, "/stages", .stages, price: 5, .cursor, pages + [.sortBy(keys + ["order_nr"]), .integer("pipeline_id")]),
        Endpoint(2, "/dealFields", .dealFields, price: 10, .cursor, pages + [.choices("include_fields", fieldExtras)]),
        Endpoint(
            2, "/personFields", .personFields, price: 10, .cursor, pages + [.choices("include_fields", fieldExtras)]),
        Endpoint(
            2, "/organizationFields", .organizationFields, price: 10, .cursor,
            pages + [.choices("include_fields", fieldExtras)]),
        Endpoint(
            2, "/productFields", .productFields, price: 10, .cursor,
            pages + [.choices("include_fields", ["ui_visibility"])]),
        Endpoint(
            2, "/activityFields", .activityFields, price: 10, .cursor,
            pages + [.choices("include_fields", ["ui_visibility"])]),
        Endpoint(2, "/projectFields", .projectFields, price: 10, .cursor, pages),
        Endpoint(1, "/users", .users, price: 20, .whole),
        Endpoint(1, "/users/me", .users, price: 2, .me),
        Endpoint(1, "/currencies", .currencies, price: 20, .whole, [.text("term")]),
        Endpoint(1, "/activityTypes", .activityTypes, price: 20, .whole),
        Endpoint(1, "/filters", .filters, price: 20, .whole, [.choice("type", filterTypes)]),
        Endpoint(1, "/leadLabels", .leadLabels, price: 10, .whole),
        Endpoint(1, "/leadSources", .leadSources, price: 2, .whole),
        Endpoint(1, "/leadFields", .leadFields, price: 20, .offset, [.limit, .start]),
        Endpoint(1, "/noteFields", .noteFields, price: 20, .whole),
        Endpoint(1, "/leads", .leads, price: 20, .bareOffset, leadParameters + [.updatedSince]),
        Endpoint(1, "/leads/archived", .leads, price: 40, .bareOffset, leadParameters, isArchive: true),
        Endpoint(1, "/notes", .notes, price: 20, .offset, noteParameters),
    ]

    // What several lists share. A parameter that is missing here is refused, so each list names all of its own.
    private static let pages: [Parameter] = [.limit, .cursor]
    private static let keys = ["id", "update_time", "add_time"]
    static let labels: [Parameter] = [.flag("include_option_labels"), .flag("include_labels")]
    private static let windowed: [Parameter] =
        pages + [
            .updatedSince, .updatedUntil, .sortBy(keys), .identifiers, .integer("filter_id"), .integer("owner_id"),
        ]
    private static let dealParameters: [Parameter] =
        windowed + [
            .integer("person_id"), .integer("org_id"), .integer("pipeline_id"), .integer("stage_id"),
            .choices("status", ["open", "won", "lost", "deleted"]), .choices("include_fields", dealExtras),
            .customFields,
        ]
    private static let activityParameters: [Parameter] =
        pages + [
            .updatedSince, .updatedUntil, .sortBy(keys + ["due_date"]), .identifiers, .integer("filter_id"),
            .integer("owner_id"), .integer("deal_id"), .text("lead_id"), .integer("person_id"), .integer("org_id"),
            .flag("done"), .choices("include_fields", ["attendees"]),
        ]
    /// No `updated_until` here.
    private static let productParameters: [Parameter] =
        pages + [
            .updatedSince, .sortBy(keys + ["name"]), .identifiers, .integer("filter_id"), .integer("owner_id"),
            .customFields,
        ]
    private static let leadParameters: [Parameter] = [
        .limit, .start, .integer("owner_id"), .integer("person_id"), .integer("organization_id"), .integer("filter_id"),
        .sort([
            "id", "title", "owner_id", "creator_id", "was_seen", "expected_close_date", "next_activity_id", "add_time",
            "update_time",
        ]),
    ]
    private static let noteParameters: [Parameter] =
        [
            .limit, .start, .updatedSince, .integer("user_id"), .text("lead_id"), .integer("deal_id"),
            .integer("person_id"),
            .integer("org_id"), .integer("project_id"), .integer("task_id"), .date("start_date"), .date("end_date"),
            .sort(["id", "user_id", "deal_id", "person_id", "org_id", "content", "add_time", "update_time"]),
        ] + ["lead", "deal", "organization", "person", "project", "task"].map { .numberFlag("pinned_to_\($0)_flag") }

    // The values an enum parameter takes.
    private static let filterTypes = ["deals", "leads", "org", "people", "products", "activity", "projects"]
    private static let fieldExtras = ["ui_visibility", "important_fields", "required_fields"]
    private static let counters = [
        "email_messages_count", "activities_count", "done_activities_count", "undone_activities_count", "files_count",
        "notes_count", "followers_count", "smart_bcc_email",
        "next_activity_id", "last_activity_id",
    ]
    /// Organizations have no mail of their own.
    private static let mailTimes = ["last_incoming_mail_time", "last_outgoing_mail_time"]
    private static let contactCounters =
        counters + [
            "open_deals_count", "related_open_deals_count", "closed_deals_count", "related_closed_deals_count",
            "won_deals_count", "related_won_deals_count", "lost_deals_count", "related_lost_deals_count",
        ]
    static let dealExtras =
        counters + mailTimes + ["first_won_time", "products_count", "participants_count", "source_lead_id"]
    static let personExtras =
        contactCounters + mailTimes + [
            "participant_open_deals_count", "participant_closed_deals_count", "marketing_status", "doi_status",
        ]
    static let organizationExtras = contactCounters + ["people_count"]
}
