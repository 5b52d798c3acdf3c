import Foundation
import Planning

/// Listens on the loopback for the browser that comes back from the OAuth server.
final class RedirectListener {
    /// A browser sends its request at once; who does not is no browser.
    private static let patienceSeconds = 5
    private static let longestRequestBytes = 16 * 1024

    private let host: String
    private let port: UInt16
    private let path: String
    private let state: String
    private(set) var descriptor: Int32 = -1

    /// Nil when the redirect does not lead to this machine.
    init?(redirect: String, state: String) {
        guard let url = URLComponents(string: redirect), url.scheme == "http", let host = url.host,
            ["127.0.0.1", "localhost"].contains(host), let port = UInt16(exactly: url.port ?? 80)
        else { return nil }
        (self.host, self.port, self.state) = (host, port, state)
        path = url.path.isEmpty ? "/" : url.path
    }

    func open() throws(Stop) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        // Nobody beyond this machine is listened to, whatever the name resolves to.
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isListening = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 8) == 0
            }
        }
        guard !isListening else { return }
        let reason = String(cString: strerror(errno))
        close()
        throw Stop(
            .serverRefuses, "cannot listen on 127.0.0.1:\(port) for the browser (\(reason))",
            hint: "free the port, or use another in api.oauth.redirect and in the app's callback URL")
    }

    func close() {
        if descriptor >= 0 { Foundation.close(descriptor) }
        descriptor = -1
    }

    /// Answers one connection. Nil when it was not the answer to this login: a page's icon, or somebody else.
    func take() throws(Stop) -> String? {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        defer { Foundation.close(connection) }
        let target = readTarget(connection)
        guard let target, target.split(separator: "?").first.map(String.init) == path,
            let answer = RedirectAnswer(target: target), answer.state == state
        else {
            Self.send("404 Not Found", "This is not the answer to the login that pipesnap waits for.", connection)
            return nil
        }
        do throws(Stop) {
            let code = try answer.checkedCode(state: state)
            Self.send("200 OK", "pipesnap has what it needs. You can close this page.", connection)
            return code
        } catch {
            Self.send("200 OK", "The app was not allowed. You can close this page.", connection)
            throw error
        }
    }

    /// Path and query of a GET.
    private func readTarget(_ connection: Int32) -> String? {
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !bytes.contains(UInt8(ascii: "\n")), bytes.count < Self.longestRequestBytes {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").first?.split(separator: " ") ?? []
        return words.count == 3 && words[0] == "GET" ? String(words[1]) : nil
    }

    /// One plain page that shows nothing of what it was asked with.
    private static func send(_ status: String, _ text: String, _ connection: Int32) {
        let page = "<!doctype html><meta charset=utf-8><title>pipesnap</title><p>\(text)</p>\n"
        let answer =
            "HTTP/1.1 \(status)\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: \(page.utf8.count)\r\n"
            + "cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n\(page)"
        _ = Array(answer.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
    }
}

/// Waits for whichever comes first: the browser, or a line that somebody pastes.
struct RedirectWait {
    static let patienceSeconds = 600
    private static let longestLineBytes = 16 * 1024

    let listener: RedirectListener?
    let state: String

    func code() throws -> String {
        FirstSignal.remember()
        defer { FirstSignal.forget() }
        let end = DispatchTime.now() + .seconds(Self.patienceSeconds)
        var line: [UInt8] = []
        var hasInput = true
        while DispatchTime.now() < end, hasInput || listener != nil {
            if let code = FirstSignal.code {
                throw Stop(code, "the login was interrupted by a signal", hint: "run pipesnap login again")
            }
            var watched = [
                pollfd(fd: listener?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasInput ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, 2, 1000) > 0 else { continue }
            if watched[0].revents != 0, let code = try listener?.take() { return code }
            guard watched[1].revents != 0 else { continue }
            var byte: UInt8 = 0
            hasInput = read(STDIN_FILENO, &byte, 1) == 1
            if hasInput, byte != UInt8(ascii: "\n") {
                if line.count < Self.longestLineBytes { line.append(byte) }
            } else if let code = try pasted(line) {
                return code
            } else {
                line = []
            }
        }
        throw Stop(
            .tokenRefused,
            hasInput ? "nobody logged in within \(Self.patienceSeconds / 60) minutes" : "no address was pasted",
            hint: "run pipesnap login again")
    }

    private func pasted(_ line: [UInt8]) throws -> String? {
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return nil }
        return try RedirectAnswer(target: text)?.checkedCode(state: state) ?? text
    }
}
