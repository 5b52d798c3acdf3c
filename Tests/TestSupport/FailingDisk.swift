import Glibc
package import Platform
import Synchronization

/// A coat around a disk that does something bad at the n-th effect (what changes the disk or makes it durable;
/// looking does not count). A transaction of SQLite passes it by: it lies between two effects, so dying after
/// one and dying before the next are two different instants.
package final class FailingDisk: FileSystem {
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

    private let disk: any FileSystem
    private let mishap: Mishap?
    private let effect: Int
    private let state = Mutex(State())

    /// - Parameter effect: counted from 0.
    package init(_ disk: any FileSystem, _ mishap: Mishap? = nil, at effect: Int = .max) {
        self.disk = disk
        self.mishap = mishap
        self.effect = effect
    }

    /// How many effects there were.
    package var effects: Int { state.withLock { $0.effects } }

    private func looking<Value>(_ body: () throws -> Value) throws -> Value {
        if state.withLock({ $0.isDead }) { throw Death() }
        return try body()
    }

    private func changing<Value>(
        _ operation: String, _ path: String, torn: () throws -> Void = {}, _ body: () throws -> Value
    ) throws -> Value {
        let (isDead, isNow) = state.withLock { state in
            defer { state.effects += 1 }
            return (state.isDead, state.effects == effect)
        }
        if isDead { throw Death() }
        guard isNow, let mishap else { return try body() }
        switch mishap {
        case .noSpace: throw FileFailure(operation: operation, path: path, code: ENOSPC, reason: "No space left")
        case .inputOutputError: throw FileFailure(operation: operation, path: path, code: EIO, reason: "I/O error")
        case .dieBefore: break
        case .dieAfter: _ = try body()
        case .dieTorn: try torn()
        }
        state.withLock { $0.isDead = true }
        throw Death()
    }

    package func list(_ directory: String) throws -> [String] { try looking { try disk.list(directory) } }

    package func size(_ path: String) throws -> Int64? { try looking { try disk.size(path) } }

    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        try looking { try disk.read(path, offset: offset, count: count) }
    }

    package func createDirectory(_ path: String) throws {
        try changing("create folder", path) { try disk.createDirectory(path) }
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        try changing(
            "write to", path, torn: { try disk.append(Array(bytes.prefix(bytes.count / 2)), to: path) },
            { try disk.append(bytes, to: path) })
    }

    package func truncate(_ path: String, to length: Int64) throws {
        try changing("truncate", path) { try disk.truncate(path, to: length) }
    }

    package func sync(_ path: String) throws { try changing("sync", path) { try disk.sync(path) } }

    package func syncDirectory(_ path: String) throws {
        try changing("sync folder", path) { try disk.syncDirectory(path) }
    }

    package func rename(_ source: String, to target: String) throws {
        try changing("rename", source) { try disk.rename(source, to: target) }
    }

    package func remove(_ path: String) throws { try changing("remove", path) { try disk.remove(path) } }

    package func lock(_ path: String) throws -> (any FileLock)? { try looking { try disk.lock(path) } }
}
