import Foundation
import Synchronization
import TestSupport

/// Runs tasks on one thread, and of those that are ready the one that the seed picks: what is left to chance on a
/// real machine, which of two answers comes first, is left to the seed, so that a night can be repeated exactly.
package final class SeededExecutor: TaskExecutor {
    private struct State {
        var ready: [UnownedJob] = []
        var random: SeededRandom
        var isDone = false
    }

    private let state: Mutex<State>
    private let isAwaited = DispatchSemaphore(value: 0)

    private let timeline: TimelineClock?

    private init(seed: UInt64, timeline: TimelineClock?) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
        self.timeline = timeline
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
        isAwaited.signal()
    }

    /// Runs the body, and everything that it starts, on a thread of its own; whenever nothing is ready, the timeline
    /// moves on.
    package static func run<Value: Sendable>(
        seed: UInt64, timeline: TimelineClock? = nil, _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            let executor = SeededExecutor(seed: seed, timeline: timeline)
            Task(executorPreference: executor) {
                let value = await body()
                executor.finish()
                continuation.resume(returning: value)
            }
            let thread = Thread { executor.work() }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    private func finish() {
        state.withLock { $0.isDone = true }
        isAwaited.signal()
    }

    private func work() {
        while true {
            let isIdle = isAwaited.wait(timeout: .now()) == .timedOut
            if isIdle, let timeline, timeline.wakeNext() { continue }
            if isIdle { isAwaited.wait() }
            let job = state.withLock { state -> UnownedJob? in
                guard !state.ready.isEmpty else { return nil }
                return state.ready.remove(at: Int.random(in: state.ready.indices, using: &state.random))
            }
            job?.runSynchronously(on: asUnownedTaskExecutor())
            if state.withLock({ $0.isDone && $0.ready.isEmpty }) { return }
        }
    }
}
