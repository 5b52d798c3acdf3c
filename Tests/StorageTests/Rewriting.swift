import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// Files that are rewritten: merged, or pruned.
extension RebuildCorpus {
    private func rewriting<Report>(_ disk: any FileSystem, _ body: (Vault) throws -> Report) throws -> Report {
        let vault = try Vault(account: "acme", output: output, disk: disk, clock: clock, recovery: recovery)
        defer { vault.close() }
        return try body(vault)
    }

    func compact(
        _ disk: any FileSystem = LocalDisk(), by period: MergePeriod = .month, stream: String? = nil,
        rollAtBytes: Int64 = 96_000_000
    ) throws -> CompactReport {
        try rewriting(disk) { vault in
            try vault.compact(
                CompactOptions(stream: stream, period: period, rollAtBytes: rollAtBytes), reader: Self.reader)
        }
    }

    func pruneOptions(keepDays: Int64, stream: String? = nil) -> PruneOptions {
        PruneOptions(stream: stream, keepSeconds: keepDays * 86_400, now: now, compressionLevel: 6)
    }

    @discardableResult
    func prune(_ disk: any FileSystem = LocalDisk(), keepDays: Int64, stream: String? = nil) throws -> PruneReport {
        try rewriting(disk) { try $0.prune(pruneOptions(keepDays: keepDays, stream: stream), reader: Self.reader) }
    }

    /// Whoever lists the folder finds these lines, in the order of their numbers.
    func lines() throws -> [String] {
        try snapshots.flatMap { path in
            let text = try #require(Gzip.onlyMember(try bytes(folders.absolute(path))), "\(path)")
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        }.sorted { (Line.seq($0) ?? 0) < (Line.seq($1) ?? 0) }
    }

    /// Every version, but for where it lies.
    static let versions = "(SELECT stream, id, op, seq, update_time, run FROM versions)"

    /// Does the work on copies of this folder, killed at every effect or cut from its power there, and looks at each.
    /// Afterwards the next command that writes has been there, or a rebuild or a mending before it.
    func killedAtEveryEffect(
        isPowerLost: Bool, _ work: (RebuildCorpus, any FileSystem) throws -> Void,
        atOnce: (RebuildCorpus, Comment) throws -> Void, afterwards: (RebuildCorpus, Int, Comment) throws -> Void
    ) throws {
        let watched = FailingDisk(LocalDisk())
        try work(try copy(), watched)
        let effects = watched.effects
        #expect(effects > 40)
        // Of the power cuts every other one, since each takes a while.
        for effect in stride(from: 0, to: effects, by: isPowerLost ? 2 : 1) {
            let mishap: FailingDisk.Mishap = [.dieBefore, .dieAfter, .dieTorn][effect % 3]
            let label: Comment = "\(mishap) at \(effect) of \(effects)"
            let copy = try copy()
            let disk = ForgetfulDisk(LocalDisk())
            #expect(throws: FailingDisk.Death.self, label) {
                try work(copy, FailingDisk(disk, mishap, at: effect))
            }
            if isPowerLost { try disk.losePower(effect.isMultiple(of: 4) ? .some(seed: UInt64(effect)) : .everything) }
            try atOnce(copy, label)
            do {
                #expect(try copy.verify().disagreements == [], label)
            } catch let stop as Stop where stop.code == .alreadyRunning {}
            // Some lose the index as well, and some are looked at by verify --refetch first.
            if effect % 5 == 1 { try copy.removeIndex() }
            if effect % 5 == 2 { #expect(try copy.mend().isWell, label) }
            try copy.vault(copy.recovery).close()
            #expect(try copy.verify().disagreements == [], label)
            #expect(try copy.disk.list(copy.folders.staging) == [], label)
            try afterwards(copy, effect, label)
        }
    }
}
