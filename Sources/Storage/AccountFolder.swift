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

    /// Nil before the first run. An index that is gone while its manifests are there is no first run, and
    /// one that is older than they are tells nobody how things stand.
    package func index() throws -> Index? {
        let fitness = IndexFitness(folders: folders, disk: disk)
        guard try fitness.hasIndex() else {
            guard try disk.storing({ try disk.list(folders.manifests) }).isEmpty else {
                throw UnfitIndex.missing.stop(at: folders.index)
            }
            return nil
        }
        if let fault = try fitness.faultOfLog() { throw fault.stop(at: folders.index) }
        let index = try Index(reading: folders.index)
        if let fault = try fitness.faultOfRuns(index) {
            throw fault.stop(at: folders.index)
        }
        return index
    }

    /// For a question that has no answer before the first run.
    package func pulledIndex() throws -> Index {
        guard let index = try index() else {
            throw Stop(
                .notInIndex, "nothing has been pulled for account \(folders.account) yet", hint: "run pipesnap run")
        }
        return index
    }

    /// Compares files with the hashes that they were sealed with: who reads them by himself may not look at the CRC at
    /// their end. Throws `Stop` where one is missing or not as it was written.
    package func requireWhole(_ files: [PublishedFile]) throws {
        for file in files {
            guard let place = SnapshotPath(file.path, in: folders) else { continue }
            var row = FileRow(
                id: 0, run: 0, stream: file.stream, number: place.number, path: file.path, day: place.day)
            row.sha256 = file.sha256
            try SnapshotPlace(file: row, run: file.run).requireWhole(folders: folders, disk: disk)
        }
    }
}
