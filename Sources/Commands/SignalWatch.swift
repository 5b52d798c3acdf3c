@preconcurrency import Dispatch
import Foundation
import Planning
import Synchronization

/// SIGINT and SIGTERM as values: the command ends itself, after what it has in hand is done or undone.
enum SignalWatch {
    /// For a run, which waits for many things at once.
    static func signals() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = sources { continuation.yield($0) }
        continuation.onTermination = { _ in for source in sources { source.cancel() } }
        return stream
    }

    /// For who waits for a child, and can ask now and then.
    static func first() -> FirstSignal { FirstSignal() }

    fileprivate static func sources(_ heard: @escaping @Sendable (Int32) -> Void) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            // Else the signal would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { heard(number) }
            source.resume()
            return source
        }
    }
}

/// The first signal that was sent to this process while this was watching.
final class FirstSignal {
    private final class Heard: Sendable {
        let number = Mutex<Int32?>(nil)
    }

    private let heard = Heard()
    private let sources: [any DispatchSourceSignal]

    fileprivate init() {
        sources = SignalWatch.sources { [heard] number in heard.number.withLock { $0 = $0 ?? number } }
    }

    deinit { for source in sources { source.cancel() } }

    /// Nil while none was sent.
    var code: ExitCode? {
        heard.number.withLock { $0 }.map { $0 == SIGINT ? .interrupted : .terminated }
    }
}
