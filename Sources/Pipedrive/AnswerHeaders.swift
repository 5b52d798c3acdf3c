import Planning
package import Platform

extension RateLimits {
    /// A value that is not the number it should be counts as absent.
    package init(_ response: TransportResponse) {
        burstLimit = response.count("x-ratelimit-limit")
        burstRemaining = response.count("x-ratelimit-remaining")
        burstResetSeconds = response.seconds("x-ratelimit-reset")
        dailyLimitTokens = response.count("x-daily-ratelimit-token-limit")
        dailyRemainingTokens = response.count("x-daily-ratelimit-token-remaining")
    }
}

extension Farewell {
    /// Nobody needs more of such a header.
    private static let mostCharacters = 100

    init(_ response: TransportResponse, clean: (String) -> String) {
        func read(_ name: String) -> String? {
            response.header(name).map { clean(String($0.prefix(Self.mostCharacters))) }
        }
        self.init(deprecation: read("deprecation"), sunset: read("sunset"))
    }
}

extension TransportResponse {
    /// A whole number of zero or more.
    func count(_ header: String) -> Int? {
        guard let text = trimmed(header), text.utf8.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        return Int(text)
    }

    /// Zero or more seconds, perhaps with a fraction.
    func seconds(_ header: String) -> Double? {
        guard let text = trimmed(header), text.utf8.allSatisfy({ 48...57 ~= $0 || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(text)
    }

    /// `Retry-After` in either of its forms: seconds, or a date to be read by the server's own clock.
    var retryAfterSeconds: Double? {
        if let seconds = seconds("retry-after") { return seconds }
        guard let date = trimmed("retry-after").flatMap({ Instant(httpDate: $0) }), let serverTime else { return nil }
        return Double(max(0, date - serverTime))
    }

    /// The server's clock.
    var serverTime: Instant? { trimmed("date").flatMap { Instant(httpDate: $0) } }

    private func trimmed(_ name: String) -> String? {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let value = header(name) else { return nil }
        return String(value.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}

extension Instant {
    /// The one form of date that HTTP servers still send, `Sun, 06 Nov 1994 08:49:37 GMT`.
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = Self.months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let twoDigits = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init("\(parts[3])-\(twoDigits)-\(parts[1])T\(parts[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
