import Planning

/// What the lines of one file come to.
struct FileTally {
    private(set) var records = 0
    private(set) var deletes = 0
    private(set) var firstSeq: Int64?
    private(set) var lastSeq: Int64
    private var minUpdateTime: UpdateTime?
    private var maxUpdateTime: UpdateTime?
    private let run: String
    private let isMerged: Bool
    private var shares: [RunShare] = []
    /// The name of the last line's run.
    private var lastRun: [UInt8] = []

    /// - Parameters:
    ///   - lastSeq: every line must have a greater number.
    ///   - run: to which the file belongs.
    ///   - isMerged: there may be lines of earlier runs before those of this one.
    init(after lastSeq: Int64, of run: String, isMerged: Bool) {
        (self.lastSeq, self.run, self.isMerged) = (lastSeq, run, isMerged)
    }

    mutating func add(_ line: KeptLine) throws {
        guard line.seq > lastSeq else { throw FileDamage("_seq \(line.seq) comes after _seq \(lastSeq)") }
        try count(line)
        lastSeq = line.seq
        firstSeq = firstSeq ?? line.seq
        records += 1
        if line.operation == .delete { deletes += 1 }
        guard let time = line.updateTime else { return }
        if minUpdateTime.map({ time < $0 }) ?? true { minUpdateTime = time }
        // Of equal ones the first, as `max` takes it: they may differ in their digits.
        if maxUpdateTime.map({ time > $0 }) ?? true { maxUpdateTime = time }
    }

    private mutating func count(_ line: KeptLine) throws {
        if !line.run.elementsEqual(lastRun) || shares.isEmpty {
            let name = String(decoding: line.run, as: UTF8.self)
            guard name == run || isMerged else {
                throw FileDamage("the line with _seq \(line.seq) names another run than its manifest")
            }
            guard shares.last.map({ $0.run < name }) ?? true else {
                throw FileDamage("the line with _seq \(line.seq) is of an earlier run than the one before it")
            }
            lastRun = Array(line.run)
            shares.append(RunShare(run: name, records: 0, deletes: 0, firstSeq: line.seq, lastSeq: line.seq))
        }
        let place = shares.count - 1
        shares[place].records += 1
        if line.operation == .delete { shares[place].deletes += 1 }
        shares[place].lastSeq = line.seq
    }

    /// Fills in what is known once the whole file was read.
    func describe(_ file: inout FileRow, _ totals: SnapshotWalk.Totals) throws {
        guard shares.last?.run == run else { throw FileDamage("its last line is of another run than its name says") }
        file.runs = shares.count > 1 ? shares : nil
        (file.records, file.deletes) = (records, deletes)
        (file.bytes, file.uncompressedBytes) = (totals.bytes, totals.uncompressedBytes)
        (file.crc32, file.sha256) = (totals.crc32, totals.sha256)
        (file.firstSeq, file.lastSeq) = (firstSeq, firstSeq == nil ? nil : lastSeq)
        (file.minUpdateTime, file.maxUpdateTime) = (minUpdateTime, maxUpdateTime)
    }
}

extension Manifest.File {
    /// In what the file is not as it is told; nil when it is.
    func difference(from found: FileRow) -> String? {
        let pairs: [(String, String, String)] = [
            ("bytes", "\(bytes)", "\(found.bytes)"), ("sha256", sha256, found.sha256 ?? ""),
            ("uncompressed_bytes", "\(uncompressedBytes)", "\(found.uncompressedBytes)"),
            ("records", "\(records)", "\(found.records)"), ("deletes", "\(deletes)", "\(found.deletes)"),
            ("first_seq", "\(firstSeq)", "\(found.firstSeq ?? 0)"),
            ("last_seq", "\(lastSeq)", "\(found.lastSeq ?? 0)"),
        ]
        let times = [
            ("min_update_time", minUpdateTime, found.minUpdateTime),
            ("max_update_time", maxUpdateTime, found.maxUpdateTime),
        ]
        let wrong =
            pairs.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.2) and not \($0.1)" }
            + times.filter { $0.1.flatMap { UpdateTime($0) } != $0.2 }.map {
                "\($0.0) is \($0.2?.description ?? "null") and not \($0.1 ?? "null")"
            } + (runs == found.runs ? [] : ["runs are others"])
        return wrong.isEmpty ? nil : "is not as its manifest says: " + wrong.joined(separator: ", ")
    }
}

extension Manifest.File? {
    /// There may be lines of several runs in it. Of what nobody told everything is open.
    var isMerged: Bool { map { $0.runs != nil } ?? true }
}
