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
