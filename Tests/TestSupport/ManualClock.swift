import Platform
import Synchronization

/// A clock that only moves when somebody sleeps or says so: a night takes no time at all.
package final class ManualClock: WallClock {
    private let milliseconds: Mutex<Int64>

    /// Begins at 2026-11-23T00:00:00Z unless told otherwise.
    package init(milliseconds: Int64 = 1_795_392_000_000) {
        self.milliseconds = Mutex(milliseconds)
    }

    package var nowMilliseconds: Int64 { milliseconds.withLock { $0 } }

    /// Sets the clock, backwards too.
    package func set(milliseconds time: Int64) {
        milliseconds.withLock { $0 = time }
    }

    package func advance(milliseconds step: Int64) {
        milliseconds.withLock { $0 += step }
    }

    /// Returns at once, later. Two that sleep at the same time wake at the later of their times, as they would
    /// on a real clock.
    package func sleep(milliseconds duration: Int64) async throws {
        let wake = nowMilliseconds + max(0, duration)
        await Task.yield()
        try Task.checkCancellation()
        milliseconds.withLock { $0 = max($0, wake) }
    }
}
