import Planning
import Platform

/// Why an index cannot be gone on with though nothing in it need be damaged.
enum UnfitIndex: Hashable {
    case missing
    /// Damaged files are being put aside.
    case beingMended
    /// The files of a run lie there that it does not know, or not to the run's end: it comes from a backup.
    case older(run: String)
    /// It has committed what is not in the unfinished file any more.
    case beyondFile(path: String)
    /// What it has committed of the unfinished file is not as it was written.
    case damagedFile(path: String)
    /// Commits are gone from its write-ahead log.
    case shortLog(path: String)
    /// It tells of a file that would lie in another account's folders, and does not know what lies in this one's.
    case foreign(path: String)

    /// In words that follow its path.
    var words: String {
        switch self {
        case .missing: "is missing"
        case .beingMended: "is being mended"
        case .older(let run): "is older than the files beside it: it does not know all of run \(run)"
        case .beyondFile(let path): "has committed more than is left of \(path)"
        case .damagedFile(let path): "has committed what \(path) does not hold any more as it was written"
        case .shortLog(let path): "has lost commits: \(path) is not as it was written"
        case .foreign(let path): "is of another account: it tells of \(path)"
        }
    }

    /// Who took the index away, or has it mended, knows that it will be made anew.
    var isNews: Bool { self != .missing && self != .beingMended }

    var isForeign: Bool { if case .foreign = self { true } else { false } }
    var isOlder: Bool { if case .older = self { true } else { false } }

    /// What killed runs left in other files is whole.
    var isOfUnfinished: Bool {
        switch self {
        case .beyondFile, .damagedFile: true
        default: false
        }
    }

    func stop(at index: String) -> Stop {
        let hint =
            isForeign
            ? "put the account's own index there, or move this one away and run pipesnap rebuild"
            : "run pipesnap rebuild; the next pipesnap run makes it anew as well"
        return Stop(.badData, "the index \(index) \(words)", hint: hint)
    }
}

/// Compares an index with what lies beside it, for the most part by names. A run writes its row into the index before
/// anything else, and a file has one before it is published, so a manifest or a file of which there is none is newer
/// than the index.
struct IndexFitness {
    let folders: Folders
    let disk: any FileSystem

    /// An index that a run may go on with, opened for writing, or why there is none.
    enum Opened {
        case fit(Index)
        case unfit(UnfitIndex)
    }

    /// Opens the index once, and asks all that has to be known before any number is given. The account's lock is held.
    func opened() throws -> Opened {
        if let fault = try faultBeforeOpening() { return .unfit(fault) }
        let isNew = try !hasIndex()
        let index = try openForWriting()
        guard !isNew, let fault = try fault(of: index) else { return .fit(index) }
        try? index.database.close()
        return .unfit(fault)
    }

    func openForWriting() throws -> Index {
        // Made by us rather than by SQLite, which would leave it readable to everybody.
        try disk.storing {
            if try disk.size(folders.index) == nil { try disk.append([], to: folders.index) }
        }
        return try Index(writing: folders.index)
    }

    /// The same, of an index that is not gone on with now. The account's lock is held.
    func fault() throws -> UnfitIndex? {
        if let fault = try faultBeforeOpening() { return fault }
        return try hasIndex() ? faultOfIndex() : nil
    }

    private func faultBeforeOpening() throws -> UnfitIndex? {
        if try Mender(folders: folders, disk: disk).underWay() != nil { return .beingMended }
        return try isMissing() ? .missing : faultOfLog()
    }

    /// To be asked before the index is opened: SQLite ends a log where it stops making sense, and says nothing.
    func faultOfLog() throws -> UnfitIndex? {
        let log = folders.index + "-wal"
        let isShort = try disk.storing { try LogWitness(folders.index + "-shm", disk).map { try $0.misses(log) } }
        return isShort == true ? .shortLog(path: log) : nil
    }

    /// There is none, and something was committed here once.
    func isMissing() throws -> Bool {
        guard try !hasIndex() else { return false }
        return try !folders.manifestRuns(on: disk).isEmpty || !folders.snapshots(on: disk).isEmpty
    }

    func hasIndex() throws -> Bool { try disk.storing { try disk.size(folders.index) ?? 0 } > 0 }

    /// Whether an index lies there that is older than the files. Throws `Stop` for one of another account.
    func isOlder() throws -> Bool {
        if try hasIndex(), try faultOfLog() != nil { return true }
        guard try hasIndex(), let fault = try faultOfIndex() else { return false }
        guard !fault.isForeign else { throw fault.stop(at: folders.index) }
        return fault.isOlder
    }

    /// Nil where the index cannot be opened: whoever opens it will say so.
    private func faultOfIndex() throws -> UnfitIndex? {
        do {
            let index = try Index(reading: folders.index)
            defer { try? index.database.close() }
            return try fault(of: index)
        } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
            return nil
        }
    }

    /// Nil where the index is damaged: whoever asks for its sums will say so.
    private func fault(of index: Index) throws -> UnfitIndex? {
        do {
            guard let fault = try faultOfRuns(index) ?? faultOfUnfinished(index) else { return nil }
            return try index.damagedTables().isEmpty ? fault : nil
        } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
            return nil
        }
    }

    // MARK: Older than the files

    /// Whether the files of a run lie there which the index does not know, or not to its end. It may be asked while a
    /// run is under way: what lies there is looked at before the index is.
    func faultOfRuns(_ index: Index) throws -> UnfitIndex? {
        let open = try index.openRuns()
        let manifests = try folders.manifestRuns(on: disk)
        let closed = open.filter { manifests.contains($0.name) }.compactMap { run in
            // One that cannot be read is written anew when its run is closed.
            (try? Manifest(run: run.name, folders: folders, disk: disk)).map { (run: run, manifest: $0) }
        }
        let files = try newestFiles(of: index)
        let staged = try disk.storing { try disk.list(folders.staging) }.compactMap(folders.runOfUnfinished)
        let (known, numbers) = (try index.runNames(), try index.nextSeq())
        // What no index could be made with is no sign of a run, or one would be made anew each night; nor is a copy of
        // a file under another name, whose numbers were given long ago. `verify` tells of both.
        let unknown =
            try manifests.first { run in
                !known.contains(run) && (try? Manifest(run: run, folders: folders, disk: disk)) != nil
            }
            ?? files.first { path, _ in
                try !index.knows(path) && Survey.firstSeq(in: folders.absolute(path), disk) ?? 0 >= numbers
            }?.run ?? staged.first { !known.contains($0) }
        if let unknown {
            return try index.path(outside: folders).map { .foreign(path: $0) } ?? .older(run: unknown)
        }
        return try closed.first { try $0.manifest.isBeyond(index, $0.run) }.map { .older(run: $0.run.name) }
    }

    /// The files of the day on which the newest run that is known began, and of later ones.
    private func newestFiles(of index: Index) throws -> [(path: String, run: String)] {
        try folders.snapshots(on: disk, since: try index.newestRunDay() ?? "").compactMap { path in
            guard let run = SnapshotPath(path, in: folders)?.run, Instant(runName: run) != nil else { return nil }
            return (path, run)
        }
    }

    // MARK: What killed runs left

    /// The index has to stop where their unfinished files do.
    private func faultOfUnfinished(_ index: Index) throws -> UnfitIndex? {
        let files = SnapshotFiles(folders: folders, disk: disk)
        for unfinished in try index.unfinishedFiles() {
            let file = unfinished.file
            let path = folders.unfinished(stream: file.stream, run: unfinished.run, number: file.number)
            let (published, left) = try disk.storing {
                (try disk.size(folders.absolute(file.path)), try disk.size(path) ?? 0)
            }
            if let published {
                // It was saved before the file was ended.
                if published > file.bytes + Int64(GzipFrame.trailerLength) { return .older(run: unfinished.run) }
                let target = folders.absolute(file.path)
                let isWhole = try disk.storing {
                    try files.holds(file, at: target) && files.hasTrailer(file, at: target)
                }
                if !isWhole { return .damagedFile(path: target) }
            } else if left < file.bytes {
                return .beyondFile(path: path)
            } else if try disk.storing({ try !files.holds(file, at: path) }) {
                return .damagedFile(path: path)
            }
        }
        return nil
    }
}

extension Manifest {
    /// Every page is paid for before it is asked for, so tokens grow with all that a run does.
    fileprivate func isBeyond(_ index: Index, _ run: RunRow) throws -> Bool {
        let (numbers, spent) = (try index.nextSeq(), try index.tokensSpent(by: run))
        return tokens.spent > spent || files.contains { $0.lastSeq >= numbers }
    }
}
