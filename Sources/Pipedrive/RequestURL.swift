import Planning

/// The address of a request. Every filter is sent again with every page, since a cursor holds none of them.
enum RequestURL {
    static let currentUserPath = "/v1/users/me"

    static func page(_ request: PageRequest, baseURL: String) -> String {
        let parameters =
            request.list.parameters + chosen(request) + window(request) + order(request) + position(request)
        let query = parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
        return baseURL + path(request) + (query.isEmpty ? "" : "?" + query)
    }

    private static func path(_ request: PageRequest) -> String {
        let parts = request.list.path.split(separator: "{id}", maxSplits: 1, omittingEmptySubsequences: false)
        guard let key = request.keys.first, parts.count == 2 else { return request.list.path }
        return parts[0] + encoded(key.description) + parts[1]
    }

    private static func chosen(_ request: PageRequest) -> [ListSpec.Parameter] {
        switch request.list.selection {
        case .parameter(let name), .value(let name):
            [.init(name, request.keys.map(\.description).joined(separator: ","))]
        case .everything, .path, .single: []
        }
    }

    private static func window(_ request: PageRequest) -> [ListSpec.Parameter] {
        let limit = request.list.pageLimit
        return (limit > 0 ? [.init("limit", String(limit))] : [])
            + (request.since.map { [.init("updated_since", $0.description)] } ?? [])
            + (request.until.map { [.init("updated_until", $0.description)] } ?? [])
    }

    /// v2 names field and direction apart, v1 in one parameter.
    private static func order(_ request: PageRequest) -> [ListSpec.Parameter] {
        if request.isByKey {
            return request.list.paging == .cursor
                ? [.init("sort_by", "id"), .init("sort_direction", "asc")] : [.init("sort", "id ASC")]
        }
        guard let direction = request.direction else { return [] }
        switch request.list.paging {
        case .cursor: return [.init("sort_by", "update_time"), .init("sort_direction", direction.rawValue)]
        case .offset:
            return [
                // Rows of one second need an order too, or two pages could deal them out differently.
                .init("sort", "update_time \(direction.rawValue.uppercased()), id \(direction.rawValue.uppercased())")
            ]
        case .none: return []
        }
    }

    private static func position(_ request: PageRequest) -> [ListSpec.Parameter] {
        switch request.position {
        case .cursor(let cursor): [.init("cursor", cursor)]
        case .start(let start): [.init("start", String(start))]
        case nil: []
        }
    }

    /// Everything but RFC 3986's unreserved characters is written as `%XX`.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
