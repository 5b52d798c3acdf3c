/// Times as the API writes and reads them. All are UTC milliseconds since 1970 inside.
enum Stamp {
    static let secondMilliseconds: Int64 = 1000
    static let hourMilliseconds: Int64 = 3_600_000
    static let dayMilliseconds: Int64 = 86_400_000

    /// v2: `2026-09-30T14:05:09Z`.
    static func seconds(_ milliseconds: Int64) -> String {
        let parts = split(milliseconds)
        return "\(date(parts.days))T\(clock(parts.rest))Z"
    }

    /// v1 in general: `2026-09-30 14:05:09`.
    static func spaced(_ milliseconds: Int64) -> String {
        let parts = split(milliseconds)
        return "\(date(parts.days)) \(clock(parts.rest))"
    }

    /// v1 leads: `2026-09-30T14:05:09.551Z`.
    static func fractional(_ milliseconds: Int64) -> String {
        let parts = split(milliseconds)
        let fraction = String(1000 + floored(milliseconds, 1000).rest).dropFirst()
        return "\(date(parts.days))T\(clock(parts.rest)).\(fraction)Z"
    }

    static func day(_ milliseconds: Int64) -> String { date(split(milliseconds).days) }

    /// RFC 9110: `Wed, 30 Sep 2026 14:05:09 GMT`.
    static func header(_ milliseconds: Int64) -> String {
        let parts = split(milliseconds)
        let civil = civil(parts.days)
        let weekday = weekdays[Int(floored(parts.days + 4, 7).rest)]
        return "\(weekday), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) \(clock(parts.rest)) GMT"
    }

    /// Reads exactly `yyyy-MM-ddTHH:mm:ssZ`: live, fractions and the form with a space are refused.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54, bytes[13] == 0x3A,
            bytes[16] == 0x3A, bytes[19] == 0x5A
        else { return nil }
        guard let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = dayNumber(year: year, month: month, day: day)
        let back = civil(days)
        guard back.month == month, back.day == day else { return nil }
        return (days * 86_400 + Int64(hour * 3600 + minute * 60 + second)) * secondMilliseconds
    }

    static func floorToSecond(_ milliseconds: Int64) -> Int64 { milliseconds - floored(milliseconds, 1000).rest }

    static func floored(_ value: Int64, _ unit: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = (value % unit + unit) % unit
        return ((value - rest) / unit, rest)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func split(_ milliseconds: Int64) -> (days: Int64, rest: Int64) {
        let parts = floored(milliseconds, dayMilliseconds)
        return (parts.quotient, parts.rest / secondMilliseconds)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy { (0x30...0x39).contains($0) } ? digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    private static func clock(_ seconds: Int64) -> String {
        "\(two(Int(seconds / 3600))):\(two(Int(seconds / 60 % 60))):\(two(Int(seconds % 60)))"
    }

    private static func date(_ days: Int64) -> String {
        let civil = civil(days)
        return "\(civil.year)-\(two(civil.month))-\(two(civil.day))"
    }

    /// Days since 1970 to the calendar and back, counting years from March so that leap days come last.
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let era = floored(days + 719_468, 146_097)
        let inEra = era.rest
        let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * year + year / 4 - year / 100)
        let shifted = (5 * inYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            Int(year + era.quotient * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(inYear - (153 * shifted + 2) / 5 + 1)
        )
    }

    private static func dayNumber(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = floored(shifted, 400)
        let inYear = (153 * Int64(month > 2 ? month - 3 : month + 9) + 2) / 5 + Int64(day) - 1
        return era.quotient * 146_097 + era.rest * 365 + era.rest / 4 - era.rest / 100 + inYear - 719_468
    }
}
