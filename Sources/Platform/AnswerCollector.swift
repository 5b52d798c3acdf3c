import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Puts one answer together on the network thread, as its parts come: the body goes from the socket's buffer into the
/// one array that travels on, whose room comes from the pool. Nobody else is woken before it is whole.
final class AnswerCollector: HTTPClientResponseDelegate {
    typealias Response = TransportResponse

    private struct Answer {
        var status = 0
        var headers: [(name: String, value: String)] = []
        /// Nil too when the body is compressed: then the length is that of something else.
        var announcedBytes: Int?
        var body: [UInt8] = []
    }

    private let answer = Mutex(Answer())
    private let pool: BodyPool

    init(_ pool: BodyPool) { self.pool = pool }

    func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) }
        if let announced, announced > NetworkTransport.bodyLimitBytes { return tooLarge(task) }
        answer.withLock { answer in
            answer.status = Int(head.status.code)
            answer.headers = head.headers.map { (name: $0.name, value: $0.value) }
            answer.announcedBytes = head.headers.contains(name: "content-encoding") ? nil : announced
            answer.body = pool.take(bytes: announced ?? 0)
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let isWithinLimit = answer.withLock { answer in
            guard answer.body.count + part.readableBytes <= NetworkTransport.bodyLimitBytes else { return false }
            part.withUnsafeReadableBytes { answer.body.append(contentsOf: $0) }
            return true
        }
        return isWithinLimit ? task.eventLoop.makeSucceededVoidFuture() : tooLarge(task)
    }

    func didFinishRequest(task: HTTPClient.Task<Response>) throws -> TransportResponse {
        try answer.withLock { answer in
            if let announced = answer.announcedBytes, answer.body.count != announced {
                throw TransportFailure.broken("\(answer.body.count) of \(announced) announced bytes came")
            }
            // The body has one owner, or its room could not be used again.
            defer { answer.body = [] }
            return TransportResponse(status: answer.status, headers: answer.headers, body: answer.body)
        }
    }

    private func tooLarge(_ task: HTTPClient.Task<Response>) -> EventLoopFuture<Void> {
        task.eventLoop.makeFailedFuture(TransportFailure.tooLarge(limitBytes: NetworkTransport.bodyLimitBytes))
    }
}
