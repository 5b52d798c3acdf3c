import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Puts the libraries' many errors into the few that the caller tells apart. Their own descriptions are used
/// only where they cannot hold a request header: the token travels in one.
func failure(from error: any Error, url: String) -> TransportFailure {
    let host = ServerAddress(url)?.host ?? url
    switch error {
    case let known as TransportFailure: return known
    case let known as HTTPClientError: return failure(from: known, host: host)
    case let known as NIOConnectionError: return .unreachable(connectReason(known))
    case let known as ChannelError: return failure(from: known, host: host)
    case let known as IOError where connectCodes.contains(known.errnoCode):
        return .unreachable("\(words(known.errnoCode)) by \(host)")
    case let known as IOError: return .broken(words(known.errnoCode))
    case let known as SocketAddressError: return .unreachable(nameReason(known, host: host))
    default: return failure(fromUnknown: error, host: host)
    }
}

/// These say that there never was a connection.
private let connectCodes: Set<Int32> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL]

private func failure(from error: HTTPClientError, host: String) -> TransportFailure {
    let seconds = Int(NetworkTransport.connectTimeoutSeconds)
    switch error {
    case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
        return .unreachable("no connection to \(host) within \(seconds) s")
    case .invalidURL, .emptyHost, .emptyScheme: return .unreachable("not a URL that can be asked")
    case .deadlineExceeded, .readTimeout, .writeTimeout: return .broken("the answer did not come in time")
    case .remoteConnectionClosed: return .broken("the server closed the connection before the answer was whole")
    default: return .broken(error.shortDescription.lowercased())
    }
}

private func failure(from error: ChannelError, host: String) -> TransportFailure {
    switch error {
    case .connectTimeout: .unreachable("no connection to \(host) within \(NetworkTransport.connectTimeoutSeconds) s")
    case .eof, .inputClosed, .ioOnClosedChannel, .alreadyClosed: .broken("the connection was closed")
    default: .broken("the connection failed")
    }
}

/// The libraries below the client name their errors by many types, which only the client imports.
private func failure(fromUnknown error: any Error, host: String) -> TransportFailure {
    if let known = failure(fromTLS: error, host: host) { return known }
    let type = String(reflecting: Swift.type(of: error))
    if type.hasPrefix("NIOHTTPCompression."), "\(error)" == "limit" {
        return .tooLarge(limitBytes: NetworkTransport.bodyLimitBytes)
    }
    if type.hasPrefix("NIOHTTPCompression.") { return .broken("the answer could not be decompressed") }
    if error is HTTPParserError { return .broken("the answer is not HTTP") }
    return .broken("the connection failed")
}

private func connectReason(_ error: NIOConnectionError) -> String {
    if let connecting = error.connectionErrors.last {
        if let refused = connecting.error as? IOError {
            return "\(words(refused.errnoCode)) by \(error.host):\(error.port)"
        }
        if case ChannelError.connectTimeout = connecting.error {
            return "no connection to \(error.host) within \(NetworkTransport.connectTimeoutSeconds) s"
        }
    }
    return "unknown host \(error.host)"
}

private func nameReason(_ error: SocketAddressError, host: String) -> String {
    if case .unknown(let name, _) = error { return "unknown host \(name)" }
    return "unknown host \(host)"
}

/// The system's words, in the middle of a sentence: "connection refused".
private func words(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
