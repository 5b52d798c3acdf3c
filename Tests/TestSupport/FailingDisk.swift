import Glibc
package import Platform
import Synchronization

/// A coat around a disk that does something bad at the n-th effect (what changes the disk or makes it durable;
/// looking does not count). A transaction of SQLite passes it by: it lies between two effects, so dying after
/// one and dying before the next are two different instants.
package final class FailingDisk: DiskCoat {
    package enum Mishap: Sendable, CaseIterable {
        /// The effect is refused once, nothing of it done.
        case noSpace
        case inputOutputError
        /// The process dies before the effect, after it, or in the middle of it: half of the bytes are written.
        case dieBefore
        case dieAfter
        case dieTorn
    }

    /// What a process that is dead would see, if it could: every call of it fails.
    package struct Death: Error {}

    private struct State {
        var effects = 0
        var isDead = false
    }

    package let disk: any FileSystem
    private let mishap: Mishap?
    private let lastEffect: Int
    private let state = Mutex(State())

    /// - Parameter effect: counted from 0.
    package init(_ disk: any FileSystem, _ mishap: Mishap? = nil, at effect: Int = .max) {
        self.disk = disk
        self.mishap = mishap
        lastEffect = effect
    }

    /// How many effects there were.
    package var effects: Int { state.withLock { $0.effects } }

    package func look<Value>(_ body: () throws -> Value) throws -> Value {
        if state.withLock({ $0.isDead }) { throw Death() }
        return try body()
    }

    package func effect(_ operation: String, _ path: String, torn: () throws -> Void, _ body: () throws -> Void) throws
    {
        let (isDead, isNow) = state.withLock { state in
            defer { state.effects += 1 }
            return (state.isDead, state.effects == lastEffect)
        }
        if isDead { throw Death() }
        guard isNow, let mishap else { return try body() }
        switch mishap {
        case .noSpace: throw FileFailure(operation: operation, path: path, code: ENOSPC, reason: "No space left")
        case .inputOutputError: throw FileFailure(operation: operation, path: path, code: EIO, reason: "I/O error")
        case .dieBefore: break
        case .dieAfter: try body()
        case .dieTorn: try torn()
        }
        state.withLock { $0.isDead = true }
        throw Death()
    }
}
