import Glibc

/// The words this process was started with.
package enum ProcessArguments {
    /// As much of the command line as is read.
    private static let largestBytes = 1 << 20

    /// Without the program's own name. Where a library is preloaded (a shifted clock for a rehearsal), Swift's
    /// runtime does not find them and answers with nothing at all; the kernel always knows.
    package static var words: [String] {
        let known = CommandLine.arguments.isEmpty ? fromKernel() : CommandLine.arguments
        return Array(known.dropFirst())
    }

    private static func fromKernel() -> [String] {
        guard let file = fopen("/proc/self/cmdline", "r") else { return [] }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: largestBytes) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
