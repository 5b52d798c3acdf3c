import Foundation
import Simulator

/// A request that an endpoint answers, and a walk through all of its pages in whatever way it pages.
extension Endpoint {
    var full: String { (version == 2 ? "/api/v2" : "/v1") + path }

    /// The kind whose id stands in the path.
    var named: RecordKind { kind.parent ?? kind }

    /// With an id of a record that is there, and every required parameter.
    func target(_ account: SimulatedAccount, id: String? = nil, parents: [Int] = [1, 2, 3]) -> String {
        let first = hasIdentifier ? account.truth(named).first { !$0.isDeleted }?.key ?? "" : ""
        let path = full.replacingOccurrences(of: "{id}", with: id ?? first)
        let values = [
            "folder": "inbox", "board_id": "1", "org_id": "1",
            "deal_ids": parents.map { String($0) }.joined(separator: ","),
        ]
        return path + "?" + required.map { "\($0)=\(values[$0] ?? "")" }.joined(separator: "&")
    }

    static func line(_ text: String) -> Endpoint? { table.first { "\($0.version) \($0.path)" == text } }

    static var lines: [String] { table.map { "\($0.version) \($0.path)" } }

    /// Those that page.
    static var pagedLines: [String] {
        table.filter { $0.parameterNames.contains("limit") }.map { "\($0.version) \($0.path)" }
    }
}

extension Asker {
    /// The rows of all pages, as objects.
    mutating func everything(_ target: String, limit: Int, between: (inout SimulatedAccount) -> Void = { _ in }) throws
        -> [[String: Any]]
    {
        var (rows, start, cursor): ([[String: Any]], Int, String?) = ([], 0, nil)
        let separator = target.contains("?") ? "&" : "?"
        while true {
            let place = cursor.map { "&cursor=\($0)" } ?? (start > 0 ? "&start=\(start)" : "")
            let response = ask(target + "\(separator)limit=\(limit)\(place)")
            guard response.status == 200 else { throw Unexpected(status: response.status, body: response.text) }
            let body = try response.object()
            let page = Asker.rows(body)
            rows += page
            let extra = body["additional_data"] as? [String: Any]
            let pagination = extra?["pagination"] as? [String: Any] ?? extra
            cursor = extra?["next_cursor"] as? String
            start += limit
            // Without a word on what follows, only a short page is the last.
            let hasMore =
                pagination?["more_items_in_collection"] as? Bool
                ?? (extra == nil && page.count == limit && target.contains("folder="))
            guard cursor != nil || hasMore, !page.isEmpty else { return rows }
            between(&account)
        }
    }

    static func rows(_ body: [String: Any]) -> [[String: Any]] {
        if let goals = (body["data"] as? [String: Any])?["goals"] { return goals as? [[String: Any]] ?? [] }
        return body["data"] as? [[String: Any]] ?? (body["data"] as? [String: Any]).map { [$0] } ?? []
    }
}
