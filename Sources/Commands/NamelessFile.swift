import Foundation

/// A file that nobody else can open and that is gone when the last program closes it, however it ends.
final class NamelessFile {
    let descriptor: Int32

    /// Holds the text, and is read from its beginning. Nil when there is no room for it.
    init?(_ text: String = "") {
        var path = Array("\(FileManager.default.temporaryDirectory.path)/pipesnap-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        // A child has it as its own input or output and needs no second one.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        self.descriptor = descriptor
        guard Self.write(text, to: descriptor), lseek(descriptor, 0, SEEK_SET) == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Its last bytes.
    func end(bytes: Int) -> String {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var buffer = [UInt8](repeating: 0, count: bytes)
        let count = pread(descriptor, &buffer, bytes, off_t(max(0, size - bytes)))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
