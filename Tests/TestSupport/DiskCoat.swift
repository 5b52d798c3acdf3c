package import Platform

/// A coat around a disk that may do something bad at an effect: what changes the disk or makes it durable. Whoever
/// wears it says what happens at an effect, and at a look where that is not simply the look.
package protocol DiskCoat: FileSystem {
    var disk: any FileSystem { get }

    /// - Parameters:
    ///   - what: the effect, as a refusal names it.
    ///   - torn: does half of it.
    func effect(_ what: String, _ path: String, torn: () throws -> Void, _ body: () throws -> Void) throws

    func look<Value>(_ body: () throws -> Value) throws -> Value
}

extension DiskCoat {
    package func look<Value>(_ body: () throws -> Value) throws -> Value { try body() }

    private func effect(_ what: String, _ path: String, _ body: () throws -> Void) throws {
        try effect(what, path, torn: {}, body)
    }

    package func createDirectory(_ path: String) throws {
        try effect("create folder", path) { try disk.createDirectory(path) }
    }

    package func createPrivate(_ path: String) throws {
        try effect("create", path) { try disk.createPrivate(path) }
    }

    package func append(_ bytes: [UInt8], to path: String) throws { try appendOrTear(bytes, to: path) }

    /// For a coat that looks at what is written before it is an effect like any other.
    package func appendOrTear(_ bytes: [UInt8], to path: String) throws {
        try effect("write to", path, torn: { try tear(bytes, path) }) { try disk.append(bytes, to: path) }
    }

    /// Half of the bytes arrive.
    package func tear(_ bytes: [UInt8], _ path: String) throws {
        try disk.append(Array(bytes.prefix(bytes.count / 2)), to: path)
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

    package func list(_ directory: String) throws -> [String] { try look { try disk.list(directory) } }
    package func size(_ path: String) throws -> Int64? { try look { try disk.size(path) } }

    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        try look { try disk.read(path, offset: offset, count: count) }
    }

    package func lock(_ path: String) throws -> (any FileLock)? { try look { try disk.lock(path) } }
}
