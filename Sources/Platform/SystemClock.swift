import Glibc

/// The C library's clock, asked anew each time: whatever stands between this program and the C library, such as
/// a rehearsal that moves the nights, is believed.
package struct SystemClock: WallClock {
    package init() {}

    package var nowMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    package func sleep(milliseconds: Int64) async throws {
        try await NetworkThread.sleep(milliseconds: milliseconds)
    }
}
