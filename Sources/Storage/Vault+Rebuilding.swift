package import Planning
package import Platform

extension Vault {
    /// Makes the account's index anew and closes what is open in it. Throws `Stop`.
    package static func rebuild(
        account: String, output: String, disk: any FileSystem, clock: any WallClock, recovery: Recovery
    ) throws -> RebuildReport {
        let folders = Folders(output: output, account: account)
        let lock = try prepare(folders, disk)
        defer { lock.unlock() }
        let fault = try IndexFitness(folders: folders, disk: disk).fault()
        let report = try makeAnew(folders, disk, clock, lock, fault, recovery)
        try settle(folders, disk, clock, lock)
        return report
    }

    /// - Parameter fault: of the index that lies there.
    @discardableResult
    static func makeAnew(
        _ folders: Folders, _ disk: any FileSystem, _ clock: any WallClock, _ lock: any FileLock, _ fault: UnfitIndex?,
        _ recovery: Recovery
    ) throws -> RebuildReport {
        try settleOld(folders, disk, clock, lock, fault)
        let now = Instant(milliseconds: clock.nowMilliseconds)
        return try Rebuilder(folders: folders, disk: disk, now: now).rebuild(recovery)
    }

    /// What killed runs had committed gets its manifest while the old index still knows of it. An index that is older
    /// than the files would take runs that ended long ago for killed ones.
    private static func settleOld(
        _ folders: Folders, _ disk: any FileSystem, _ clock: any WallClock, _ lock: any FileLock, _ fault: UnfitIndex?
    ) throws {
        switch fault {
        case nil, .beyondFile, .damagedFile: break
        case .missing, .beingMended, .older, .shortLog, .foreign: return
        }
        guard try IndexFitness(folders: folders, disk: disk).hasIndex() else { return }
        do {
            try settle(folders, disk, clock, lock)
        } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
            // No index, or one that lost what it had staged: the files and manifests are what is left.
        }
    }

    /// Verifies, puts whatever is damaged aside, forgets what it vouched for, and makes the index anew, so that all is
    /// well and the next runs pull again what was lost. The report is of what was found. Throws `Stop`.
    package static func mend(
        account: String, output: String, disk: any FileSystem, clock: any WallClock, recovery: Recovery
    ) throws -> VerifyReport {
        let folders = Folders(output: output, account: account)
        let rebuilder = Rebuilder(folders: folders, disk: disk, now: Instant(milliseconds: clock.nowMilliseconds))
        let lock = try prepare(folders, disk)
        defer { lock.unlock() }
        // An earlier one that was killed, or could not be ended, is ended first.
        var done = Mending()
        if let begun = try Mender(folders: folders, disk: disk).underWay() {
            done = try rebuilder.rebuild(recovery, puttingAside: begun)
        }
        try settleOld(folders, disk, clock, lock, try IndexFitness(folders: folders, disk: disk).fault())
        if try Exchanger(folders: folders, disk: disk).underWay() != nil {
            _ = done.add(try rebuilder.rebuild(recovery, puttingAside: Mending()))
        }
        let verifier = Verifier(account: account, output: output, disk: disk, reader: recovery.reader)
        var report = try verifier.verify(isLocked: true, observe: recovery.observe)
        if !report.isWell {
            _ = done.add(try rebuilder.rebuild(recovery, puttingAside: try verifier.mending()))
        } else if done.isEmpty {
            return report
        }
        try settle(folders, disk, clock, lock)
        let missing = try disk.storing {
            try done.files.keys.filter { try !disk.isTaken(folders.damaged($0)) }
        }
        report.mended(done, missing: Set(missing), folders)
        return report
    }

    /// What `rebuild` would do. Touches nothing.
    package static func surveyRebuild(account: String, output: String, disk: any FileSystem, now: Instant) throws
        -> RebuildReport
    {
        var report = try Rebuilder(folders: Folders(output: output, account: account), disk: disk, now: now).survey()
        report.isDryRun = true
        return report
    }

    /// Opens the index once, as a run does.
    private static func settle(
        _ folders: Folders, _ disk: any FileSystem, _ clock: any WallClock, _ lock: any FileLock
    ) throws {
        let vault = try Vault(folders: folders, disk: disk, clock: clock, lock: lock)
        try vault.index.database.close()
    }
}
