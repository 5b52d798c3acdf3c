import Foundation
import Planning

/// Bytes for another program, through stdout.
enum StandardOutput {
    /// A reader that has had enough (`| head`) ends the program without a word; any other refusal is said.
    static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EPIPE {
                throw Ended(code: .complete)
            } else if errno != EINTR {
                throw Stop(
                    .cannotWriteOutput, "cannot write to stdout (\(String(cString: strerror(errno))))",
                    hint: "free space or write elsewhere with --output, and run again")
            }
        }
    }
}
