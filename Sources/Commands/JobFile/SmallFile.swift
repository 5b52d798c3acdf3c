import Foundation

/// Reads a whole small file, job or token. It goes to the C library since Foundation's errors do not tell a
/// missing file from a folder in words a person can use.
enum SmallFile {
    struct Failure: Error, Hashable {
        var reason: String
    }

    static func read(_ path: String, largestBytes: Int) throws(Failure) -> [UInt8] {
        // Without waiting, since opening a pipe would otherwise hang until somebody writes to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        return try read(descriptor, largestBytes: largestBytes)
    }

    static func read(_ descriptor: Int32, largestBytes: Int) throws(Failure) -> [UInt8] {
        try requireRegular(descriptor)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= largestBytes else {
                throw Failure(reason: "it is larger than \(largestBytes / 1024) KiB")
            }
        }
    }

    private static func requireRegular(_ descriptor: Int32) throws(Failure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFDIR: throw Failure(reason: "it is a folder")
        default: throw Failure(reason: "it is not an ordinary file")
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        switch code {
        case ENOENT, ENOTDIR: Failure(reason: "there is no such file")
        case EACCES, EPERM: Failure(reason: "this user may not read it")
        default: Failure(reason: String(cString: strerror(code)))
        }
    }
}
