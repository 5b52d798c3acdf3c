import NIOSSL

/// What went wrong with TLS, in words that tell whom to ask; nil for an error of another kind. Nothing was sent before
/// the handshake was done, so the server cannot have the token.
func failure(fromTLS error: any Error, host: String) -> TransportFailure? {
    switch error {
    case NIOSSLError.uncleanShutdown: .broken("the connection was closed before the answer was whole")
    case is NIOSSLExtraError: .unreachable("the certificate of \(host) is for another name")
    case NIOSSLError.handshakeFailed(let cause), let cause as BoringSSLError:
        .unreachable(handshakeReason("\(cause)", host: host))
    case is NIOSSLError: .unreachable(handshakeReason("", host: host))
    default: nil
    }
}

/// The library tells its reasons in one long text alone.
private func handshakeReason(_ words: String, host: String) -> String {
    guard words.contains("CERTIFICATE_VERIFY_FAILED") else {
        return "TLS with \(host) failed: most likely there is no TLS on that port"
    }
    return
        "the certificate of \(host) is not trusted: it has expired, or its authority is unknown here; api.ca_file in "
        + "the job file can name that authority"
}
