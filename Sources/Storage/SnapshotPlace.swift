import Planning
import Platform

/// A snapshot file of which a reader wants a piece: published, or still unfinished while its run is under way.
struct SnapshotPlace: Sendable {
    var file: FileRow
    var run: String

    /// Throws `Stop`.
    func read(_ start: Int64, _ length: Int, folders: Folders, disk: any FileSystem) throws -> [UInt8] {
        let published = folders.absolute(file.path)
        let unfinished = SnapshotFiles(folders: folders, disk: disk).unfinishedPath(of: file, run: run)
        return try disk.storing {
            // A run may publish the file at this very moment: then it is where it was not a moment ago.
            let isUnfinished = try disk.size(published) == nil
            let path = try isUnfinished && disk.size(unfinished) != nil ? unfinished : published
            guard try disk.size(path) != nil || disk.size(published) != nil else {
                throw Stop(.badData, "\(published) is missing", hint: "restore it from a backup")
            }
            // Or a merger may put it aside, to where it was before it was published.
            return try (try? disk.read(path, offset: start, count: length))
                ?? (try? disk.read(unfinished, offset: start, count: length))
                ?? disk.read(published, offset: start, count: length)
        }
    }

    /// Compares the file with the hash that it was sealed with; one that is still unfinished has none. Throws `Stop`.
    func requireWhole(folders: Folders, disk: any FileSystem) throws {
        guard let wanted = file.sha256 else { return }
        let found = try sha256 { try read($0, $1, folders: folders, disk: disk) }
        guard found == wanted else { throw damage(in: folders) }
    }

    func damage(in folders: Folders) -> Stop {
        Stop(
            .badData, "\(folders.absolute(file.path)) is not as it was written",
            hint: "pipesnap verify tells what is damaged, verify --refetch has it pulled again")
    }
}
