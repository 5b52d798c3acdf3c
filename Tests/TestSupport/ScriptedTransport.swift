package import Platform
import Synchronization

/// Answers from a function and remembers what was asked.
package final class ScriptedTransport: HTTPTransport {
    package typealias Answer = @Sendable (TransportRequest) throws -> TransportResponse

    private let asked = Mutex<[TransportRequest]>([])
    private let answer: Answer

    package init(_ answer: @escaping Answer) { self.answer = answer }

    package var requests: [TransportRequest] { asked.withLock { $0 } }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        asked.withLock { $0.append(request) }
        return try answer(request)
    }

    package func reach(_ url: String) async throws {}
}
