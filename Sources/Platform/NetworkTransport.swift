import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// The network, through AsyncHTTPClient: one thread, connections kept alive between pages, no redirects, no
/// retries. Certificates are always verified.
package final class NetworkTransport: HTTPTransport {
    static let connectTimeoutSeconds: Int64 = 10
    /// A page of 500 records is a megabyte or two; this is far beyond any and still fits a small machine.
    static let bodyLimitBytes = 64 << 20
    /// Shorter than the idle time of common gateways, so that a page is seldom sent into a closing connection.
    static let idleConnectionSeconds: Int64 = 15

    /// A page is a megabyte: taken in by few large reads, each of which wakes the whole pipeline. A small answer still
    /// takes little memory.
    private static let readBuffers = AdaptiveRecvByteBufferAllocator(
        minimum: 4 << 10, initial: 16 << 10, maximum: 256 << 10)

    private let group = NetworkThread.group
    private let client: HTTPClient
    private let bodies = BodyPool()

    /// - Parameter authorityFile: a PEM file of authorities that are trusted beside the system's.
    package init(authorityFile: String? = nil) {
        var settings = HTTPClient.Configuration(certificateVerification: .fullVerification)
        if let authorityFile { settings.tlsConfiguration?.additionalTrustRoots = [.file(authorityFile)] }
        settings.redirectConfiguration = .disallow
        settings.timeout = .init(connect: .seconds(Self.connectTimeoutSeconds))
        settings.connectionPool = .init(idleTimeout: .seconds(Self.idleConnectionSeconds))
        // A failed connection is reported at once: whoever pays for the request decides about another.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.decompression = .enabled(limit: .size(Self.bodyLimitBytes))
        settings.httpVersion = .http1Only
        settings.http1_1ConnectionDebugInitializer = { $0.setOption(.recvAllocator, value: Self.readBuffers) }
        client = HTTPClient(eventLoopGroup: group, configuration: settings)
    }

    /// Does nothing after `shutdown`; before it, lets go of the connections in the background.
    deinit {
        client.shutdown { _ in }
    }

    package func shutdown() async {
        try? await client.shutdown()
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        do {
            return try await exchange(request)
        } catch let error as HTTPClientError where error == .deadlineExceeded && !Task.isCancelled {
            throw TransportFailure.timedOut(seconds: request.timeoutSeconds)
        } catch {
            throw Task.isCancelled ? CancellationError() : failure(from: error, url: request.url)
        }
    }

    private func exchange(_ request: TransportRequest) async throws -> TransportResponse {
        var headers = HTTPHeaders(request.headers)
        headers.replaceOrAdd(name: "accept-encoding", value: "gzip")
        let outgoing = try HTTPClient.Request(
            url: request.url, method: request.form == nil ? .GET : .POST, headers: headers,
            body: request.form.map { .string($0) })
        try Task.checkCancellation()
        let exchange = client.execute(
            request: outgoing, delegate: AnswerCollector(bodies),
            deadline: .now() + .seconds(Int64(request.timeoutSeconds)))
        return try await withTaskCancellationHandler {
            try await exchange.get()
        } onCancel: {
            exchange.cancel()
        }
    }

    package func reuse(_ body: [UInt8]) { bodies.give(body) }

    package func reach(_ url: String) async throws {
        guard let address = ServerAddress(url) else { throw TransportFailure.unreachable("not a URL: \(url)") }
        do {
            let connection = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(Self.connectTimeoutSeconds))
                .connect(host: address.host, port: address.port).get()
            try? await connection.close()
        } catch {
            throw Task.isCancelled ? CancellationError() : failure(from: error, url: url)
        }
    }
}
