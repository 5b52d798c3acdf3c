import NIOCore
import NIOPosix

/// The one thread beside Swift's own: it waits for sockets and for time. Swift's `Task.sleep` is not used, since
/// it sets its alarms by absolute times, which never come where a rehearsal has shifted the clock.
enum NetworkThread {
    /// Our own, never shut down: the process-wide one takes its size from whoever asks first.
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Throws `CancellationError` when the task is cancelled meanwhile.
    static func sleep(milliseconds: Int64) async throws {
        try Task.checkCancellation()
        let alarm = group.any().scheduleTask(in: .milliseconds(max(0, milliseconds))) {}
        do {
            try await withTaskCancellationHandler {
                try await alarm.futureResult.get()
            } onCancel: {
                alarm.cancel()
            }
        } catch {
            throw CancellationError()
        }
    }
}
