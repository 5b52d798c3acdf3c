package import Platform

/// A disk that tells somebody before each of its effects.
package final class WatchedDisk: FileSystem {
    private let disk: any FileSystem
    private let beforeEffect: @Sendable () -> Void

    package init(_ disk: any FileSystem, beforeEffect: @escaping @Sendable () -> Void) {
        self.disk = disk
        self.beforeEffect = beforeEffect
    }

    package func createDirectory(_ path: String) throws {
        beforeEffect()
        try disk.createDirectory(path)
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        beforeEffect()
        try disk.append(bytes, to: path)
    }

    package func truncate(_ path: String, to length: Int64) throws {
        beforeEffect()
        try disk.truncate(path, to: length)
    }

    package func sync(_ path: String) throws {
        beforeEffect()
        try disk.sync(path)
    }

    package func syncDirectory(_ path: String) throws {
        beforeEffect()
        try disk.syncDirectory(path)
    }

    package func rename(_ source: String, to target: String) throws {
        beforeEffect()
        try disk.rename(source, to: target)
    }

    package func remove(_ path: String) throws {
        beforeEffect()
        try disk.remove(path)
    }

    package func list(_ directory: String) throws -> [String] { try disk.list(directory) }
    package func size(_ path: String) throws -> Int64? { try disk.size(path) }
    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        try disk.read(path, offset: offset, count: count)
    }
    package func lock(_ path: String) throws -> (any FileLock)? { try disk.lock(path) }
}
