import Foundation
import Platform
import Synchronization

/// The C library's wall clock with an offset that can be moved forward, so that a rehearsal need not wait for the
/// night. Waiting takes real time.
package final class MovableClock: WallClock {
    private let offsetMilliseconds: Mutex<Int64>

    /// Starts at a time of its own, or at the present one.
    package init(startMilliseconds: Int64? = nil) {
        offsetMilliseconds = Mutex(startMilliseconds.map { $0 - MovableClock.systemMilliseconds } ?? 0)
    }

    package var nowMilliseconds: Int64 { MovableClock.systemMilliseconds + offsetMilliseconds.withLock { $0 } }

    package func advance(milliseconds: Int64) { offsetMilliseconds.withLock { $0 += milliseconds } }

    package func sleep(milliseconds: Int64) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }

    private static var systemMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
