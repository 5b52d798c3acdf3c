import Glibc
import Synchronization

/// `flock`: the kernel lets go of it however the process ends, so a killed run never blocks the next one.
final class KernelLock: FileLock {
    /// Nil once the lock was let go.
    private let descriptor: Mutex<Int32?>

    /// Nil when somebody else holds the lock. The descriptor is closed on exec: a child program that outlives
    /// this one must not inherit the lock.
    init?(_ path: String) throws {
        if let inTheWay = FileFailure.inTheWay("lock", path) { throw inTheWay }
        let file = try repeating("lock", path) {
            open(path, O_RDWR | O_CREAT | O_CLOEXEC, LocalDisk.fileMode)
        }
        descriptor = Mutex(file)
        do {
            try repeating("lock", path) { flock(file, LOCK_EX | LOCK_NB) }
        } catch let failure as FileFailure where failure.code == EWOULDBLOCK {
            return nil
        }
    }

    deinit { unlock() }

    func unlock() {
        let open = descriptor.withLock { held in
            defer { held = nil }
            return held
        }
        guard let open else { return }
        // Another thread may be starting a program this very moment: until that one is under way it has the descriptor
        // too, and closing ours alone would leave the lock with it.
        flock(open, LOCK_UN)
        close(open)
    }
}
