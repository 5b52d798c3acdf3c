package import Planning
package import Platform

/// Re-reads everything an account has kept and believes nothing of it: manifests against files, files against
/// their own sums, lines against the index, the index against the manifests. It changes nothing.
package final class Verifier {
    let folders: Folders
    let disk: any FileSystem
    let reader: (StreamSpec) -> ObjectReader
    /// The share of the files whose lines are read, 0...1.
    private let share: Double
    var report: VerifyReport
    /// The index as long as it can be read.
    var index: IndexWitness?
    /// Versions that stand in a file and in the index, by stream.
    var matched: [String: Int] = [:]
    var matchedBlocks = 0
    /// What the definitions have said so far.
    var fieldNames: FieldNames?
    /// Tells how many bytes of the present file were read.
    private var progress: (Int64) -> Void = { _ in }
    /// What cannot be believed, for `mending`.
    var damagedFiles: [String: Manifest.File?] = [:]
    var damagedManifests: Set<String> = []
    /// Told of by the manifests that can be read.
    var toldFiles: [String: Manifest.File] = [:]
    var readableRuns: Set<String> = []
    /// The numbers in the files that are whole.
    private var ranges: [NumberRange] = []
    /// Files that were not read to the end, so that not all lines were seen.
    private var unreadFiles = 0

    package init(
        account: String, output: String, disk: any FileSystem, reader: @escaping (StreamSpec) -> ObjectReader,
        share: Double = 1
    ) {
        folders = Folders(output: output, account: account)
        self.disk = disk
        self.reader = reader
        self.share = share
        report = VerifyReport(account: account)
    }

    /// Throws `Stop` when a run is under way or the disk refuses; everything else is in the report.
    /// - Parameter isLocked: the account's lock is held by the caller.
    package func verify(isLocked: Bool = false, observe: @escaping (RebuildProgress) -> Void = { _ in }) throws
        -> VerifyReport
    {
        let lock = isLocked ? nil : try takeLock()
        defer { lock?.unlock() }
        try Exchanger(folders: folders, disk: disk).requireNoneUnderWay()
        try openIndex()
        let manifests = try readManifests()
        let files = told(by: manifests)
        report.files = files.count
        try compareFiles(with: manifests)
        try inOneState { try check(files, observe) }
        compareNumbers(files)
        try lookForOthers(Set(files.map(\.told.path)))
        compareIndex(with: manifests)
        if unreadFiles == 0 {
            countIndex()
            compareFieldNames()
        }
        return report
    }

    /// A file with the run that vouches for it.
    struct Told {
        var run: String
        var told: Manifest.File
    }

    /// Nil where no run has ever been: making the lock's file would be a change.
    private func takeLock() throws -> (any FileLock)? {
        guard try disk.storing({ try disk.size(folders.lock) }) != nil else { return nil }
        guard let lock = try disk.storing({ try disk.lock(folders.lock) }) else {
            throw Stop(
                .alreadyRunning, "a run of account \(folders.account) is under way",
                hint: "verify when it has ended; see pipesnap status")
        }
        return lock
    }

    // MARK: Manifests

    private func readManifests() throws -> [Manifest] {
        var manifests: [Manifest] = []
        for run in try folders.manifestRuns(on: disk) {
            do {
                manifests.append(try Manifest(run: run, folders: folders, disk: disk))
            } catch let damage as FileDamage {
                report.note(folders.relative(folders.manifest(run: run)), damage.description)
                damagedManifests.insert(run)
            }
        }
        readableRuns = Set(manifests.map(\.run))
        for file in manifests.flatMap(\.files) { toldFiles[file.path] = file }
        report.manifests = manifests.count
        return manifests
    }

    /// The files of the manifests, and those that a killed run had published; its manifest may have been written.
    private func told(by manifests: [Manifest]) -> [Told] {
        let files =
            manifests.flatMap { manifest in manifest.files.map { Told(run: manifest.run, told: $0) } }
            + (index?.publishedByOpenRuns ?? []).filter { toldFiles[$0.told.path] == nil }
        let sorted = files.sorted { ($0.told.stream, $0.told.firstSeq) < ($1.told.stream, $1.told.firstSeq) }
        for (file, next) in zip(sorted, sorted.dropFirst())
        where file.run == next.run && file.told.stream == next.told.stream && next.told.firstSeq <= file.told.lastSeq {
            report.note(next.told.path, "has numbers that \(file.told.path) has too, as the manifests say")
        }
        return sorted
    }

    /// What lies among the snapshots and belongs to no run.
    private func lookForOthers(_ told: Set<String>) throws {
        let unfinished = index?.unfinishedPaths ?? []
        for name in try disk.storing({ try disk.list(folders.manifests) }) where !name.hasSuffix(".json") {
            report.note(folders.relative("\(folders.manifests)/\(name)"), "is no manifest")
            damagedFiles.updateValue(nil, forKey: folders.relative("\(folders.manifests)/\(name)"))
        }
        for lost in try folders.lost(on: disk) where lost.told == nil {
            report.note(lost.path, "cannot be read; it told what was in a file that was put aside")
            damagedFiles.updateValue(nil, forKey: lost.path)
        }
        for path in try folders.snapshots(on: disk) where !told.contains(path) && !unfinished.contains(path) {
            report.note(path, "is in no manifest")
            damagedFiles.updateValue(nil, forKey: path)
        }
    }

    // MARK: Files

    private func check(_ files: [Told], _ observe: @escaping (RebuildProgress) -> Void) throws {
        let allBytes = files.reduce(0) { $0 + $1.told.bytes }
        var bytesRead: Int64 = 0
        for (place, file) in files.enumerated() {
            let read = bytesRead
            progress = { [report] bytes in
                observe(
                    RebuildProgress(
                        files: place, fileCount: files.count, records: report.records,
                        share: Double(read + bytes) / Double(max(1, allBytes))))
            }
            progress(0)
            try check(file, isRead: place == 0 || share >= 1 || Double.random(in: 0..<1) < share)
            bytesRead += file.told.bytes
        }
    }

    private func check(_ file: Told, isRead: Bool) throws {
        let path = file.told.path
        guard let place = SnapshotPath(path, in: folders) else { return report.note(path, "is not one of our paths") }
        compare(file, at: place)
        do {
            guard let size = try disk.sizeOfOurs(folders.absolute(path)) else { throw FileDamage("is missing") }
            if isRead {
                report.filesRead += 1
                return try read(file, at: place)
            }
            if let damage = FileDamage(bytes: size, of: file.told) { report.note(path, damage.description) }
        } catch let damage as FileDamage {
            report.note(path, damage.description)
            damagedFiles[path] = file.told
        }
        unreadFiles += 1
    }

    private func read(_ file: Told, at place: SnapshotPath) throws {
        let stream = Catalogue.stream(named: place.stream) ?? .unknown(place.stream)
        let objects = reader(stream)
        var tally = FileTally(after: 0, of: file.run, isMerged: file.told.runs != nil)
        var block: BlockRow?
        let totals = try disk.storing {
            try SnapshotWalk.read(folders.absolute(file.told.path), on: disk) { bytes in
                let line = try KeptLine(bytes, saysParent: stream.saysParent, reader: objects)
                try tally.add(line)
                try remember(line, of: stream)
                compare(line, stream: place.stream, path: file.told.path)
                block = block?.with(line) ?? BlockRow(line)
            } block: { range in
                if let block { compare(block, at: range, path: file.told.path) }
                block = nil
                progress(range.upperBound)
            }
        }
        var found = FileRow(
            id: 0, run: 0, stream: place.stream, number: place.number, path: file.told.path, day: place.day)
        try tally.describe(&found, totals)
        report.records += found.records
        if let difference = file.told.difference(from: found) {
            guard try agreesWithIndex(found) else { throw FileDamage(difference) }
            // File and index agree, so it is the manifest that lies.
            damagedManifests.insert(file.run)
            report.note(file.told.path, difference)
        }
        compare(crc32: totals.crc32, path: file.told.path)
        if let read = Manifest.File(found) { ranges += read.ranges(of: file.run) }
    }

    /// By what the files hold, since a manifest may lie.
    private func compareNumbers(_ files: [Told]) {
        let told = Dictionary(files.map { ($0.told.path, $0.told) }) { first, _ in first }
        for doubled in NumberRange.doubled(ranges) {
            report.note(doubled.range.path, doubled.words)
            damagedFiles[doubled.range.path] = told[doubled.range.path]
        }
    }
}

extension Folders {
    /// As reports name a file: below the output folder.
    func relative(_ path: String) -> String {
        path.hasPrefix(output + "/") ? String(path.dropFirst(output.count + 1)) : path
    }
}
