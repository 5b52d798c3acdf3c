import Glibc

/// An open file that closes itself. Each call is repeated when a signal interrupts it, and turned into a
/// `FileFailure` when the kernel refuses.
struct FileDescriptor: ~Copyable {
    let number: Int32
    private let operation: String
    private let path: String

    /// `operation` is the verb of the failure's sentence, "cannot read /path: …".
    init(_ path: String, _ flags: Int32, mode: mode_t = 0, for operation: String) throws {
        do {
            number = try repeating(operation, path) { open(path, flags | O_CLOEXEC, mode) }
        } catch let failure as FileFailure where flags & O_DIRECTORY == 0 {
            throw FileFailure.inTheWay(operation, path) ?? failure
        }
        self.operation = operation
        self.path = path
    }

    deinit { close(number) }

    /// One system call on this file.
    @discardableResult
    func call(_ body: (Int32) -> Int) throws -> Int {
        try repeating(operation, path) { body(number) }
    }

    /// All of it: the kernel may take less than it is given.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = try call { Glibc.write($0, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count) }
            rest = rest.dropFirst(written)
        }
    }

    /// Fills `target` from `offset` on and says how far it came; less than all only at the end of the file.
    func read(into target: UnsafeMutableRawBufferPointer, offset: Int64) throws -> Int {
        var filled = 0
        while filled < target.count {
            let part = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
            let count = try call { pread($0, part.baseAddress, part.count, off_t(offset) + filled) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Throws for what is no file: neither a folder nor a pipe has a size that means anything.
    func size() throws -> Int64 {
        var status = stat()
        try call { Int(fstat($0, &status)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure.inTheWay(operation, path)
                ?? FileFailure(operation: operation, path: path, code: EEXIST, reason: "it is no file")
        }
        return Int64(status.st_size)
    }
}

/// Makes a system call until no signal interrupts it; -1 becomes a `FileFailure`.
@discardableResult
func repeating<Value: SignedInteger>(_ operation: String, _ path: String, _ body: () -> Value) throws -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        if errno != EINTR { throw FileFailure.last(operation, path) }
    }
}

extension FileFailure {
    /// What the C library's errno says now.
    static func last(_ operation: String, _ path: String) -> FileFailure {
        let code = errno
        return FileFailure(operation: operation, path: path, code: code, reason: String(cString: strerror(code)))
    }
}
