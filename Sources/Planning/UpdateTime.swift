/// When a record last changed, as the API sent it: seconds and the fraction with its very digits, since some
/// lists carry milliseconds (`…20.852Z`), most carry none, and `.000` must come out as `.000`.
package struct UpdateTime: Hashable, Sendable {
    /// Whole seconds since 1970, UTC.
    package var seconds: Int64
    /// The fraction in billionths of a second.
    package var nanoseconds: Int32
    /// How many digits of the fraction the API sent, 0 to 9.
    package var fractionDigits: UInt8

    package init(seconds: Int64, nanoseconds: Int32 = 0, fractionDigits: UInt8 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.fractionDigits = fractionDigits
    }

    package var instant: Instant { Instant(seconds: seconds) }
}

extension UpdateTime: Comparable {
    package static func < (a: UpdateTime, b: UpdateTime) -> Bool {
        (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }

    /// By time alone: `10:00:00Z` and `10:00:00.000Z` are the same moment.
    package static func == (a: UpdateTime, b: UpdateTime) -> Bool {
        (a.seconds, a.nanoseconds) == (b.seconds, b.nanoseconds)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }
}

extension UpdateTime: CustomStringConvertible {
    /// RFC 3339 in UTC with the fraction as it was sent.
    package var description: String {
        let whole = instant.description
        guard fractionDigits > 0 else { return whole }
        let digits = String(Int64(1_000_000_000) + Int64(nanoseconds)).dropFirst().prefix(Int(fractionDigits))
        return whole.dropLast() + ".\(digits)Z"
    }
}

extension UpdateTime {
    /// Reads the three forms the API uses: `2026-09-30T14:05:09Z`, `….852Z` (or a numeric offset), and v1's
    /// `2026-09-30 14:05:09`, which is UTC. Zero dates (`0000-00-00 00:00:00`) and anything else give nil.
    package init?(_ text: some Collection<UInt8>) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), let date = CivilDate(year: year, month: month, day: day),
            reader.skip("T") || reader.skip(" ") || reader.skip("t"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            hour < 24, minute < 60, second < 61
        else { return nil }
        let fraction = reader.skip(".") ? reader.fraction() : (nanoseconds: 0, digits: 0)
        guard let fraction, let offsetSeconds = reader.zone() else { return nil }
        seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offsetSeconds
        nanoseconds = fraction.nanoseconds
        fractionDigits = fraction.digits
    }

    package init?(_ text: String) { self.init(Array(text.utf8)) }
}

extension Instant {
    /// An RFC 3339 time; a fraction is cut off.
    package init?(_ text: String) {
        guard let time = UpdateTime(text) else { return nil }
        self = time.instant
    }
}

/// Takes a time stamp apart, digit by digit.
private struct DigitReader<Text: Collection<UInt8>> {
    private let text: Text
    private var position: Text.Index

    init(_ text: Text) {
        self.text = text
        position = text.startIndex
    }

    mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func fraction() -> (nanoseconds: Int32, digits: UInt8)? {
        var (nanoseconds, digits): (Int64, UInt8) = (0, 0)
        while let digit = digit() {
            guard digits < 9 else { continue }
            nanoseconds = nanoseconds * 10 + digit
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<9 { nanoseconds *= 10 }
        return (Int32(nanoseconds), digits)
    }

    /// Seconds east of UTC; none written means UTC. Nil when anything is left over.
    mutating func zone() -> Int64? {
        if position == text.endIndex { return 0 }
        if skip("Z") || skip("z") { return position == text.endIndex ? 0 : nil }
        let west = skip("-")
        guard west || skip("+"), let hours = number(2) else { return nil }
        _ = skip(":")
        guard let minutes = number(2), position == text.endIndex, hours < 24, minutes < 60 else { return nil }
        return (west ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < text.endIndex, text[position] == UInt8(ascii: character) else { return false }
        text.formIndex(after: &position)
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < text.endIndex, case let byte = text[position], byte >= 48, byte <= 57 else { return nil }
        text.formIndex(after: &position)
        return Int64(byte - 48)
    }
}
