import Planning
import Platform

/// What lies in the output folder: all manifests, and the files that none of them names.
struct Survey {
    struct Found {
        var path: String
        var place: SnapshotPath
        var firstSeq: Int64
        /// Nil for a file that no manifest names.
        var told: Manifest.File?
    }

    /// Oldest run first.
    private(set) var manifests: [Manifest] = []
    /// In the order of their numbers, so that every record's versions come oldest first.
    private(set) var files: [Found] = []
    /// Files of runs that were killed and then forgotten with their index: such a file was published whole, so
    /// everything in it had been committed.
    private(set) var adopted: [Found] = []
    private(set) var leftOut: [String] = []

    /// Throws `UnfitFile` at a manifest that cannot be read: without it the index would be silently short.
    init(folders: Folders, disk: any FileSystem) throws {
        for run in try folders.manifestRuns(on: disk) {
            manifests.append(try Manifest(mendable: run, folders: folders, disk: disk))
        }
        let told = manifests.flatMap(\.files)
        try Self.requireAll(told, folders, disk)
        try Self.requireLengths(told, folders, disk)
        try Self.requireApart(manifests, folders)
        files = told.compactMap { file in
            SnapshotPath(file.path, in: folders).map {
                Found(path: file.path, place: $0, firstSeq: file.firstSeq, told: file)
            }
        }
        try lookForOthers(Set(told.map(\.path)), folders, disk)
        files = (files + adopted).sorted { $0.firstSeq < $1.firstSeq }
    }

    /// Without a file that its manifest tells of the index would be silently short as well.
    private static func requireAll(_ told: [Manifest.File], _ folders: Folders, _ disk: any FileSystem) throws {
        let missing = try disk.storing { try told.filter { try !disk.isTaken(folders.absolute($0.path)) } }
        guard let first = missing.first else { return }
        let words =
            switch missing.count {
            case 1: "is missing"
            case 2: "is missing, and so is another file of the manifests"
            default: "is missing, and so are \(missing.count - 1) other files of the manifests"
            }
        throw UnfitFile(missing, FileDamage(words), at: folders.absolute(first.path))
    }

    /// Seen without reading any file, so that `rebuild --dry-run` can tell it.
    private static func requireLengths(_ told: [Manifest.File], _ folders: Folders, _ disk: any FileSystem) throws {
        for file in told {
            let path = folders.absolute(file.path)
            do {
                if let damage = FileDamage(bytes: try disk.sizeOfOurs(path), of: file) { throw damage }
            } catch let damage as FileDamage {
                throw UnfitFile([file], damage, at: path)
            }
        }
    }

    /// Of numbers that were given twice nobody could tell the newer version of a record.
    private static func requireApart(_ manifests: [Manifest], _ folders: Folders) throws {
        let doubled = NumberRange.doubled(
            manifests.flatMap { manifest in manifest.files.flatMap { $0.ranges(of: manifest.run) } })
        guard let first = doubled.first else { return }
        let paths = Set(doubled.map(\.range.path))
        throw UnfitFile(
            manifests.flatMap(\.files).filter { paths.contains($0.path) }, FileDamage(first.words),
            at: folders.absolute(first.range.path))
    }

    private mutating func lookForOthers(_ told: Set<String>, _ folders: Folders, _ disk: any FileSystem) throws {
        let runs = Set(manifests.map(\.run))
        for path in try folders.snapshots(on: disk) where !told.contains(path) {
            guard let place = SnapshotPath(path, in: folders), !runs.contains(place.run),
                Instant(runName: place.run) != nil,
                let firstSeq = try Self.firstSeq(in: folders.absolute(path), disk)
            else {
                leftOut.append(path)
                continue
            }
            adopted.append(Found(path: path, place: place, firstSeq: firstSeq))
        }
    }

    private struct Seen: Error {}

    /// Nil for a file that does not begin as ours do.
    static func firstSeq(in path: String, _ disk: any FileSystem) throws -> Int64? {
        var seq: Int64?
        do {
            _ = try disk.storing {
                try SnapshotWalk.read(path, on: disk) { line in
                    seq = KeptLine.seq(of: UnsafeBufferPointer(line))
                    throw Seen()
                } block: { _ in
                }
            }
        } catch is Seen {} catch is FileDamage {}
        return seq
    }
}

extension Stop {
    init(_ damage: FileDamage, at path: String) {
        self.init(
            .badData, "\(path) \(damage)",
            hint:
                "restore it from a backup, or have it pulled again by pipesnap verify --refetch; pipesnap verify lists "
                + "everything that is damaged")
    }
}
