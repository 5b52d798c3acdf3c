import Planning
import Platform

/// Carries out a merge whose new file is whole. Every step may be done again, and whoever opens the account for writing
/// ends one that was begun.
///
/// The new file appears before the old ones go: whoever lists the folder meets a version twice for a moment and misses
/// none. Whatever takes time is done before that moment.
struct Merger {
    let folders: Folders
    let disk: any FileSystem

    private var plan: String { "\(folders.staging)/merge.json" }

    /// Nil when none is under way.
    func underWay() throws -> Merge? {
        try disk.storing {
            guard try disk.size(plan) != nil else { return nil }
            guard let merge = SelfChecked.value(Merge.self, in: try disk.read(plan, offset: 0, count: .max)) else {
                throw Stop(.badData, "\(plan) cannot be read", hint: "remove it, and run pipesnap verify")
            }
            return merge
        }
    }

    /// A reader that changes nothing cannot tell half of a merge from damage.
    func requireNoneUnderWay() throws {
        guard try underWay() != nil else { return }
        throw Stop(
            .alreadyRunning, "a merge of files of account \(folders.account) was killed and is not ended yet",
            hint: "pipesnap compact, run or rebuild ends it")
    }

    func endUnderWay(_ index: Index) throws {
        guard let merge = try underWay() else { return }
        try carryOut(merge, index: index)
        try end()
    }

    /// From here on the merge is carried out by whoever comes.
    func begin(_ merge: Merge) throws {
        try disk.storing {
            try disk.replace(plan, with: SelfChecked.bytes(of: merge), draft: "\(folders.staging)/merge")
        }
    }

    /// - Parameter index: nil when it is made anew afterwards.
    func carryOut(_ merge: Merge, index: Index?) throws {
        guard let place = SnapshotPath(merge.merged.path, in: folders) else {
            throw Stop(.badData, "\(plan) names no path of ours", hint: "remove it, and run pipesnap verify")
        }
        try disk.storing {
            let drafts = try draftManifests(merge)
            try publish(merge, place)
            for (draft, target) in drafts { try disk.rename(draft, to: target) }
            try disk.syncDirectory(folders.manifests)
            try index?.write { try Index.apply(merge, at: place, in: $0) }
            try putAside(merge.replaced)
        }
    }

    func end() throws {
        try disk.storing {
            try disk.remove(plan)
            try disk.syncDirectory(folders.staging)
        }
    }

    // MARK: Steps

    /// The manifests that have to change, each beside its place.
    private func draftManifests(_ merge: Merge) throws -> [(draft: String, target: String)] {
        try manifests(merge).map { manifest in
            let draft = "\(folders.staging)/\(manifest.run).json"
            try disk.writeDraft(manifest.bytes(), at: draft)
            return (draft, folders.manifest(run: manifest.run))
        }
    }

    /// As they will be. Throws `Stop` for one that cannot be read.
    private func manifests(_ merge: Merge) throws -> [Manifest] {
        let owner = SnapshotPath(merge.merged.path, in: folders)?.run
        return try Set(merge.runs + [owner].compactMap { $0 }).sorted().compactMap { run in
            do {
                let manifest = try Manifest(run: run, folders: folders, disk: disk)
                let changed = manifest.with(merge, isOwner: run == owner)
                return changed == manifest ? nil : changed
            } catch let damage as FileDamage {
                throw Stop(damage, at: folders.manifest(run: run))
            }
        }
    }

    /// Before a merge is begun: what would stop it later stops it now.
    func check(_ merge: Merge) throws { _ = try manifests(merge) }

    private func publish(_ merge: Merge, _ place: SnapshotPath) throws {
        let target = folders.absolute(merge.merged.path)
        let folder = folders.snapshotFolder(stream: place.stream, day: place.day)
        try SnapshotFiles(folders: folders, disk: disk).makeWay(to: folder)
        if try disk.size(target) == nil {
            let draft = folders.unfinished(stream: place.stream, run: place.run, number: place.number)
            try disk.rename(draft, to: target)
        }
        try disk.syncDirectory(folders.absolute(folder))
    }

    /// To where each was before it was published: our own readers look there too, so one that began before goes on.
    /// Whoever opens the account for writing next removes them.
    private func putAside(_ paths: [String]) throws {
        for path in paths where try disk.size(folders.absolute(path)) != nil {
            guard let place = SnapshotPath(path, in: folders) else { continue }
            let aside = folders.unfinished(stream: place.stream, run: place.run, number: place.number)
            try disk.rename(folders.absolute(path), to: aside)
        }
        let parents = Set(
            paths.compactMap { SnapshotPath($0, in: folders) }
                .map { folders.snapshotFolder(stream: $0.stream, day: $0.day) })
        for folder in parents.sorted() { try disk.syncDirectory(folders.absolute(folder)) }
        try disk.syncDirectory(folders.staging)
    }
}

extension Manifest {
    /// Without the files that are replaced; the run that the new one belongs to gets it.
    fileprivate func with(_ merge: Merge, isOwner: Bool) -> Manifest {
        var manifest = self
        manifest.files.removeAll { merge.replaced.contains($0.path) || $0.path == merge.merged.path }
        if isOwner { manifest.files.append(merge.merged) }
        manifest.remember(merge.books.filter { $0.run == run }.map(\.told))
        return manifest
    }
}
