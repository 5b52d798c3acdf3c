/// What an app must be allowed to read, from the official descriptions.
extension Endpoint {
    /// Any one of them will do.
    package var scopes: Set<String> {
        let parts = path.split(separator: "/").map(String.init)
        switch (parts[0], parts[parts.count - 1], version) {
        case (_, "flow", _), (_, "changelog", 1): return ["recents:read"]
        case (_, "mailMessages", _): return Endpoint.reading("mail")
        case ("deals", "products", _): return Endpoint.reading("deals", "products")
        case ("users", "me", _): return ["base"]
        case (let family, _, _): return Endpoint.scopesByFamily[family] ?? []
        }
    }

    /// Who may write may read as well.
    private static func reading(_ families: String...) -> Set<String> {
        Set(families.flatMap { ["\($0):read", "\($0):full"] })
    }

    private static let scopesByFamily: [String: Set<String>] = [
        "deals": reading("deals"), "pipelines": reading("deals").union(["admin"]),
        "stages": reading("deals").union(["admin"]),
        "dealFields": reading("deals").union(["admin", "deal-fields:full"]),
        "persons": reading("contacts"), "organizations": reading("contacts"),
        "organizationRelationships": reading("contacts"),
        "personFields": reading("contacts").union(["admin", "contact-fields:full"]),
        "organizationFields": reading("contacts").union(["admin", "contact-fields:full"]),
        "activities": reading("activities"), "activityTypes": reading("activities").union(["admin"]),
        "activityFields": ["admin"],
        "products": reading("products"), "productFields": reading("products").union(["product-fields:full"]),
        "leads": reading("leads"), "leadLabels": reading("leads"), "leadSources": reading("leads"),
        "leadFields": reading("leads").union(["admin"]),
        "notes": reading("deals", "contacts"), "noteFields": reading("deals", "contacts"),
        "files": reading("deals", "activities", "contacts"), "filters": reading("deals", "activities", "contacts"),
        "projects": reading("projects"), "projectTemplates": reading("projects"), "tasks": reading("projects"),
        "boards": reading("projects"), "phases": reading("projects"),
        "projectFields": reading("projects").union(["project-fields:full"]),
        "mailbox": reading("mail"), "goals": reading("goals"), "callLogs": ["phone-integration"],
        "users": ["users:read"], "legacyTeams": ["users:read"], "currencies": ["base"],
        "roles": ["admin"], "permissionSets": ["admin"], "webhooks": ["admin"],
    ]
}
