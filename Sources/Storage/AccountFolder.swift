import Planning
package import Platform

/// An account's output folder, looked at and not touched; a run may be under way.
package struct AccountFolder {
    package let folders: Folders
    private let disk: any FileSystem

    package init(account: String, output: String, disk: any FileSystem) {
        folders = Folders(output: output, account: account)
        self.disk = disk
    }

    /// Nil before the first run.
    package func index() throws -> Index? {
        guard let size = try disk.storing({ try disk.size(folders.index) }), size > 0 else { return nil }
        return try Index(reading: folders.index)
    }
}
