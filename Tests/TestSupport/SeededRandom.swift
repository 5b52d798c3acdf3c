import Foundation
import Synchronization

/// A small random generator that a printed seed repeats (SplitMix64).
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The seed of a test that may have any, one for each `variant` of it. It is the same at every run, so that a test
    /// which turns red was turned red by a change; PIPESNAP_SEED looks elsewhere.
    package static func seed(_ variant: Int = 0) -> UInt64 {
        let named = ProcessInfo.processInfo.environment["PIPESNAP_SEED"].flatMap(UInt64.init)
        return (named ?? 20_261_124) &+ UInt64(variant)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    package mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &self)]
    }

    /// Numbers between 0 and 1 from a seed drawn here, for whoever wants them in between.
    package mutating func fractions() -> @Sendable () -> Double {
        let dice = Mutex(SeededRandom(seed: next()))
        return { dice.withLock { Double.random(in: 0...1, using: &$0) } }
    }
}
