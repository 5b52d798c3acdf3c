import Foundation

/// A folder for one test, removed with it. In memory where Linux offers that: thousands of nights are flushed to
/// it, and what a flush is worth is tried with ForgetfulDisk, not with a real cut.
final class TemporaryFolder {
    let path: String

    /// A path where nothing is yet.
    static func freePath() -> String {
        let memory = "/dev/shm/"
        let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        return parent + "pipesnap-" + UUID().uuidString
    }

    init() throws {
        path = Self.freePath()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}
