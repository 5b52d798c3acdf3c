/// What can be pulled: one line a stream. The planner, the client, `pipesnap streams`, the manual and the
/// price check against the official descriptions all read this table.
package enum Catalogue {
    /// Metadata copies are listed anew when they are this old: once a night, and not by an hourly job.
    static let metadataTimeToLiveSeconds: Int64 = 20 * 3600
    /// A deal's status decides which selector shows it; without this the API leaves deleted deals out.
    static let everyStatus = [ListSpec.Parameter("status", "open,won,lost,deleted")]

    package static let streams: [StreamSpec] = [
        windowed(
            "deals",
            [
                v2("deals", "/deals", 10, .sinceAndUntil, everyStatus),
                v2("deals/archived", "/deals/archived", 20, .sinceAndUntil, everyStatus),
            ]),
        windowed("persons", [v2("persons", "/persons", 10, .sinceAndUntil)]),
        windowed("organizations", [v2("organizations", "/organizations", 10, .sinceAndUntil)]),
        windowed("activities", [v2("activities", "/activities", 10, .sinceAndUntil)]),
        windowed("products", [v2("products", "/products", 10, .since)]),

        whole(v2("pipelines", "/pipelines", 5, .none), changed: "update_time"),
        whole(v2("stages", "/stages", 5, .none), changed: "update_time"),
        whole(v1("users", "/users", 20), changed: "modified"),
        whole(v1("currencies", "/currencies", 20), key: "code"),
        whole(v1("activity_types", "/activityTypes", 20), changed: "update_time"),
        whole(v2("deal_fields", "/dealFields", 10, .none), key: "field_code"),
        whole(v2("person_fields", "/personFields", 10, .none), key: "field_code"),
        whole(v2("organization_fields", "/organizationFields", 10, .none), key: "field_code"),
        whole(v2("product_fields", "/productFields", 10, .none), key: "field_code"),
        whole(v2("activity_fields", "/activityFields", 10, .none), key: "field_code"),
    ]

    package static func stream(named name: String) -> StreamSpec? { streams.first { $0.name == name } }
}

extension Catalogue {
    private static func windowed(_ name: String, _ lists: [ListSpec]) -> StreamSpec {
        StreamSpec(
            name: name, group: .core, lists: lists, keyMember: "id", updateTimeMember: "update_time",
            timeToLiveSeconds: nil)
    }

    private static func whole(_ list: ListSpec, key: String = "id", changed: String? = nil) -> StreamSpec {
        StreamSpec(
            name: list.name, group: .metadata, lists: [list], keyMember: key, updateTimeMember: changed,
            timeToLiveSeconds: metadataTimeToLiveSeconds)
    }

    private static func v2(
        _ name: String, _ path: String, _ price: Int, _ filter: TimeFilter, _ parameters: [ListSpec.Parameter] = []
    ) -> ListSpec {
        ListSpec(
            name: name, path: "/api/v2" + path, priceTokens: price, paging: .cursor, pageLimit: 500,
            timeFilter: filter, parameters: parameters)
    }

    /// `/v1` rather than `/api/v1`: the shorter prefix works on company hosts and on api.pipedrive.com alike.
    private static func v1(_ name: String, _ path: String, _ price: Int) -> ListSpec {
        ListSpec(
            name: name, path: "/v1" + path, priceTokens: price, paging: .none, pageLimit: 0, timeFilter: .none)
    }
}
