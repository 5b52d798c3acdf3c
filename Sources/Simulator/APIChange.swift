/// Something about one path that is not as it was described: what a vendor changes over the years.
package struct APIChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), this one with the time given.
        case deprecated(sunsetMilliseconds: Int64)
        /// A member of this name that nobody described, in each record.
        case addedMember(String)
        /// A member of this name is no longer sent.
        case missingMember(String)
        /// A member of this name beside `data`.
        case envelopeMember(String)
    }

    /// As in the official description, such as `/deals`; of both versions.
    package var path: String
    package var kind: Kind

    package init(_ path: String, _ kind: Kind) {
        self.path = path.hasPrefix("/") ? path : "/" + path
        self.kind = kind
    }

    /// Reads `PATH=WORD`; nil where there is no word.
    package init?(text: String, _ kind: (String) -> Kind?) {
        guard let mark = text.firstIndex(of: "="), mark != text.startIndex,
            let found = kind(String(text[text.index(after: mark)...]))
        else { return nil }
        self.init(String(text[..<mark]), found)
    }

    func concerns(_ endpoint: Endpoint) -> Bool { path == endpoint.path }

    /// The record with a member more or less.
    func reshaped(_ json: String) -> String {
        switch kind {
        case .addedMember(let name) where json.hasSuffix("}"):
            json.dropLast() + #"\#(json.utf8.count > 2 ? "," : "")"\#(Refusal.escaped(name))":{"is_new":true}}"#
        case .missingMember(let name): APIChange.without(name, json)
        default: json
        }
    }

    /// The answer with headers or members that were not there before.
    func redressed(_ response: SimulatedResponse, nowMilliseconds: Int64) -> SimulatedResponse {
        var response = response
        switch kind {
        case .deprecated(let sunset):
            response.headers.append(("deprecation", "@\(nowMilliseconds / 1000)"))
            response.headers.append(("sunset", Stamp.header(sunset)))
        case .envelopeMember(let name) where response.status == 200 && response.body.first == UInt8(ascii: "{"):
            // Looks like data, and is none.
            let member = #"{"\#(Refusal.escaped(name))":{"data":[{"id":1}],"next_cursor":"x"},"#
            response.body.replaceSubrange(0..<1, with: Array(member.utf8))
        default: break
        }
        return response
    }

    /// Cuts a member of the outermost object out of its text.
    private static func without(_ name: String, _ json: String) -> String {
        let bytes = Array(json.utf8)
        let key = Array(#""\#(name)":"#.utf8)
        var (depth, quotes, start) = (0, JSONQuotes(), Int?.none)
        for (index, byte) in bytes.enumerated() {
            if let start, depth == 1, !quotes.isInside, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
                // The comma behind it goes too, or, for the last one, the comma before it.
                let isLast = byte == UInt8(ascii: "}")
                let head = bytes[..<start].dropLast(isLast && bytes[start - 1] == UInt8(ascii: ",") ? 1 : 0)
                return String(decoding: head + bytes[(isLast ? index : index + 1)...], as: UTF8.self)
            }
            let begins = !quotes.isInside
            if quotes.take(byte) {
                if begins, depth == 1, start == nil, bytes[index...].starts(with: key) { start = index }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return json
    }
}

/// A list that this token may not read, or that the company has not bought.
package struct UnavailableList: Sendable, Hashable {
    /// A stream's name, such as `projects`, or a path.
    package var name: String
    /// 402, 403 (as JSON) or 404.
    package var status: Int

    package init(_ name: String, status: Int = 403) {
        self.name = name
        self.status = status
    }

    /// Reads `NAME` or `NAME=STATUS`.
    package init?(text: String) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard (1...2).contains(sides.count), !sides[0].isEmpty,
            let status = sides.count == 2 ? Int(sides[1]) : 403, [402, 403, 404].contains(status)
        else { return nil }
        self.init(String(sides[0]), status: status)
    }

    func concerns(_ endpoint: Endpoint) -> Bool {
        name == endpoint.kind.rawValue || name == endpoint.path || "/" + name == endpoint.path
    }

    var refusal: SimulatedResponse {
        switch status {
        case 402: Refusal.paymentRequired()
        case 404: Refusal.notFound()
        default: Refusal.forbidden()
        }
    }
}

/// What the token may see: of some lists a share of the rows only, and not a word about the others.
struct Visibility: Sendable {
    private static let kinds = Set(
        RecordKind.living + [.files, .callLogs, .mailThreads, .projects, .tasks])

    let seed: UInt64
    let share: Double

    func sees(_ kind: RecordKind, _ id: Int32) -> Bool {
        guard share < 1, Visibility.kinds.contains(kind) else { return true }
        var dice = Dice(seed, 0x7669_7369, kind.number, Int64(id))
        return dice.chance(share)
    }
}
