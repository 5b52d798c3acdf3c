import Planning

/// What the lines of one file come to.
struct FileTally {
    private(set) var records = 0
    private(set) var deletes = 0
    private(set) var firstSeq: Int64?
    private(set) var lastSeq: Int64
    private var minUpdateTime: UpdateTime?
    private var maxUpdateTime: UpdateTime?

    /// - Parameter lastSeq: every line must have a greater number.
    init(after lastSeq: Int64) { self.lastSeq = lastSeq }

    mutating func add(_ line: KeptLine) throws {
        guard line.seq > lastSeq else { throw FileDamage("line \(line.seq) comes after line \(lastSeq)") }
        lastSeq = line.seq
        firstSeq = firstSeq ?? line.seq
        records += 1
        if line.operation == .delete { deletes += 1 }
        guard let time = line.updateTime else { return }
        if minUpdateTime.map({ time < $0 }) ?? true { minUpdateTime = time }
        // Of equal ones the first, as `max` takes it: they may differ in their digits.
        if maxUpdateTime.map({ time > $0 }) ?? true { maxUpdateTime = time }
    }

    /// Fills in what is known once the whole file was read.
    func describe(_ file: inout FileRow, _ totals: SnapshotWalk.Totals) {
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
            }
        return wrong.isEmpty ? nil : "is not as its manifest says: " + wrong.joined(separator: ", ")
    }
}
