/// A point in time in whole seconds since 1970-01-01T00:00:00Z: the resolution of Pipedrive's time filters.
package struct Instant: Hashable, Comparable, Sendable {
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Rounds down, so that a window never reaches past the moment it was made from.
    package init(milliseconds: Int64) {
        seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.seconds < b.seconds }
    package static func + (a: Instant, seconds: Int64) -> Instant { Instant(seconds: a.seconds + seconds) }
    package static func - (a: Instant, seconds: Int64) -> Instant { Instant(seconds: a.seconds - seconds) }
    package static func - (a: Instant, b: Instant) -> Int64 { a.seconds - b.seconds }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC without a fraction, `2026-11-23T02:00:07Z`: the only form the API's filters accept.
    package var description: String {
        let (day, second) = dayAndSecond
        let date = CivilDate(daysSinceEpoch: day)
        return "\(date)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    /// `20261123T020007Z`: how a run is named.
    package var compact: String {
        description.filter { $0 != "-" && $0 != ":" }
    }

    /// The UTC day as `2026-11-23`.
    package var utcDay: String { CivilDate(daysSinceEpoch: dayAndSecond.day).description }

    private var dayAndSecond: (day: Int64, second: Int64) {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        return (day, seconds - day * 86_400)
    }
}

/// A day of the proleptic Gregorian calendar, from and to a count of days, by Howard Hinnant's published method.
package struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    package var year: Int64
    package var month: Int64
    package var day: Int64

    package init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    package init(daysSinceEpoch: Int64) {
        let z = daysSinceEpoch + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package var daysSinceEpoch: Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package var description: String {
        let digits = String(year)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(padded)-\(two(month))-\(two(day))"
    }
}

private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
