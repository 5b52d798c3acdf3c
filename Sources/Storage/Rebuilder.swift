package import Planning
import Platform

/// With what an index is made anew: the way to read an object of the API, lent by a caller who knows it, and how
/// long the ledger is in doubt when there is no old one.
package struct Recovery {
    package var reader: (StreamSpec) -> ObjectReader
    /// The end of the budget day.
    package var doubtUntil: Instant
    package var observe: (RebuildProgress) -> Void
    /// Hears why the index is made anew where nobody asked for it.
    package var tell: (String) -> Void

    package init(
        reader: @escaping (StreamSpec) -> ObjectReader, doubtUntil: Instant,
        observe: @escaping (RebuildProgress) -> Void = { _ in }, tell: @escaping (String) -> Void = { _ in }
    ) {
        self.reader = reader
        self.doubtUntil = doubtUntil
        self.observe = observe
        self.tell = tell
    }
}

/// How far a rebuild is.
package struct RebuildProgress: Sendable {
    package var files: Int
    package var fileCount: Int
    package var records: Int
    /// Of all bytes, 0...1; nil where only files are counted.
    package var share: Double?
}

/// What a rebuild did, or would do.
package struct RebuildReport: Encodable, Sendable {
    package var account: String
    package var isDryRun = false
    package var manifests: Int
    package var files: Int
    package var records: Int
    /// Complete files of killed runs that no manifest names: they are taken in as well.
    package var adopted: [String]
    /// Files that no manifest names and that cannot be taken in.
    package var leftOut: [String]
    /// The spending of runs without a manifest was read from the old index.
    package var isLedgerKept: Bool
    /// The old index knew nothing of the newest runs, so that what they spent may not be all that was spent since.
    package var isIndexOlder: Bool
}

/// Makes the index anew from what lies in the output folder. The account's lock is held.
struct Rebuilder {
    let folders: Folders
    let disk: any FileSystem
    let now: Instant

    private var draft: String { "\(folders.staging)/index.sqlite" }

    private var fitness: IndexFitness { IndexFitness(folders: folders, disk: disk) }

    /// What a rebuild would find. Touches nothing.
    func survey() throws -> RebuildReport {
        let survey = try UnfitFile.stopping { try Survey(folders: folders, disk: disk) }
        return report(
            survey, isLedgerKept: try oldLedger() != nil, isOlder: try fitness.isOlder(),
            records: survey.manifests.flatMap(\.files).reduce(0) { $0 + $1.records })
    }

    /// Makes the new index and puts it in the place of the old one. Runs whose files are adopted are left open in
    /// it, so that they are closed as every killed run is. Throws `Stop`.
    func rebuild(_ recovery: Recovery) throws -> RebuildReport {
        try UnfitFile.stopping { try make(recovery) }
    }

    /// Makes the new index and puts aside what none can be made with, be it something that nobody foresaw: a mending
    /// that was begun comes to an end.
    /// - Returns: the mending with all that was put aside.
    func rebuild(_ recovery: Recovery, puttingAside planned: Mending) throws -> Mending {
        let mender = Mender(folders: folders, disk: disk)
        var mending = planned
        if !mending.isEmpty { try mender.begin(mending) }
        while true {
            do {
                _ = try make(recovery)
                return mending
            } catch let unfit as UnfitFile {
                // What is out of the way cannot be in it again.
                guard mending.add(unfit.cure) else { throw unfit.stop }
                try mender.begin(mending)
            }
        }
    }

    /// Throws `Stop`, or `UnfitFile`.
    private func make(_ recovery: Recovery) throws -> RebuildReport {
        let isOlder = try fitness.isOlder()
        let mender = Mender(folders: folders, disk: disk)
        let mending = try mender.underWay()
        if let mending { try mender.carryOut(mending) }
        let exchanger = Exchanger(folders: folders, disk: disk)
        let exchange = try exchanger.underWay()
        if let exchange { try exchanger.carryOut(exchange, index: nil) }
        let survey = try Survey(folders: folders, disk: disk)
        let ledger = try oldLedger()
        do {
            let records = try makeDraft(survey, ledger, recovery, isOlder: isOlder)
            try replaceIndex(isOldReadable: ledger != nil)
            if mending != nil { try mender.end() }
            if exchange != nil { try exchanger.end() }
            return report(survey, isLedgerKept: ledger != nil, isOlder: isOlder, records: records)
        } catch {
            try? disk.remove(draft)
            throw error
        }
    }

    /// - Parameter isOlder: runs that nobody knows of any more may have spent something too.
    /// - Returns: how many versions are in it.
    private func makeDraft(_ survey: Survey, _ ledger: OldLedger?, _ recovery: Recovery, isOlder: Bool) throws -> Int {
        try disk.storing {
            try disk.remove(draft)
            // Made by us rather than by SQLite, which would leave it readable to everybody.
            try disk.append([], to: draft)
        }
        let index = try Index(draft: draft)
        var filler = IndexFiller(index: index, folders: folders, disk: disk, reader: recovery.reader)
        try filler.fill(from: survey, observe: recovery.observe)
        try index.write { db in
            try ledger?.copy(to: db, now: now)
            if ledger == nil || isOlder { try Index.doubtLedger(until: recovery.doubtUntil, in: db) }
            for file in try folders.lostFiles(on: disk) { try Index.skipNumbers(through: file.lastSeq, in: db) }
        }
        try index.finishDraft()
        try disk.storing { try disk.sync(draft) }
        return filler.records
    }

    private func oldLedger() throws -> OldLedger? { try OldLedger(of: folders, isThere: try fitness.hasIndex()) }

    /// The old log must go before the new index comes, or SQLite would apply it there. An old index that can be
    /// read takes in its log first, so that it is whole without it; one that cannot goes first itself, since a
    /// missing index is made anew and one without its log would be believed.
    private func replaceIndex(isOldReadable: Bool) throws {
        let isOldWhole = isOldReadable ? try absorbLog() : false
        try disk.storing {
            if !isOldWhole { try disk.remove(folders.index) }
            for suffix in ["-wal", "-shm", "-journal"] { try disk.remove(folders.index + suffix) }
            try disk.rename(draft, to: folders.index)
            try disk.syncDirectory(folders.indexFolder)
        }
    }

    private func absorbLog() throws -> Bool {
        do {
            try Index(writing: folders.index).absorbLog()
            return true
        } catch let stop as Stop where stop.code == .badData || stop.code == .brokenInvariant {
            return false
        }
    }

    private func report(_ survey: Survey, isLedgerKept: Bool, isOlder: Bool, records: Int) -> RebuildReport {
        RebuildReport(
            account: folders.account, manifests: survey.manifests.count, files: survey.files.count, records: records,
            adopted: survey.adopted.map(\.path), leftOut: survey.leftOut, isLedgerKept: isLedgerKept,
            isIndexOlder: isOlder)
    }
}
