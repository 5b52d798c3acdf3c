/// A request as it arrives: no host, the query still percent-encoded.
package struct SimulatedRequest: Sendable {
    package var method: String
    package var path: String
    package var query: String
    private var headers: [String: String] = [:]
    private let body: String

    /// - Parameters:
    ///   - target: a path with an optional query, such as `/api/v2/deals?limit=500`.
    ///   - body: the fields of a form; nothing else is sent to this server.
    package init(
        method: String = "GET", target: String, headers: [(name: String, value: String)] = [], body: String = ""
    ) {
        self.method = method
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = parts.count > 1 ? String(parts[1]) : ""
        for (name, value) in headers { self.headers[name.lowercased()] = value }
    }

    package func header(_ name: String) -> String? { headers[name.lowercased()] }

    /// Names and decoded values in the order of the query; nil where the encoding is broken.
    func parameters() -> [(name: String, value: String)]? { SimulatedRequest.fields(query) }

    /// The same of a form in the body.
    func form() -> [(name: String, value: String)]? { SimulatedRequest.fields(body) }

    private static func fields(_ text: String) -> [(name: String, value: String)]? {
        var found: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = SimulatedRequest.decoded(sides[0]),
                let value = SimulatedRequest.decoded(sides.count > 1 ? sides[1] : "")
            else { return nil }
            found.append((name, value))
        }
        return found
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(code)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// An answer, and how the network treats it.
package struct SimulatedResponse: Sendable {
    package enum Delivery: Sendable, Hashable {
        case whole
        /// The connection breaks before a byte comes.
        case reset
        /// Only so many bytes of the body come, though its whole length was announced.
        case cut(bytes: Int)
    }

    package var status: Int
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8]
    package var delivery = Delivery.whole
    package var latencyMilliseconds: Int64 = 0

    init(status: Int, body: String, contentType: String = "application/json; charset=utf-8") {
        self.status = status
        self.body = Array(body.utf8)
        headers = [("content-type", contentType)]
    }

    package func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }
}
