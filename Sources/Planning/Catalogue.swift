/// What can be pulled: one line a stream. The planner, the client, `pipesnap streams`, the manual and the
/// price check against the official descriptions all read this table.
package enum Catalogue {
    /// Metadata copies are listed anew when they are this old: once a night, and not by an hourly job.
    static let metadataTimeToLiveSeconds: Int64 = 20 * 3600
    /// Long lists that have to be read from one end to the other, for twenty tokens or more a page.
    static let costlyTimeToLiveSeconds: Int64 = 7 * 86_400
    /// A deal's status decides which selector shows it; without this the API leaves deleted deals out.
    static let everyStatus = [ListSpec.Parameter("status", "open,won,lost,deleted")]
    static let everyProject = [ListSpec.Parameter("status", "open,completed,canceled,deleted")]

    package static let streams: [StreamSpec] = core + metadata + others + children + histories

    private static let core: [StreamSpec] = [
        windowed(
            "deals",
            [
                v2("deals", "/deals", 10, .sinceAndUntil, everyStatus),
                v2("deals/archived", "/deals/archived", 20, .sinceAndUntil, everyStatus),
            ], .init("deals:read")),
        windowed("persons", [v2("persons", "/persons", 10, .sinceAndUntil)], .init("contacts:read")),
        windowed("organizations", [v2("organizations", "/organizations", 10, .sinceAndUntil)], .init("contacts:read")),
        windowed("activities", [v2("activities", "/activities", 10, .sinceAndUntil)], .init("activities:read")),
        windowed("products", [v2("products", "/products", 10, .since)], .init("products:read")),
        windowed(
            "leads",
            [offset("leads", "/leads", 20, .since), kept(offset("leads/archived", "/leads/archived", 40))],
            .init("leads:read")),
        windowed("notes", [offset("notes", "/notes", 20, .since)], .init("contacts:read")),
    ]

    private static let metadata: [StreamSpec] = [
        whole(v2("pipelines", "/pipelines", 5), changed: "update_time", .init("deals:read")),
        whole(v2("stages", "/stages", 5), changed: "update_time", .init("deals:read")),
        whole(v1("users", "/users", 20), changed: "modified", .init("users:read")),
        whole(v1("currencies", "/currencies", 20), key: "code", .init("base")),
        whole(v1("activity_types", "/activityTypes", 20), changed: "update_time", .init("activities:read")),
        whole(v1("filters", "/filters", 20), changed: "update_time", .init("deals:read")),
        whole(v1("lead_labels", "/leadLabels", 10), changed: "update_time", .init("leads:read")),
        // The API gives its sources no id.
        whole(v1("lead_sources", "/leadSources", 2), key: "name", .init("leads:read")),
        whole(v2("deal_fields", "/dealFields", 10), key: "field_code", .init("deals:read")),
        whole(v2("person_fields", "/personFields", 10), key: "field_code", .init("contacts:read")),
        whole(v2("organization_fields", "/organizationFields", 10), key: "field_code", .init("contacts:read")),
        whole(v2("product_fields", "/productFields", 10), key: "field_code", .init("products:read")),
        whole(v2("activity_fields", "/activityFields", 10), key: "field_code", .init("admin")),
        whole(v2("project_fields", "/projectFields", 10), key: "field_code", .init("projects:read", projects)),
        whole(offset("lead_fields", "/leadFields", 20), key: "key", changed: "update_time", .init("leads:read")),
        whole(v1("note_fields", "/noteFields", 20), key: "key", changed: "update_time", .init("contacts:read")),
    ]

    private static let others: [StreamSpec] = [
        other(
            "projects",
            [
                v2("projects", "/projects", 10, .none, everyProject),
                v2("projects/archived", "/projects/archived", 10, .none, everyProject),
            ], changed: "update_time", .init("projects:read", projects)),
        other("tasks", [v2("tasks", "/tasks", 10)], changed: "update_time", .init("projects:read", projects)),
        other(
            "boards", [unpaged(v2("boards", "/boards", 10))], changed: "update_time", .init("projects:read", projects)),
        other(
            "project_templates", [v2("project_templates", "/projectTemplates", 10)], changed: "update_time",
            .init("projects:read", projects)),
        other(
            "files", [offset("files", "/files", 20, .newestFirst, limit: 100)], changed: "update_time",
            .init("deals:read")),
        other(
            "call_logs", [costly(offset("call_logs", "/callLogs", 20, limit: 50))],
            .init("phone-integration", "the token's own calls alone")),
        other("mail_threads", mailFolders, changed: "update_time", .init("mail:read", "the token's own mail alone")),
        other("goals", goals, rows: "goals", .init("goals:read")),
        other("roles", [offset("roles", "/roles", 20)], .init("admin", administrator)),
        other("permission_sets", [v1("permission_sets", "/permissionSets", 20)], .init("admin", administrator)),
        other("webhooks", [v1("webhooks", "/webhooks", 10)], .init("admin", administrator)),
    ]

    static let projects = "the Projects add-on"
    static let administrator = "an administrator's token"

    /// A thread can lie in two folders and is one record.
    private static let mailFolders = ["inbox", "drafts", "sent", "archive"].map { folder in
        var list = costly(
            offset("mail_threads/\(folder)", "/mailbox/mailThreads", 20, .none, [.init("folder", folder)]))
        list.endsSilently = true
        return list
    }

    /// Without a condition the API shows the token's own goals, and without `is_active` the active ones alone. Every
    /// goal counts one thing or the other.
    private static let goals = ["quantity", "sum"].flatMap { metric in
        ["true", "false"].map { active in
            v1(
                "goals/\(metric)/\(active == "true" ? "active" : "inactive")", "/goals/find", 20,
                [.init("expected_outcome.tracking_metric", metric), .init("is_active", active)])
        }
    }

    package static func stream(named name: String) -> StreamSpec? { streams.first { $0.name == name } }
}

extension Catalogue {
    private static func windowed(_ name: String, _ lists: [ListSpec], _ needs: StreamSpec.Needs) -> StreamSpec {
        StreamSpec(
            name: name, group: .core, lists: lists, keyMember: "id", updateTimeMember: "update_time", needs: needs)
    }

    private static func whole(
        _ list: ListSpec, key: String = "id", changed: String? = nil, _ needs: StreamSpec.Needs
    ) -> StreamSpec {
        StreamSpec(
            name: list.name, group: .metadata, lists: [list], keyMember: key, updateTimeMember: changed,
            timeToLiveSeconds: metadataTimeToLiveSeconds, needs: needs)
    }

    private static func other(
        _ name: String, _ lists: [ListSpec], changed: String? = nil, rows: String? = nil, _ needs: StreamSpec.Needs
    ) -> StreamSpec {
        StreamSpec(
            name: name, group: .all, lists: lists, keyMember: "id", updateTimeMember: changed,
            timeToLiveSeconds: metadataTimeToLiveSeconds, rowsMember: rows, needs: needs)
    }

    static func v2(
        _ name: String, _ path: String, _ price: Int, _ filter: TimeFilter = .none,
        _ parameters: [ListSpec.Parameter] = []
    ) -> ListSpec {
        ListSpec(
            name: name, path: "/api/v2" + path, priceTokens: price, paging: .cursor, pageLimit: 500,
            timeFilter: filter, parameters: parameters)
    }

    /// `/v1` rather than `/api/v1`: the shorter prefix works on company hosts and on api.pipedrive.com alike.
    static func v1(_ name: String, _ path: String, _ price: Int, _ parameters: [ListSpec.Parameter] = [])
        -> ListSpec
    {
        ListSpec(
            name: name, path: "/v1" + path, priceTokens: price, paging: .none, pageLimit: 0, timeFilter: .none,
            parameters: parameters)
    }

    static func offset(
        _ name: String, _ path: String, _ price: Int, _ filter: TimeFilter = .none,
        _ parameters: [ListSpec.Parameter] = [], limit: Int = 500
    ) -> ListSpec {
        ListSpec(
            name: name, path: "/v1" + path, priceTokens: price, paging: .offset, pageLimit: limit, timeFilter: filter,
            parameters: parameters)
    }

    static func unpaged(_ list: ListSpec) -> ListSpec {
        var list = list
        (list.paging, list.pageLimit) = (.none, 0)
        return list
    }

    private static func costly(_ list: ListSpec) -> ListSpec {
        var list = list
        list.timeToLiveSeconds = costlyTimeToLiveSeconds
        return list
    }

    /// Read now and then for what it adds; a lead leaves the archive when it is taken back into work.
    private static func kept(_ list: ListSpec) -> ListSpec {
        var list = costly(list)
        list.tellsWhatIsGone = false
        return list
    }
}
