import Planning

@testable import Pipedrive

/// What the tests of this room ask for.
enum Pages {
    static let list = ListSpec(
        name: "deals", path: "/api/v2/deals", priceTokens: 10, paging: .cursor, pageLimit: 500,
        timeFilter: .sinceAndUntil, parameters: [.init("status", "open,won,lost,deleted")])

    static let stream = stream(key: "id", updateTime: "update_time")

    static func stream(key: String, updateTime: String?) -> StreamSpec {
        StreamSpec(
            name: "deals", group: .core, lists: [list], keyMember: key, updateTimeMember: updateTime,
            timeToLiveSeconds: nil)
    }

    static func slice(_ text: String, _ stream: StreamSpec = stream) throws(JSONFault) -> Page {
        try PageSlicer.page(Array(text.utf8), of: stream)
    }

    /// Pretty-printed, with every kind of value and a member of every kind that is looked for.
    static let full = #"""
        {
          "success": true,
          "data": [
            {"id": 1, "title": "a \"deal\" – \u00e4 😀 \\", "value": 1.10, "update_time": "2024-01-01T00:00:00Z",
             "custom_fields": {"id": 99, "status": "deleted", "x": [true, false, null, -0.5e+10, {}, []]}},
            {"id":2,"update_time":"2024-01-01T00:00:01.250Z","status":"deleted","value":1e400}
          ],
          "additional_data": {"next_cursor": "eyJ9\u003d", "other": {"next_cursor": 5}}
        }
        """#
}
