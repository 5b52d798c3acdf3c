/// Seeded randomness that hangs on names, not on the order of asking: the same parts give the same throws.
struct Dice: Sendable {
    private var state: UInt64

    init(_ seed: UInt64, _ a: Int64 = 0, _ b: Int64 = 0, _ c: Int64 = 0) {
        state = seed
        for part in [a, b, c] { state = Dice.mixed(state &+ UInt64(bitPattern: part) &* 0x9E37_79B9_7F4A_7C15) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Dice.mixed(state)
    }

    mutating func below(_ bound: Int) -> Int { bound < 2 ? 0 : Int(next() % UInt64(bound)) }

    /// Between 0 and 1, one excluded.
    mutating func fraction() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func chance(_ probability: Double) -> Bool { fraction() < probability }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    mutating func hex(_ digits: Int) -> String { String(decoding: hexDigits(digits), as: UTF8.self) }

    mutating func uuid() -> String {
        let digits = hexDigits(32)
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0] }
        return String(decoding: Array(parts.joined(separator: "-".utf8)), as: UTF8.self)
    }

    private mutating func hexDigits(_ count: Int) -> [UInt8] {
        var (digits, word): ([UInt8], UInt64) = ([], 0)
        digits.reserveCapacity(count)
        for place in 0..<count {
            if place.isMultiple(of: 16) { word = next() }
            let digit = UInt8(truncatingIfNeeded: word >> 60)
            digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            word <<= 4
        }
        return digits
    }

    /// The finisher of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
