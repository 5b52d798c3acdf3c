package import Planning
package import Platform

extension Vault {
    /// Makes the account's index anew and closes what is open in it. Throws `Stop`.
    package static func rebuild(
        account: String, output: String, disk: any FileSystem, clock: any WallClock, recovery: Recovery
    ) throws -> RebuildReport {
        let folders = Folders(output: output, account: account)
        let rebuilder = Rebuilder(
            folders: folders, disk: disk, now: Instant(milliseconds: clock.nowMilliseconds))
        let lock = try prepare(folders, disk)
        defer { lock.unlock() }
        if try disk.storing({ try disk.size(folders.index) ?? 0 }) > 0 {
            // What killed runs had committed gets its manifest while the old index still knows of it.
            do { try settle(folders, disk, clock, lock) } catch let stop as Stop where stop.code == .badData {}
        }
        let report = try rebuilder.rebuild(recovery)
        try settle(folders, disk, clock, lock)
        return report
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
        // An earlier one that was killed is ended first.
        if try rebuilder.isMendingUnderWay() { _ = try rebuilder.rebuild(recovery) }
        if try disk.storing({ try disk.size(folders.index) ?? 0 }) > 0 {
            do {
                try settle(folders, disk, clock, lock)
            } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
                // No index, or one that lost what it had staged: the files and manifests are what is left.
            }
        }
        if try Exchanger(folders: folders, disk: disk).underWay() != nil { _ = try rebuilder.rebuild(recovery) }
        let verifier = Verifier(account: account, output: output, disk: disk, reader: recovery.reader)
        var report = try verifier.verify(isLocked: true, observe: recovery.observe)
        guard !report.isWell else { return report }
        let mending = try verifier.mending()
        let missing = try disk.storing {
            try mending.files.keys.filter { try disk.size(folders.absolute($0)) == nil }
        }
        if !mending.isEmpty { try Mender(folders: folders, disk: disk).begin(mending) }
        _ = try rebuilder.rebuild(recovery)
        try settle(folders, disk, clock, lock)
        report.mended(mending, missing: Set(missing), folders)
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
