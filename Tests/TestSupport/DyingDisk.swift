package import Platform
import Synchronization

/// A disk that works for a number of effects and then for none: from the one it dies at, every effect throws, as
/// after the process was killed. Looking is no effect.
package final class DyingDisk: FileSystem {
    package enum Death: Sendable, CaseIterable {
        /// The effect does not happen.
        case clean
        /// It happens, and nobody hears of it.
        case unheard
        /// Of an append, half of the bytes arrive.
        case torn
    }

    private let disk: any FileSystem
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

    private func effect(_ what: String, _ path: String, torn: () throws -> Void = {}, _ body: () throws -> Void) throws
    {
        let number = count.withLock { number in
            number += 1
            return number
        }
        if number < lastEffect { return try body() }
        if number == lastEffect, death == .unheard { try body() }
        if number == lastEffect, death == .torn { try torn() }
        throw FileFailure(operation: what, path: path, code: 5, reason: "the disk has died")
    }

    package func createDirectory(_ path: String) throws {
        try effect("create folder", path) { try disk.createDirectory(path) }
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        try effect("write to", path, torn: { try disk.append(Array(bytes.prefix(bytes.count / 2)), to: path) }) {
            try disk.append(bytes, to: path)
        }
    }

    package func truncate(_ path: String, to length: Int64) throws {
        try effect("truncate", path) { try disk.truncate(path, to: length) }
    }

    package func sync(_ path: String) throws { try effect("sync", path) { try disk.sync(path) } }

    package func syncDirectory(_ path: String) throws {
        try effect("sync folder", path) { try disk.syncDirectory(path) }
    }

    package func rename(_ source: String, to target: String) throws {
        try effect("rename", source) { try disk.rename(source, to: target) }
    }

    package func remove(_ path: String) throws { try effect("remove", path) { try disk.remove(path) } }

    package func list(_ directory: String) throws -> [String] { try disk.list(directory) }
    package func size(_ path: String) throws -> Int64? { try disk.size(path) }
    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        try disk.read(path, offset: offset, count: count)
    }
    package func lock(_ path: String) throws -> (any FileLock)? { try disk.lock(path) }
}
