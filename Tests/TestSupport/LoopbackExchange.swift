import Foundation
import Simulator

/// One request on a connection of its own to a port of this machine, and all that came until it closed. Throws where
/// nobody listens.
package func loopbackExchange(_ port: UInt16, _ line: String) throws -> String {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
    let request =
        "\(line) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        + "x-api-token: \(AccountOptions.defaultToken)\r\n\r\n"
    _ = Array(request.utf8).withUnsafeBytes { write(handle, $0.baseAddress, $0.count) }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(handle, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: received, as: UTF8.self) }
        received += buffer[0..<count]
    }
}

/// A port of this machine on which nobody listened a moment ago.
package func freeLoopbackPort() throws -> UInt16 {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
        }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    return UInt16(bigEndian: address.sin_port)
}
