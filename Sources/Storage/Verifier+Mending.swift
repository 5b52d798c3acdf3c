import GRDB
import Planning

/// From what was found to what is to be done about it. Where it is open who is wrong, the reading is taken that loses
/// nothing: a manifest that the index contradicts is put aside, and what its run had covered is pulled once more.
extension Verifier {
    func mending() throws -> Mending {
        var mending = Mending()
        // An index that is missing or broken cannot tell what a manifest that is gone had told.
        if index == nil, !damagedManifests.isEmpty {
            for stream in Set(toldFiles.values.map(\.stream)).union(Catalogue.streams.map(\.name)).sorted() {
                mending.forgetAll(of: stream)
            }
        }
        mending.manifests = damagedManifests
        for (path, told) in damagedFiles.sorted(by: { $0.key < $1.key }) {
            if told == nil, try isTakenIn(path) { continue }
            mending.lose(path, try known(path) ?? told)
        }
        for path in try pathsOfTheIndex() where mending.files[path] == nil {
            let isThere = try disk.storing { try disk.isTaken(folders.absolute(path)) }
            if !isThere { mending.lose(path, try known(path)) }
        }
        return mending
    }

    /// Whether the index describes the file as it was found.
    func agreesWithIndex(_ found: FileRow) throws -> Bool {
        guard let known = try known(found.path) else { return false }
        return known.difference(from: found) == nil
    }

    /// As the index describes the file; nil when it does not, or cannot be read.
    private func known(_ path: String) throws -> Manifest.File? {
        try index?.files("f.path = ?", path.databaseValue).first
    }

    private func pathsOfTheIndex() throws -> [String] {
        guard let index else { return [] }
        return try index.rows("SELECT path FROM file_log WHERE sha256 IS NOT NULL")
            .compactMap { String.fromDatabaseValue($0[0]) }
    }

    /// A whole file of a run without a manifest: `rebuild` takes it in.
    private func isTakenIn(_ path: String) throws -> Bool {
        guard let place = SnapshotPath(path, in: folders), Instant(runName: place.run) != nil,
            !readableRuns.contains(place.run) || damagedManifests.contains(place.run)
        else { return false }
        return try isWhole(path, place)
    }

    private func isWhole(_ path: String, _ place: SnapshotPath) throws -> Bool {
        let stream = Catalogue.stream(named: place.stream) ?? .unknown(place.stream)
        let objects = reader(stream)
        var tally = FileTally(after: 0, of: place.run, isMerged: true)
        do {
            _ = try disk.storing {
                try SnapshotWalk.read(folders.absolute(path), on: disk) { bytes in
                    try tally.add(try KeptLine(bytes, saysParent: stream.saysParent, reader: objects))
                } block: { _ in
                }
            }
            return true
        } catch is FileDamage {
            return false
        }
    }
}
