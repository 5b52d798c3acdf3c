import Glibc

extension FileFailure {
    /// Says what lies at the path and is no file, however the kernel put it; nil where nothing does, or a file.
    static func inTheWay(_ operation: String, _ path: String) -> FileFailure? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IFMT == S_IFLNK, stat(path, &status) != 0 {
            guard let end = linkEnds[errno] else { return nil }
            return FileFailure(operation, path, isInTheWay: "a link that leads \(end)")
        }
        guard status.st_mode & S_IFMT != S_IFREG else { return nil }
        return FileFailure(operation, path, isInTheWay: kinds[status.st_mode & S_IFMT] ?? "a device")
    }

    private init(_ operation: String, _ path: String, isInTheWay what: String) {
        self.init(operation: operation, path: path, code: EEXIST, reason: "\(what) lies there, and no file")
        isInTheWay = true
    }

    private static let linkEnds = [ENOENT: "nowhere", ENOTDIR: "nowhere", ELOOP: "to itself"]
    private static let kinds = [S_IFDIR: "a folder", S_IFIFO: "a pipe", S_IFSOCK: "a socket"]
}
