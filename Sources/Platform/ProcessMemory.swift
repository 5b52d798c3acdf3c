import Glibc

/// How the C library's allocator keeps what was freed, and what is left of it after a crash.
package enum ProcessMemory {
    /// One arena for the tasks and one for the network are enough; by default there may be eight a core.
    static let arenaCount: Int32 = 2
    /// Free memory at the top of the heap beyond this goes back to the system. Less than a few pages, and every page
    /// would have its memory given back and cleared anew by the kernel.
    static let trimThresholdBytes: Int32 = 4 << 20
    /// What is larger is mapped on its own and vanishes when it is freed: answers far beyond a usual page. Naming a
    /// value also stops the allocator from raising it by itself.
    static let mapThresholdBytes: Int32 = 4 << 20

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

    /// To be called when the start is over, before a long run: lets go of the program's code as far as it was met.
    /// Most of it read arguments and files, or was only mapped beside what did; what is needed again is mapped again
    /// from the system's cache, which holds it anyway.
    package static func letGoOfStart() {
        guard let maps = fopen("/proc/self/maps", "r") else { return }
        defer { fclose(maps) }
        var line = [CChar](repeating: 0, count: Int(PATH_MAX) + 100)
        while fgets(&line, Int32(line.count), maps) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            guard let code = mappedCode(String(decoding: text, as: UTF8.self)) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: code.lowerBound), code.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a line of `/proc/self/maps`, when a file's code lies there. Code is never written to, so
    /// nothing is lost with it; of other pages that cannot be said.
    static func mappedCode(_ line: String) -> Range<UInt>? {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count == 6, words[1] == "r-xp", words[5].hasPrefix("/") else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }
}
