import Planning
import Platform

/// Carries out an exchange of files whose new one is whole. Every step may be done again, and whoever opens the account
/// for writing ends one that was begun.
///
/// The new file appears before the old ones go: whoever lists the folder meets a version twice for a moment and misses
/// none. Whatever takes time is done before that moment.
struct Exchanger {
    let folders: Folders
    let disk: any FileSystem

    private var plan: String { "\(folders.staging)/exchange.json" }

    /// Nil when none is under way.
    func underWay() throws -> Exchange? {
        try disk.storing {
            guard try disk.size(plan) != nil else { return nil }
            guard let exchange = SelfChecked.value(Exchange.self, in: try disk.read(plan, offset: 0, count: .max))
            else {
                throw Stop(.badData, "\(plan) cannot be read", hint: "remove it, and run pipesnap verify")
            }
            return exchange
        }
    }

    /// A reader that changes nothing cannot tell half of an exchange from damage.
    func requireNoneUnderWay() throws {
        guard try underWay() != nil else { return }
        throw Stop(
            .alreadyRunning, "an exchange of files of account \(folders.account) was killed and is not ended yet",
            hint: "pipesnap run, compact, prune or rebuild ends it")
    }

    func endUnderWay(_ index: Index) throws {
        guard let exchange = try underWay() else { return }
        try UnfitFile.stopping { try carryOut(exchange, index: index) }
        try end()
    }

    /// From here on the exchange is carried out by whoever comes.
    func begin(_ exchange: Exchange) throws {
        try disk.storing {
            try disk.replace(plan, with: SelfChecked.bytes(of: exchange), draft: "\(folders.staging)/exchange")
        }
    }

    /// Throws `UnfitFile` for a manifest that was damaged since the exchange was begun.
    /// - Parameter index: nil when it is made anew afterwards.
    func carryOut(_ exchange: Exchange, index: Index?) throws {
        let place = try place(of: exchange)
        try requireDraft(exchange, place)
        try disk.storing {
            let drafts = try draftManifests(exchange, isIndexMadeAnew: index == nil)
            if let place { try publish(place) }
            for (draft, target) in drafts { try disk.rename(draft, to: target) }
            try disk.syncDirectory(folders.manifests)
            try index?.write { try Index.apply(exchange, at: place, in: $0) }
            try putAside(exchange.replaced)
        }
    }

    func end() throws {
        try disk.storing {
            try disk.remove(plan)
            try disk.syncDirectory(folders.staging)
        }
    }

    // MARK: Steps

    /// Nil when no new file comes.
    private func place(of exchange: Exchange) throws -> SnapshotPath? {
        guard let path = exchange.added?.file.path else { return nil }
        guard let place = SnapshotPath(path, in: folders) else {
            throw Stop(.badData, "\(plan) names no path of ours", hint: "remove it, and run pipesnap verify")
        }
        return place
    }

    /// What came of a killed exchange may have lain there for long. As long as the new file is not in its place nothing
    /// was touched, and an exchange that cannot be ended well is given up.
    private func requireDraft(_ exchange: Exchange, _ place: SnapshotPath?) throws {
        guard let told = exchange.added?.file, let place else { return }
        let draft = folders.unfinished(stream: place.stream, run: place.run, number: place.number)
        let isWhole = try disk.storing {
            if try disk.isTaken(folders.absolute(told.path)) { return true }
            guard try disk.size(draft) == told.bytes else { return false }
            return try sha256 { try disk.read(draft, offset: $0, count: $1) } == told.sha256
        }
        guard !isWhole else { return }
        try end()
        throw Stop(
            .badData, "\(draft) is not as it was written; its exchange was given up, and the old files stay",
            hint: "run again")
    }

    /// The manifests that have to change, each beside its place.
    private func draftManifests(_ exchange: Exchange, isIndexMadeAnew: Bool) throws
        -> [(draft: String, target: String)]
    {
        try manifests(exchange, isIndexMadeAnew: isIndexMadeAnew).map { manifest in
            let draft = "\(folders.staging)/\(manifest.run).json"
            try disk.writeDraft(manifest.bytes(), at: draft)
            return (draft, folders.manifest(run: manifest.run))
        }
    }

    /// As they will be. Throws `UnfitFile` for one that cannot be read. Where the index is made anew, what is not there
    /// was put aside as damaged: the files of such a run are taken in without it.
    private func manifests(_ exchange: Exchange, isIndexMadeAnew: Bool = false) throws -> [Manifest] {
        let owner = try place(of: exchange)?.run
        return try exchange.runs.union([owner].compactMap { $0 }).sorted().compactMap { run in
            if isIndexMadeAnew, try !disk.isTaken(folders.manifest(run: run)) { return nil }
            let manifest = try Manifest(mendable: run, folders: folders, disk: disk)
            let changed = manifest.with(exchange, isOwner: run == owner)
            return changed == manifest ? nil : changed
        }
    }

    /// Before an exchange is begun: what would stop it later stops it now. Throws `Stop`.
    func check(_ exchange: Exchange) throws {
        _ = try UnfitFile.stopping { try manifests(exchange) }
    }

    private func publish(_ place: SnapshotPath) throws {
        let target = folders.absolute(
            folders.snapshot(stream: place.stream, day: place.day, run: place.run, number: place.number))
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
    fileprivate func with(_ exchange: Exchange, isOwner: Bool) -> Manifest {
        var manifest = self
        manifest.files.removeAll { exchange.replaced.contains($0.path) || $0.path == exchange.added?.file.path }
        if isOwner, let added = exchange.added { manifest.files.append(added.file) }
        manifest.remember(exchange.books.filter { $0.run == run }.map(\.told))
        return manifest
    }
}
