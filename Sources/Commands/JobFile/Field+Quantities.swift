import Foundation
import Planning

/// Durations, sizes, shares and times of day.
extension Field {
    /// A hundred years; longer spans are slips, and would run over when added to a time.
    private static let longestSeconds: Int64 = 36_500 * 86_400
    private static let largestBytes: Int64 = 1_000_000_000_000

    /// `120s`, `10m`, `6h`, `7d`; where `zero` allows it also a plain `0`.
    func durationSeconds(allowsPlainZero zero: Bool = false) -> Int64? {
        let expected = "a duration such as 120s, 10m, 6h or 7d\(zero ? ", or 0 for never" : "")"
        guard let text = formed(expected) else { return nil }
        if zero && text == "0" { return 0 }
        guard let match = text.wholeMatch(of: /(-?[0-9]+)(s|m|h|d)/) else { return mismatch(expected) }
        let units: [Substring: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        return product(match.1, units[match.2], upTo: Self.longestSeconds, from: 0, "0s and 36500d")
    }

    /// `500kB`, `96MB`, `2GB`, decimal.
    func sizeBytes(from smallest: Int64, _ smallestInWords: String) -> Int64? {
        let expected = "a size such as 500kB, 96MB or 2GB"
        guard let text = formed(expected) else { return nil }
        guard let match = text.wholeMatch(of: /(-?[0-9]+)(kB|MB|GB)/) else { return mismatch(expected) }
        let units: [Substring: Int64] = ["kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000]
        return product(
            match.1, units[match.2], upTo: Self.largestBytes, from: smallest, "\(smallestInWords) and 1000GB")
    }

    private func product(
        _ digits: Substring, _ unit: Int64?, upTo largest: Int64, from smallest: Int64, _ limits: String
    ) -> Int64? {
        let result = Int64(digits)?.multipliedReportingOverflow(by: unit ?? 1)
        guard let result, !result.overflow, (smallest...largest).contains(result.partialValue) else {
            tell("must be between \(limits)")
            return nil
        }
        return result.partialValue
    }

    /// `5000` tokens, or `20%` of the company's daily budget.
    func keepFree(largestTokens: Int) -> Job.KeepFree? {
        if scalar?.kind == .integer { return integer(0...largestTokens).map(Job.KeepFree.tokens) }
        return percent("a number of tokens such as 5000, or a share such as 20%").map(Job.KeepFree.percent)
    }

    /// `30%`, from 0 to 100.
    func percent(_ expected: String = "a share such as 30%") -> Double? {
        guard let scalar, scalar.kind == .text,
            let match = scalar.text.wholeMatch(of: /(-?[0-9]+(?:\.[0-9]+)?)%/), let percent = Double(match.1)
        else { return mismatch(expected) }
        guard (0...100).contains(percent) else {
            tell("must be between 0% and 100%")
            return nil
        }
        return percent
    }

    /// `HH:MM`, in seconds after midnight.
    func timeOfDaySeconds() -> Int? {
        let expected = "a time of day such as \"00:00\" or \"23:30\""
        guard let text = formed(expected) else { return nil }
        guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})/), let hour = Int(match.1), hour < 24,
            let minute = Int(match.2), minute < 60
        else { return mismatch(expected) }
        return hour * 3600 + minute * 60
    }

    /// An IANA name that Foundation knows.
    func timeZoneName() -> String? {
        guard let name = text() else { return nil }
        guard BudgetCalendar.namesOfUTC.contains(name) || TimeZone(identifier: name) != nil else {
            let near = Spelling.nearest(to: name, among: TimeZone.knownTimeZoneIdentifiers)
            let advice = near.map { "did you mean \($0)?" } ?? "write for example Europe/Berlin or UTC"
            tell("\(node.inWords) is no known time zone; \(advice)")
            return nil
        }
        return name
    }

    /// RFC 3339 with its zone; a fraction is cut off, which reaches back and loses nothing.
    func instant() -> Instant? {
        let expected = "a time such as 2015-01-01T00:00:00Z"
        guard let text = formed(expected) else { return nil }
        guard let instant = Instant(zoned: text) else { return mismatch(expected) }
        // Outside these years it is a slip: Pipedrive holds nothing older, and nothing is covered yet later.
        guard (Self.earliest...Self.latest).contains(instant) else {
            tell("must be between the years 1970 and 2100")
            return nil
        }
        return instant
    }

    private static let earliest = Instant(seconds: 0)
    private static let latest = Instant(seconds: 4_102_444_800)
}

extension Instant {
    /// RFC 3339 as a person writes it: with its zone, since without one it could be any.
    init?(zoned text: String) {
        let form = /[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})/
        guard text.wholeMatch(of: form) != nil else { return nil }
        self.init(text)
    }
}
