import Platform
import Synchronization

/// A clock on which what sleeps at the same time wakes in its order, as on a real one: it moves to the next waking
/// only when nobody has anything left to do. `SeededExecutor` knows when that is.
package final class TimelineClock: WallClock {
    private struct State {
        var now: Int64
        var nextNumber = 0
        var sleepers: [Int: (wake: Int64, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var isCancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(milliseconds: Int64) { state = Mutex(State(now: milliseconds)) }

    package var nowMilliseconds: Int64 { state.withLock { $0.now } }

    package func sleep(milliseconds: Int64) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.isCancelled.remove(number) == nil else { return true }
                    state.sleepers[number] = (state.now + max(0, milliseconds), continuation)
                    return false
                }
                if isLate { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.isCancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves on to the next waking; false when nobody sleeps.
    func wakeNext() -> Bool {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard let next = state.sleepers.min(by: { ($0.value.wake, $0.key) < ($1.value.wake, $1.key) }) else {
                return nil
            }
            state.now = max(state.now, next.value.wake)
            return state.sleepers.removeValue(forKey: next.key)?.continuation
        }
        next?.resume()
        return next != nil
    }
}
