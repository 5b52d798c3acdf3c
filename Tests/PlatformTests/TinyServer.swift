import Foundation
import Glibc

/// A server on a free port of the loopback that reads one request a connection and then does what it is told,
/// down to the byte: no library would send such answers.
final class TinyServer: Sendable {
    typealias Behaviour = @Sendable (Connection) -> Void

    let port: Int
    private let listener: Int32

    var url: String { "http://127.0.0.1:\(port)/list" }

    init(_ behaviour: @escaping Behaviour) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isReady = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isReady else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { Self.serve(descriptor, behaviour) }
    }

    /// Only this thread closes the listener, and only after the server has ended it. Were it closed beside the thread,
    /// its number could be the next server's by the time of the next `accept`, and that server's answers would be ours.
    private static func serve(_ listener: Int32, _ behaviour: Behaviour) {
        repeat {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            let connection = Connection(descriptor: client)
            _ = connection.readRequest()
            behaviour(connection)
            close(client)
        } while isListening(listener)
        close(listener)
    }

    private static func isListening(_ socket: Int32) -> Bool {
        var (answer, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &answer, &length) == 0 && answer != 0
    }

    /// Answers with these bytes and closes.
    convenience init(answer: String, body: [UInt8] = []) throws {
        try self.init { $0.send(Array(answer.utf8) + body) }
    }

    /// Connections are refused from here on.
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }
}

struct Connection: Sendable {
    let descriptor: Int32

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Closing with data unread and no time to linger sends a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func readRequest() -> String {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            request += buffer[..<count]
            // The greeting of TLS, which has no blank line.
            if request.first == 0x16 { break }
        }
        return String(decoding: request, as: UTF8.self)
    }
}
