@preconcurrency import Dispatch
import Foundation
import Planning
import Synchronization

/// SIGINT and SIGTERM as values: the run ends itself, after the pages in hand are committed.
enum SignalWatch {
    static func signals() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGINT, SIGTERM].map { number in
            // Else the signal would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        continuation.onTermination = { _ in for source in sources { source.cancel() } }
        return stream
    }
}

/// The same for a command that waits for a child on the main thread, where no source hears of a signal: the first one
/// is remembered, and whoever waits asks now and then.
enum FirstSignal {
    private static let number = Atomic<Int32>(0)

    static func remember() {
        number.store(0, ordering: .relaxed)
        for one in [SIGINT, SIGTERM] {
            signal(one) { _ = FirstSignal.number.compareExchange(expected: 0, desired: $0, ordering: .relaxed) }
        }
    }

    /// Nil while none was sent.
    static var code: ExitCode? {
        switch number.load(ordering: .relaxed) {
        case 0: nil
        case SIGINT: .interrupted
        default: .terminated
        }
    }
}
