/// The network: one request, one answer. Nothing is retried and no redirect is followed here.
package protocol HTTPTransport: Sendable {
    /// Asks once, by GET, or by POST where the request holds a form.
    /// Throws `TransportFailure` when no whole answer came, `CancellationError` when cancelled.
    func send(_ request: TransportRequest) async throws -> TransportResponse

    /// Opens a connection to the host of `url` and closes it again, to learn before anything is paid for
    /// whether somebody is there. Throws `TransportFailure`.
    func reach(_ url: String) async throws

    /// The body of an answer is not read any more: its room may serve another answer.
    func reuse(_ body: [UInt8])
}

extension HTTPTransport {
    package func reuse(_ body: [UInt8]) {}
}

package struct TransportRequest: Sendable {
    /// Absolute, already percent-encoded.
    package var url: String
    package var headers: [(name: String, value: String)]
    /// The longest wait for the whole answer.
    package var timeoutSeconds: Int
    /// The fields of a form, already percent-encoded.
    package var form: String?

    package init(
        url: String, headers: [(name: String, value: String)], timeoutSeconds: Int, form: String? = nil
    ) {
        self.url = url
        self.headers = headers
        self.timeoutSeconds = timeoutSeconds
        self.form = form
    }
}

package struct TransportResponse: Sendable {
    package var status: Int
    package var body: [UInt8]
    private var headers: [String: String]

    /// Header names are compared without regard to case; of a repeated header the last one counts.
    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.body = body
        self.headers = [:]
        for (name, value) in headers { self.headers[name.lowercased()] = value }
    }

    package func header(_ name: String) -> String? { headers[name.lowercased()] }
}

/// Why no whole answer came.
package enum TransportFailure: Error, Hashable, Sendable {
    /// No connection: the name is unknown, the port closed, the certificate not trusted.
    case unreachable(String)
    /// The connection broke, or the answer was shorter than announced, or could not be decompressed.
    case broken(String)
    /// The answer did not come in time.
    case timedOut(seconds: Int)
    /// The answer is larger than this program is willing to hold.
    case tooLarge(limitBytes: Int)
}
