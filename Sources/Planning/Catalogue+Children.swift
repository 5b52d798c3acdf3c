/// Streams that are read for the records under which theirs hang, one line each. Left out are lists of numbers alone
/// (permitted users), links that run out (pictures of products), and what other lists hold already (files of a deal).
extension Catalogue {
    static let children: [StreamSpec] = [
        child(
            batch(v2("deal_products", "/deals/products", 10), "deal_ids"), of: "deals", naming: "deal_id",
            changed: "update_time", .init("products:read")),
        child(
            silent(batch(v2("deal_installments", "/deals/installments", 10), "deal_ids")), of: "deals",
            naming: "deal_id",
            .init("deals:read", "the Growth plan or a higher one")),
        child(
            unpaged(v2("deal_discounts", "/deals/{id}/discounts", 10)), of: "deals", naming: "deal_id",
            changed: "updated_at",
            .init("deals:read")),
        child(v2("deal_followers", "/deals/{id}/followers", 10), key: "user_id", of: "deals", .init("deals:read")),
        child(
            v2("person_followers", "/persons/{id}/followers", 10), key: "user_id", of: "persons",
            .init("contacts:read")),
        child(
            v2("organization_followers", "/organizations/{id}/followers", 10), key: "user_id", of: "organizations",
            .init("contacts:read")),
        child(
            v2("product_followers", "/products/{id}/followers", 10), key: "user_id", of: "products",
            .init("products:read")),
        child(
            offset("deal_participants", "/deals/{id}/participants", 10), of: "deals", naming: "related_item_id",
            .init("deals:read")),
        child(
            v2("product_variations", "/products/{id}/variations", 10), of: "products", naming: "product_id",
            .init("products:read")),
        child(
            offset("note_comments", "/notes/{id}/comments", 20), key: "uuid", of: "notes", naming: "object_id",
            changed: "update_time", .init("contacts:read")),
        // One and the same relationship stands in the lists of both organizations, told from either side.
        child(
            one(v1("organization_relationships", "/organizationRelationships", 20), "org_id"), of: "organizations",
            changed: "update_time", .init("contacts:read")),
        child(
            one(unpaged(v2("phases", "/phases", 10)), "board_id"), of: "boards", naming: "board_id",
            changed: "update_time",
            renewal: metadataTimeToLiveSeconds, .init("projects:read", projects)),
        child(
            offset("role_assignments", "/roles/{id}/assignments", 10), key: "user_id", of: "roles",
            renewal: costlyTimeToLiveSeconds, .init("admin", administrator)),
        child(
            silent(offset("permission_set_assignments", "/permissionSets/{id}/assignments", 20)), key: "user_id",
            of: "permission_sets", renewal: costlyTimeToLiveSeconds, .init("admin", administrator)),
    ]

    static let histories: [StreamSpec] = [
        history(log("deal_changelog", "/deals/{id}/changelog", 20), .content, of: "deals", .init("recents:read")),
        history(log("person_changelog", "/persons/{id}/changelog", 20), .content, of: "persons", .init("recents:read")),
        history(
            log("organization_changelog", "/organizations/{id}/changelog", 20), .content, of: "organizations",
            .init("recents:read")),
        history(
            v2("project_changelog", "/projects/{id}/changelog", 10), .content, of: "projects",
            .init("projects:read", projects)),
        history(
            offset("deal_flow", "/deals/{id}/flow", 40, .none, [.init("all_changes", "1")]), .entry, of: "deals",
            .init("recents:read")),
        // By deals rather than by threads: a thread is shown only to whom it belongs, and its list is not paged.
        history(
            offset("mail_messages", "/deals/{id}/mailMessages", 20), .entry, of: "deals", .init("mail:read")),
    ]

    /// The streams that hang under this one.
    package static func children(of stream: String) -> [StreamSpec] {
        streams.filter { $0.parent?.stream == stream }
    }
}

extension Catalogue {
    /// - Parameter member: by which a child names its parent.
    private static func child(
        _ list: ListSpec, key: String = "id", of parent: String, naming member: String? = nil, changed: String? = nil,
        renewal: Int64? = nil, _ needs: StreamSpec.Needs
    ) -> StreamSpec {
        var stream = StreamSpec(
            name: list.name, group: .all, lists: [underParents(list)], keyMember: key, updateTimeMember: changed,
            needs: needs)
        stream.parent = ParentLink(parent, member: member, renewalSeconds: renewal)
        return stream
    }

    private static func history(
        _ list: ListSpec, _ key: StreamSpec.KeyKind, of parent: String, _ needs: StreamSpec.Needs
    ) -> StreamSpec {
        var stream = StreamSpec(
            name: list.name, group: .byName, lists: [underParents(list)], keyMember: "", updateTimeMember: nil,
            needs: needs)
        stream.keyKind = key
        stream.parent = ParentLink(parent, member: nil)
        return stream
    }

    private static func underParents(_ list: ListSpec) -> ListSpec {
        var list = list
        list.timeFilter = .parents
        if list.selection == .everything { list.selection = .path }
        return list
    }

    private static func batch(_ list: ListSpec, _ parameter: String) -> ListSpec {
        var list = list
        list.selection = .parameter(parameter)
        return list
    }

    private static func one(_ list: ListSpec, _ parameter: String) -> ListSpec {
        var list = list
        list.selection = .value(parameter)
        return list
    }

    /// Its answers, as described, do not say whether more follows.
    private static func silent(_ list: ListSpec) -> ListSpec {
        var list = list
        list.endsSilently = true
        return list
    }

    /// Changelogs of v1 are paged by a cursor all the same; an offset they take and disregard.
    private static func log(_ name: String, _ path: String, _ price: Int) -> ListSpec {
        var list = offset(name, path, price)
        list.paging = .cursor
        return list
    }
}
