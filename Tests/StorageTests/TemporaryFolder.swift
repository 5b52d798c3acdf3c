import Foundation
import TestSupport

/// A folder for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FreeFolder.path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}
