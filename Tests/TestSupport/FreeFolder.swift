import Foundation

/// Where a test may make its folder.
package enum FreeFolder {
    private static let memory = "/dev/shm/"

    /// A path where nothing is yet, in memory where Linux offers that: tests flush to it thousands of times, and what a
    /// flush is worth is tried with `ForgetfulDisk`, not with a real cut.
    package static func path() -> String {
        let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        return parent + "pipesnap-" + UUID().uuidString
    }
}
