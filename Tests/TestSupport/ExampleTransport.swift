import Foundation
package import Platform
import Synchronization

/// Answers with the examples of the official descriptions: one page of each list, records unchanged. It is no account:
/// ids in paths and filters are not looked at, except that a record outside the time asked for is left out.
package final class ExampleTransport: HTTPTransport {
    private let clock: any WallClock
    private let bodies: [String: [UInt8]]
    private let asked = Mutex<[TransportRequest]>([])

    /// Nil where the examples do not lie beside the project.
    package init?(clock: any WallClock = ManualClock()) {
        guard let examples = ExampleTransport.examples() else { return nil }
        self.clock = clock
        bodies = examples.compactMapValues { try? ExampleTransport.bytes($0) }
    }

    package var requests: [TransportRequest] { asked.withLock { $0 } }

    /// By a line such as `v2 GET /deals 200`.
    package static func examples() -> [String: [String: Any]]? {
        guard let text = OfficialAPI.text("spec-examples.json"),
            let parsed = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        else { return nil }
        var examples = parsed.compactMapValues { $0 as? [String: Any] }
        // In the description, but not among the examples that were taken from it.
        examples["v1 GET /legacyTeams 200"] = teams
        examples["v1 GET /roles/{id}/assignments 200"] = roleAssignments
        examples["v1 GET /permissionSets/{id}/assignments 200"] = permissionSetAssignments
        return examples
    }

    /// The example's records of one list, or the one record, by its version and official path.
    package static func records(_ version: Int, _ path: String) -> [[String: Any]] {
        guard let data = examples()?["v\(version) GET \(path) 200"]?["data"] else { return [] }
        if let rows = data as? [[String: Any]] { return rows }
        guard let one = data as? [String: Any] else { return [] }
        return one["goals"] as? [[String: Any]] ?? [one]
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        asked.withLock { $0.append(request) }
        let headers = [(name: "date", value: date), (name: "content-type", value: "application/json; charset=utf-8")]
        guard let place = ExampleTransport.place(request.url), let name = ExampleTransport.name(place, bodies.keys),
            let body = bodies[name]
        else {
            let body = #"{"success":false,"error":"Unknown method .","data":null,"additional_data":null}"#
            return TransportResponse(status: 404, headers: headers, body: Array(body.utf8))
        }
        return TransportResponse(
            status: 200, headers: headers,
            body: try ExampleTransport.windowed(body, ExampleTransport.query(request.url)))
    }

    package func reach(_ url: String) async throws {}

    // MARK: From a URL to the name of an example

    private static func place(_ url: String) -> (version: String, parts: [Substring])? {
        guard let path = URLComponents(string: url)?.path else { return nil }
        for (prefix, version) in [("/api/v2/", "v2"), ("/api/v1/", "v1"), ("/v1/", "v1")] where path.hasPrefix(prefix) {
            return (version, path.dropFirst(prefix.count - 1).split(separator: "/"))
        }
        return nil
    }

    private static func query(_ url: String) -> [String: String] {
        let items = URLComponents(string: url)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    /// The path as it is goes before one with an id in it.
    private static func name(
        _ place: (version: String, parts: [Substring]), _ names: Dictionary<String, [UInt8]>.Keys
    ) -> String? {
        let exact = "\(place.version) GET /\(place.parts.joined(separator: "/")) 200"
        if names.contains(exact) { return exact }
        guard place.parts.count > 1 else { return nil }
        let parts = [place.parts[0], "{id}"] + place.parts.dropFirst(2)
        let template = "\(place.version) GET /\(parts.joined(separator: "/")) 200"
        return names.contains(template) ? template : nil
    }

    // MARK: Bodies

    /// The example as the only page there is.
    private static func bytes(_ example: [String: Any]) throws -> [UInt8] {
        var body = example
        if var extra = body["additional_data"] as? [String: Any] {
            if extra["next_cursor"] != nil { extra["next_cursor"] = NSNull() }
            if var pagination = extra["pagination"] as? [String: Any] {
                pagination["more_items_in_collection"] = false
                pagination["next_start"] = nil
                extra["pagination"] = pagination
            }
            body["additional_data"] = extra
        }
        return Array(try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private static func windowed(_ body: [UInt8], _ query: [String: String]) throws -> [UInt8] {
        guard query["updated_since"] != nil || query["updated_until"] != nil,
            var object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let rows = object["data"] as? [[String: Any]]
        else { return body }
        object["data"] = rows.filter { row in
            guard let text = row["update_time"] as? String else { return false }
            let time = text.replacingOccurrences(of: " ", with: "T")
            return time.prefix(19) >= query["updated_since", default: ""].prefix(19)
                && time.prefix(19) < query["updated_until", default: "9999"].prefix(19)
        }
        return Array(
            try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private var date: String {
        let formatter = DateFormatter()
        formatter.locale = Foundation.Locale(identifier: "en_US_POSIX")
        formatter.timeZone = Foundation.TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Foundation.Date(timeIntervalSince1970: Double(clock.nowMilliseconds / 1000)))
    }

    private static var teams: [String: Any] {
        let team: [String: Any] = [
            "id": 1, "name": "Closers", "description": "Berlin office Sales Team", "manager_id": 4,
            "users": [2, 3, 4, 5], "active_flag": 1, "deleted_flag": 0, "add_time": "2019-10-07 09:06:09",
            "created_by_user_id": 2,
        ]
        return ["success": true, "data": [team]]
    }

    private static var roleAssignments: [String: Any] {
        let assignment: [String: Any] = [
            "user_id": 1_234_567, "role_id": 2, "parent_role_id": 1, "name": "Admins", "active_flag": true, "type": "1",
        ]
        return [
            "success": true, "data": [assignment],
            "additional_data": ["pagination": ["start": 0, "limit": 100, "more_items_in_collection": false]],
        ]
    }

    private static var permissionSetAssignments: [String: Any] {
        let assignment: [String: Any] = [
            "user_id": 10, "permission_set_id": "f07d229d-088a-4144-a40f-1fe64295d180", "name": "Deals regular user",
        ]
        return ["success": true, "data": [assignment]]
    }
}
