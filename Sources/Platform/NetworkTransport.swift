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

    private let group = NetworkThread.group
    private let client: HTTPClient

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
            return try await within(request.timeoutSeconds) { [client] in try await exchange(request, client) }
        } catch {
            throw Task.isCancelled ? CancellationError() : failure(from: error, url: request.url)
        }
    }

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

/// The client's own deadline covers no more than the head of the answer, hence a second task with a watch.
private func within(
    _ seconds: Int, _ work: @escaping @Sendable () async throws -> TransportResponse
) async throws -> TransportResponse {
    try await withThrowingTaskGroup(of: TransportResponse.self) { tasks in
        defer { tasks.cancelAll() }
        tasks.addTask(operation: work)
        tasks.addTask {
            try await NetworkThread.sleep(milliseconds: Int64(seconds) * 1000)
            throw TransportFailure.timedOut(seconds: seconds)
        }
        for try await answer in tasks { return answer }
        throw CancellationError()
    }
}

private func exchange(_ request: TransportRequest, _ client: HTTPClient) async throws -> TransportResponse {
    var outgoing = HTTPClientRequest(url: request.url)
    if let form = request.form {
        outgoing.method = .POST
        outgoing.body = .bytes(ByteBuffer(string: form))
    }
    for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
    outgoing.headers.replaceOrAdd(name: "accept-encoding", value: "gzip")
    let response = try await client.execute(outgoing, deadline: .distantFuture)
    let headers = response.headers.map { (name: $0.name, value: $0.value) }
    let body = try await collect(response)
    return TransportResponse(status: Int(response.status.code), headers: headers, body: body)
}

/// The whole body, in one array that is sized at once when the length was announced.
private func collect(_ response: HTTPClientResponse) async throws -> [UInt8] {
    let limitBytes = NetworkTransport.bodyLimitBytes
    let isCompressed = response.headers.contains(name: "content-encoding")
    let announced = response.headers.first(name: "content-length").flatMap { Int($0) }
    if let announced, announced > limitBytes { throw TransportFailure.tooLarge(limitBytes: limitBytes) }
    var body: [UInt8] = []
    body.reserveCapacity(announced ?? 0)
    for try await part in response.body {
        guard body.count + part.readableBytes <= limitBytes else {
            throw TransportFailure.tooLarge(limitBytes: limitBytes)
        }
        body.append(contentsOf: part.readableBytesView)
    }
    try Task.checkCancellation()
    if let announced, !isCompressed, body.count != announced {
        throw TransportFailure.broken("\(body.count) of \(announced) announced bytes came")
    }
    return body
}
