/// The disk, by whole small effects, so that a test can die at the n-th one. Paths are absolute. Every method
/// throws `FileFailure`.
package protocol FileSystem: Sendable {
    /// Makes the folder and its parents, each with mode 0750 where it is new.
    func createDirectory(_ path: String) throws
    /// Names in the folder, sorted; empty when there is no such folder.
    func list(_ directory: String) throws -> [String]
    /// Bytes in the file; nil when nothing lies there. Throws where something else does, a link that leads nowhere
    /// included (`FileFailure.isInTheWay`).
    func size(_ path: String) throws -> Int64?
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8]
    /// Makes an empty file with mode 0600, for its owner alone; refuses when the name is taken.
    func createPrivate(_ path: String) throws
    /// Adds to the end of the file, which is made with mode 0640 where it is new.
    func append(_ bytes: [UInt8], to path: String) throws
    func truncate(_ path: String, to length: Int64) throws
    /// Makes the file's bytes durable.
    func sync(_ path: String) throws
    /// Makes the names in the folder durable.
    func syncDirectory(_ path: String) throws
    /// Replaces `target` in one step.
    func rename(_ source: String, to target: String) throws
    /// Removes the file; no error when there is none.
    func remove(_ path: String) throws
    /// Takes the kernel's lock on the file until the lock is let go or the process ends; nil when another
    /// process holds it.
    func lock(_ path: String) throws -> (any FileLock)?
}

/// A lock that is held as long as this object lives.
package protocol FileLock: AnyObject, Sendable {
    func unlock()
}

/// What the disk refused.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var operation: String
    package var path: String
    /// The C library's errno.
    package var code: Int32
    /// The system's words for it.
    package var reason: String
    /// Something that is no file lies where a file is to be.
    package var isInTheWay = false

    package init(operation: String, path: String, code: Int32, reason: String) {
        self.operation = operation
        self.path = path
        self.code = code
        self.reason = reason
    }

    package var description: String { "cannot \(operation) \(path): \(reason)" }
}
