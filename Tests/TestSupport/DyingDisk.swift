package import Platform
import Synchronization

/// A disk that works for a number of effects and then for none: from the one it dies at, every effect throws, as
/// after the process was killed. Looking is no effect.
package final class DyingDisk: DiskCoat {
    package enum Death: Sendable, CaseIterable {
        /// The effect does not happen.
        case clean
        /// It happens, and nobody hears of it.
        case unheard
        /// Of an append, half of the bytes arrive.
        case torn
    }

    package let disk: any FileSystem
    private let lastEffect: Int
    private let death: Death
    private let count = Mutex(0)

    /// - Parameter effect: the number of the effect it dies at, from 1.
    package init(_ disk: any FileSystem, diesAt effect: Int, _ death: Death = .clean) {
        self.disk = disk
        lastEffect = effect
        self.death = death
    }

    /// How many effects were asked for.
    package var effects: Int { count.withLock { $0 } }
    package var isDead: Bool { effects >= lastEffect }

    package func effect(_ what: String, _ path: String, torn: () throws -> Void, _ body: () throws -> Void) throws {
        let number = count.withLock { number in
            number += 1
            return number
        }
        if number < lastEffect { return try body() }
        if number == lastEffect, death == .unheard { try body() }
        if number == lastEffect, death == .torn { try torn() }
        throw FileFailure(operation: what, path: path, code: 5, reason: "the disk has died")
    }
}
