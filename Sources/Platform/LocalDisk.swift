import Glibc

/// The disk, by plain system calls. Nothing is kept open between two calls, so that every effect is whole and
/// the order of effects is the order of calls.
package struct LocalDisk: FileSystem {
    static let directoryMode: mode_t = 0o750
    static let fileMode: mode_t = 0o640
    static let privateMode: mode_t = 0o600

    package init() {}

    package func createDirectory(_ path: String) throws {
        if isDirectory(path) { return }
        let parent = parentDirectory(path)
        if !parent.isEmpty, parent != path { try createDirectory(parent) }
        guard mkdir(path, Self.directoryMode) != 0 else { return }
        var failure = FileFailure.last("create folder", path)
        // Another process may have made it a moment ago.
        if failure.code == EEXIST, isDirectory(path) { return }
        if failure.code == EEXIST { failure.reason = "it is a file, no folder" }
        throw failure
    }

    package func list(_ directory: String) throws -> [String] {
        guard let handle = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw FileFailure.last("list", directory)
        }
        defer { closedir(handle) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw FileFailure.last("list", directory) }
        return names.sorted()
    }

    package func size(_ path: String) throws -> Int64? {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return Int64(status.st_size) }
        let failure = FileFailure.last("look at", path)
        if let inTheWay = FileFailure.inTheWay("read", path) { throw inTheWay }
        if failure.code == ENOENT || failure.code == ENOTDIR { return nil }
        throw failure
    }

    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        // Without waiting: a pipe in the place of a file would have us wait for its writer for ever.
        let file = try FileDescriptor(path, O_RDONLY | O_NONBLOCK, for: "read")
        // A caller may ask for far more than there is; memory is only taken for what there is.
        let available = max(0, try file.size() - offset)
        return try [UInt8](unsafeUninitializedCapacity: min(count, Int(available))) { buffer, filled in
            filled = try file.read(into: UnsafeMutableRawBufferPointer(buffer), offset: offset)
        }
    }

    package func createPrivate(_ path: String) throws {
        _ = try FileDescriptor(path, O_WRONLY | O_CREAT | O_EXCL, mode: Self.privateMode, for: "create")
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        let file = try FileDescriptor(path, O_WRONLY | O_APPEND | O_CREAT, mode: Self.fileMode, for: "write to")
        try bytes.withUnsafeBytes { try file.write($0) }
    }

    package func truncate(_ path: String, to length: Int64) throws {
        try repeating("truncate", path) { Glibc.truncate(path, off_t(length)) }
    }

    /// `fdatasync` also makes a new length durable; only times of access and change may lag.
    package func sync(_ path: String) throws {
        try FileDescriptor(path, O_RDONLY, for: "sync").call { Int(fdatasync($0)) }
    }

    package func syncDirectory(_ path: String) throws {
        try FileDescriptor(path, O_RDONLY | O_DIRECTORY, for: "sync folder").call { Int(fsync($0)) }
    }

    package func rename(_ source: String, to target: String) throws {
        do {
            try repeating("rename to \(target) the file", source) { Glibc.rename(source, target) }
        } catch let failure as FileFailure where failure.code == EISDIR {
            throw FileFailure.inTheWay("replace", target) ?? failure
        }
    }

    package func remove(_ path: String) throws {
        guard unlink(path) != 0, errno != ENOENT else { return }
        let failure = FileFailure.last("remove", path)
        // Links, pipes and sockets go as files do; only a folder stays.
        throw FileFailure.inTheWay("remove", path) ?? failure
    }

    package func lock(_ path: String) throws -> (any FileLock)? {
        try KernelLock(path)
    }

    private func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func parentDirectory(_ path: String) -> String {
        let trimmed = path.reversed().drop { $0 == "/" }
        return String(trimmed.drop { $0 != "/" }.reversed())
    }
}
