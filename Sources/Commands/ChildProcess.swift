import Foundation

/// A program run for a few bytes of output. What it reads and what it complains of are files without a name, or
/// nothing. It leads a process group of its own, so that whatever it started
/// in turn ends with it; Foundation's Process would wait for those children, and could wait for ever.
struct ChildProcess {
    enum Ending: Hashable {
        case output([UInt8])
        case exited(Int32)
        case killed(Int32)
        case tooLate
        case tooMuch
    }

    private let id: pid_t
    private let descriptor: Int32

    /// A name without a slash is looked for in PATH, as a shell would; nil when it is not there.
    static func path(of program: String, in environment: [String: String]) -> String? {
        if program.contains("/") { return program }
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// Nil when the program cannot be started.
    /// - Parameters:
    ///   - input: what it reads; nothing when nil.
    ///   - errors: where its standard error goes; nowhere when nil.
    init?(
        path: String, words: [String], environment: [String: String], input: NamelessFile? = nil,
        errors: NamelessFile? = nil
    ) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[1]) }
        // Else the child would hold both ends itself and never see that we have gone.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var id: pid_t = 0
        let code = Self.withStrings(words) { words in
            Self.withStrings(environment.map { "\($0)=\($1)" }) { environment in
                Self.withPreparations(input?.descriptor, ends[1], errors?.descriptor) {
                    posix_spawn(&id, path, $0, $1, words, environment)
                }
            }
        }
        guard code == 0 else {
            close(ends[0])
            return nil
        }
        (self.id, descriptor) = (id, ends[0])
    }

    /// Reads to the end and waits for it, both within the patience and until a signal that is remembered. Call it once.
    func output(patience: Duration, largestBytes: Int) -> Ending {
        let deadline = ContinuousClock.now + patience
        var (bytes, status): ([UInt8], Int32?) = ([], nil)
        var (isOpen, ending): (Bool, Ending?) = (true, nil)
        while ending == nil {
            if isOpen { isOpen = read(into: &bytes) } else { usleep(10_000) }
            if bytes.count > largestBytes { ending = .tooMuch }
            if ContinuousClock.now > deadline { ending = .tooLate }
            if FirstSignal.code != nil { ending = .killed(SIGKILL) }
            if status == nil { status = reaped() }
            // A program that ended is done, though an agent it left behind may still hold its output open.
            if let status, ending == nil, !isOpen || !hasInput(waitMilliseconds: 0) {
                ending = Self.ending(status, bytes)
            }
        }
        // The group lives on when the program left something behind; an agent that was meant to stay has a
        // session, and so a group, of its own.
        kill(-id, SIGKILL)
        if status == nil { waitpid(id, nil, 0) }
        close(descriptor)
        return ending ?? .tooLate
    }

    private static func ending(_ status: Int32, _ bytes: [UInt8]) -> Ending {
        let signal = status & 0x7F
        if signal != 0 { return .killed(signal) }
        let code = (status >> 8) & 0xFF
        return code == 0 ? .output(bytes) : .exited(code)
    }

    private func reaped() -> Int32? {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == id ? status : nil
    }

    private func hasInput(waitMilliseconds: Int32) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, waitMilliseconds) > 0
    }

    /// Waits a moment for a piece; false at the end of the output.
    private func read(into bytes: inout [UInt8]) -> Bool {
        guard hasInput(waitMilliseconds: 20) else { return true }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Foundation.read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return count > 0 || (count < 0 && errno == EINTR)
    }
}

extension ChildProcess {
    private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>
    private typealias Attributes = UnsafeMutablePointer<posix_spawnattr_t>

    /// Nothing but these three leads to us, and it starts with the signals a program expects, whatever ours are.
    private static func withPreparations(
        _ input: Int32?, _ output: Int32, _ errors: Int32?, _ body: (Actions, Attributes) -> Int32
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        if let errors {
            posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        return body(&actions, &attributes)
    }

    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        let pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
