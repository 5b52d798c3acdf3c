import NIOCore
import NIOPosix

/// The one thread beside Swift's own: it waits for sockets and for time. Swift's `Task.sleep` is not used, since
/// it sets its alarms by absolute times, which never come where a rehearsal has shifted the clock.
enum NetworkThread {
    static let group: MultiThreadedEventLoopGroup = {
        NIOSingletons.groupLoopCountSuggestion = 1
        return .singleton
    }()

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
