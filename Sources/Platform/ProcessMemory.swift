import Glibc

/// How the C library's allocator keeps what was freed, and what is left of it after a crash.
package enum ProcessMemory {
    /// One arena for the tasks and one for the network are enough; by default there may be eight a core.
    static let arenaCount: Int32 = 2
    /// Free memory at the top of the heap beyond this goes back to the system.
    static let trimThresholdBytes: Int32 = 1 << 20
    /// Page bodies and buffers of this size are mapped on their own and vanish when they are freed. Naming a
    /// value also stops the allocator from raising it by itself.
    static let mapThresholdBytes: Int32 = 256 << 10

    /// To be called first thing in `main`, before other threads have been given arenas.
    package static func useFewArenas() {
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        for (option, value) in options { _ = mallopt(option, value) }
    }

    /// A core file would hold the token.
    package static func leaveNoCore() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// `mallopt` and its options, by the numbers of `malloc.h`, which Swift's module of the C library leaves out.
    private static let options: [(option: Int32, value: Int32)] = [
        (-8, arenaCount), (-1, trimThresholdBytes), (-3, mapThresholdBytes),
    ]
}
