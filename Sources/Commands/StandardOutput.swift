import Foundation
import Planning

/// The one door to stdout. What is written has left the program when the call comes back: nothing is buffered here.
enum StandardOutput {
    /// Any refusal is said, with exit code 74, but for one: a reader that has had enough (`| head`) is no failure.
    /// - Returns: whether somebody reads on.
    @discardableResult
    static func write(_ bytes: [UInt8]) throws(Stop) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EPIPE {
                return false
            } else if errno != EINTR {
                throw Stop(
                    .cannotWriteOutput, "cannot write to stdout (\(String(cString: strerror(errno))))",
                    hint: "free space where it goes, or send it elsewhere, and run the command again")
            }
        }
        return true
    }

    /// Takes the places of standard streams that whoever started the program has closed, so that no snapshot or index
    /// is opened in one of them and gets our words into it. A write to what stands there then is refused.
    static func holdPlaces() {
        var place: Int32
        repeat { place = open("/dev/null", O_RDONLY | O_CLOEXEC) } while (0...STDERR_FILENO).contains(place)
        if place >= 0 { close(place) }
    }
}
