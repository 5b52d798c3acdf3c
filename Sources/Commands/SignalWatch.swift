@preconcurrency import Dispatch
import Foundation
import Planning
import Synchronization

/// A signal ends the process at once and says so: whatever a command was about, the next one ends it, as after a kill.
enum EndingSignal {
    /// Where the sentence lies and how long it is: made before any signal can come, since nothing may be made while one
    /// is handled.
    private static let address = Atomic(0)
    private static let length = Atomic(0)

    static func watch() {
        if address.load(ordering: .relaxed) == 0 {
            let sentence = Console.lines(of: stop)
            let kept = UnsafeMutableRawPointer.allocate(byteCount: sentence.count, alignment: 1)
            kept.copyMemory(from: sentence, byteCount: sentence.count)
            length.store(sentence.count, ordering: .relaxed)
            address.store(Int(bitPattern: kept), ordering: .relaxed)
        }
        for one in SignalWatch.watched {
            signal(one) { number in
                let sentence = UnsafeRawPointer(bitPattern: EndingSignal.address.load(ordering: .relaxed))
                _ = write(STDERR_FILENO, sentence, EndingSignal.length.load(ordering: .relaxed))
                _exit(128 + number)
            }
        }
    }

    private static let stop = Stop(
        .terminated, "interrupted by a signal", hint: "nothing is left half done; run the command again")
}

/// Signals as values: the run ends itself, after the pages in hand are committed.
enum SignalWatch {
    /// Who asks a command to end: its terminal by going away or by ctrl-C, or anyone else. `nohup` has the first be
    /// ignored, and so it is.
    static var watched: [Int32] {
        isIgnored(SIGHUP) ? [SIGINT, SIGTERM] : [SIGHUP, SIGINT, SIGTERM]
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    static func signals() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = watched.map { number in
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

/// The same for a command that waits for a child or a person on the main thread, where no source hears of a signal: the
/// first one is remembered, and whoever waits asks now and then.
enum FirstSignal {
    private static let number = Atomic<Int32>(0)

    static func remember() {
        number.store(0, ordering: .relaxed)
        for one in SignalWatch.watched {
            signal(one) { _ = FirstSignal.number.compareExchange(expected: 0, desired: $0, ordering: .relaxed) }
        }
    }

    /// From here on a signal ends the process at once.
    static func forget() { EndingSignal.watch() }

    /// Nil while none was sent.
    static var code: ExitCode? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : ExitCode(signal: number)
    }
}
