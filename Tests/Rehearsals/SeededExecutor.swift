import Foundation
import Synchronization
import TestSupport

/// Runs tasks on one thread, and of those that are ready the one that the seed picks: what is left to chance on a
/// real machine, which of two answers comes first, is left to the seed, so that a night can be repeated exactly.
package final class SeededExecutor: TaskExecutor {
    private struct State {
        var ready: [UnownedJob] = []
        /// Nil where tasks run in the order in which they became ready.
        var random: SeededRandom?
        var isDone = false
    }

    private let state: Mutex<State>
    private let isAwaited = DispatchSemaphore(value: 0)

    private let timeline: TimelineClock?

    private init(seed: UInt64?, timeline: TimelineClock?) {
        state = Mutex(State(random: seed.map { SeededRandom(seed: $0) }))
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
            executor.start()
        }
    }

    /// The same without a seed: whatever else the machine does, which of two answers comes first is the same each time.
    /// A body that runs under an executor already stays there.
    package static func inOrder<Value>(_ body: () async -> Value) async -> Value {
        guard withUnsafeCurrentTask(body: { $0?.unownedTaskExecutor == nil }) else { return await body() }
        let executor = SeededExecutor(seed: nil, timeline: nil)
        executor.start()
        defer { executor.finish() }
        return await withTaskExecutorPreference(executor) { await body() }
    }

    private func start() {
        let thread = Thread { self.work() }
        thread.stackSize = 8 << 20
        thread.start()
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
                return state.ready.remove(at: state.random?.index(of: state.ready) ?? 0)
            }
            job?.runSynchronously(on: asUnownedTaskExecutor())
            if state.withLock({ $0.isDone && $0.ready.isEmpty }) { return }
        }
    }
}

extension SeededRandom {
    fileprivate mutating func index(of jobs: [UnownedJob]) -> Int { Int.random(in: jobs.indices, using: &self) }
}
