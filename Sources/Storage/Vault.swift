import Glibc
import Planning
package import Platform

/// The door to the room: an account's output folder, opened for writing by the one run that holds its lock.
///
/// Every method throws `Stop` with the exit code that the failure deserves.
package final class Vault {
    let folders: Folders
    let disk: any FileSystem
    let clock: any WallClock
    let index: Index
    private let lock: any FileLock

    /// Takes the lock, makes the folders, opens the index, and seals what killed runs had committed.
    /// - Parameter recovery: with what a lost index is made anew; without it that is refused.
    package convenience init(
        account: String, output: String, disk: any FileSystem, clock: any WallClock, recovery: Recovery? = nil
    ) throws {
        let folders = Folders(output: output, account: account)
        let lock = try Self.prepare(folders, disk)
        switch try IndexFitness(folders: folders, disk: disk).opened() {
        case .fit(let index):
            try self.init(folders: folders, disk: disk, clock: clock, lock: lock, index: index)
        case .unfit(let fault):
            // An empty index beside full manifests would have everything pulled and written again, and one that is
            // older than they are would give numbers a second time.
            guard let recovery, !fault.isForeign else { throw fault.stop(at: folders.index) }
            let lost = fault.isOfUnfinished ? ", and what is lost is pulled again" : ""
            if fault.isNews { recovery.tell("the index \(folders.index) \(fault.words); it is made anew\(lost)") }
            try Self.makeAnew(folders, disk, clock, lock, fault, recovery)
            try self.init(folders: folders, disk: disk, clock: clock, lock: lock)
        }
    }

    /// The lock is held.
    convenience init(folders: Folders, disk: any FileSystem, clock: any WallClock, lock: any FileLock) throws {
        let index = try IndexFitness(folders: folders, disk: disk).openForWriting()
        try self.init(folders: folders, disk: disk, clock: clock, lock: lock, index: index)
    }

    private init(
        folders: Folders, disk: any FileSystem, clock: any WallClock, lock: any FileLock, index: Index
    ) throws {
        self.folders = folders
        self.disk = disk
        self.clock = clock
        self.lock = lock
        self.index = index
        try index.requireSound()
        try Exchanger(folders: folders, disk: disk).endUnderWay(index)
        try sealKilledRuns()
        try removeLeftovers()
    }

    static func prepare(_ folders: Folders, _ disk: any FileSystem) throws -> any FileLock {
        do {
            let isNew = try disk.list(folders.output).isEmpty
            for folder in [folders.indexFolder, folders.staging, folders.manifests, "\(folders.output)/snapshots"] {
                try disk.createDirectory(folder)
            }
            // What is committed below a folder is durable only when the folder itself is.
            for folder in ["\(folders.output)/staging", "\(folders.output)/manifests", folders.output] {
                try disk.syncDirectory(folder)
            }
            if isNew { try disk.syncDirectory("\(folders.output)/..") }
        } catch let failure as FileFailure {
            throw Stop(.cannotCreateOutput, failure.description, hint: "check output.directory and its rights")
        }
        guard let lock = try taken(folders.lock, disk) else {
            throw Stop(
                .alreadyRunning, "another run of account \(folders.account) is under way",
                hint: "wait for it, or look at it with pipesnap status")
        }
        return lock
    }

    private static func taken(_ path: String, _ disk: any FileSystem) throws -> (any FileLock)? {
        do {
            return try disk.lock(path)
        } catch let failure as FileFailure {
            throw Stop(.cannotWriteOutput, failure.description, hint: failure.hint)
        }
    }

    /// Closes the index and lets the lock go.
    package func close() {
        try? index.database.close()
        lock.unlock()
    }

    var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }

    /// Begins a run, named by the second.
    package func beginRun() throws -> RunStore {
        let run = try index.beginRun(at: now) { name in
            try disk.storing { try disk.size(folders.manifest(run: name)) != nil }
        }
        return try RunStore(vault: self, run: run)
    }

    /// Ends a run in the books: the manifest, then the run's own row. Both may be done again after a crash.
    func close(_ run: RunRow, outcome: Outcome, exitCode: Int32?) throws {
        let endedAt = now
        let manifest = try Manifest(
            account: folders.account, run: run, endedAt: endedAt, outcome: outcome, exitCode: exitCode, index: index)
        if try manifest.isWorthWriting || index.isMerged(run) { try write(manifest) }
        try index.endRun(run, at: endedAt, outcome: outcome, exitCode: exitCode)
    }

    private func write(_ manifest: Manifest) throws {
        let target = folders.manifest(run: manifest.run)
        try disk.storing {
            try disk.replace(target, with: manifest.bytes(), draft: "\(folders.staging)/\(manifest.run).json")
        }
    }

    func seal(_ file: FileRow, run: String) throws {
        let sealed = try disk.storing { try SnapshotFiles(folders: folders, disk: disk).seal(file, run: run) }
        try index.write { try Index.save(sealed, in: $0) }
    }

    /// What a killed run had committed is sealed under its name; then its books are closed.
    private func sealKilledRuns() throws {
        for run in try index.openRuns() {
            for file in try index.files(of: run.id) where file.sha256 == nil { try seal(file, run: run.name) }
            try close(run, outcome: .interrupted, exitCode: nil)
        }
    }

    /// Files of which nothing was committed.
    private func removeLeftovers() throws {
        try disk.storing {
            for name in try disk.list(folders.staging) {
                try disk.remove("\(folders.staging)/\(name)")
            }
        }
    }
}

extension FileSystem {
    /// Gives a refusal of the disk its consequence.
    func storing<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let failure as FileFailure {
            throw Stop(.cannotWriteOutput, failure.description, hint: failure.hint)
        }
    }
}

extension FileFailure {
    fileprivate var hint: String {
        if isInTheWay { return "move it away and run again" }
        if [EACCES, EPERM].contains(code) {
            return "check its owner and rights: all jobs of an account run as one user"
        }
        return "free space or mend the disk and run again; what was committed is kept"
    }
}
