import Planning

/// The one narrow place that every page passes, one after another: here each record is compared with the
/// newest version of it that is committed or on its way, and gets its number. Behind it pages are deflated in
/// parallel and committed in the order in which they passed, so `_seq` grows in commit order.
struct Turnstile {
    private let run: String
    private var nextSeq: Int64
    /// The first number of this run: a head below it belongs to an earlier run.
    private let firstSeq: Int64
    /// Versions that have passed and are not yet committed, by stream.
    private var onTheirWay: [String: [RecordKey: Head]] = [:]

    init(run: String, nextSeq: Int64) {
        self.run = run
        self.nextSeq = nextSeq
        firstSeq = nextSeq
    }

    /// - Parameter newcomersSince: a record that nobody knows and that was changed before this stays outside.
    mutating func pass(
        _ prepared: PreparedPage, of stream: StreamSpec, newcomersSince: Instant? = nil, index: Index
    ) throws -> NumberedPage {
        let versions = try index.lookingUpHeads(of: stream.name, runBegins: firstSeq) { lookup in
            try admitted(prepared, of: stream.name, newcomersSince, lookup)
        }
        return numbered(versions, prepared, stream)
    }

    private mutating func admitted(
        _ prepared: PreparedPage, of stream: String, _ newcomersSince: Instant?, _ lookup: HeadLookup
    ) throws -> [NumberedPage.Version] {
        // Taken out while it is changed, or every change would copy it.
        var waiting = onTheirWay.removeValue(forKey: stream) ?? [:]
        defer { onTheirWay[stream] = waiting }
        var versions: [NumberedPage.Version] = []
        versions.reserveCapacity(prepared.page.records.count)
        for (record, hash) in zip(prepared.page.records, prepared.hashes) {
            let arrival = Arrival(
                operation: record.isDeleted ? .delete : .upsert, updateTime: record.updateTime, hash: hash,
                answeredAtMilliseconds: prepared.answeredAtMilliseconds)
            let head = try waiting[record.key] ?? lookup.head(of: record.key)
            if head == nil, let newcomersSince, record.isOlder(than: newcomersSince) { continue }
            guard Admission.judge(arrival, against: head) == .accepted else { continue }
            waiting[record.key] = arrival.numbered(nextSeq)
            versions.append(
                NumberedPage.Version(
                    seq: nextSeq, key: record.key, operation: arrival.operation,
                    reason: record.isDeleted ? .status : nil, updateTime: record.updateTime, hash: hash,
                    parent: record.parent, bytes: record.bytes, replacesHead: head != nil,
                    isNewer: record.isNewer(than: head), names: record.names))
            nextSeq += 1
        }
        return versions
    }

    /// Adds a tombstone for every record that the answer should have shown and has not. One that stands as deleted
    /// already, or was shown by a later answer, gets none. All earlier pages of a listing must be committed.
    mutating func bury(_ keys: [RecordKey], after page: NumberedPage, of stream: StreamSpec, index: Index) throws
        -> NumberedPage
    {
        let tombstones = try index.lookingUpHeads(of: stream.name, runBegins: firstSeq) { lookup in
            try keys.compactMap { try tombstone($0, page.answeredAtMilliseconds, of: stream, lookup) }
        }
        return NumberedPage(
            stream: page.stream, definesFields: page.definesFields, keyMember: page.keyMember,
            saysParent: page.saysParent, run: run, body: page.body, versions: page.versions + tombstones,
            answeredAtMilliseconds: page.answeredAtMilliseconds)
    }

    private mutating func tombstone(
        _ key: RecordKey, _ answeredAt: Int64, of stream: StreamSpec, _ lookup: HeadLookup
    ) throws -> NumberedPage.Version? {
        var object = keyObject(stream.keyMember, stream.saysParent ? key.withinParent?.own ?? key : key)
        let hash = object.withUTF8 { recordHash(UnsafeRawBufferPointer($0)) }
        let arrival = Arrival(operation: .delete, hash: hash, answeredAtMilliseconds: answeredAt)
        let head = try onTheirWay[stream.name]?[key] ?? lookup.head(of: key)
        guard let head, head.operation == .upsert, Admission.judge(arrival, against: head) == .accepted else {
            return nil
        }
        defer { nextSeq += 1 }
        onTheirWay[stream.name, default: [:]][key] = arrival.numbered(nextSeq)
        return NumberedPage.Version(
            seq: nextSeq, key: key, operation: .delete, reason: .absent, hash: hash, replacesHead: true)
    }

    /// The page is in the index now and need not be remembered here.
    mutating func committed(_ page: NumberedPage) {
        for version in page.versions where onTheirWay[page.stream]?[version.key]?.seq == version.seq {
            onTheirWay[page.stream]?[version.key] = nil
        }
    }

    private func numbered(
        _ versions: [NumberedPage.Version], _ prepared: PreparedPage, _ stream: StreamSpec
    ) -> NumberedPage {
        NumberedPage(
            stream: stream.name, definesFields: stream.definesFieldsOf != nil, keyMember: stream.keyMember,
            saysParent: stream.saysParent, run: run,
            body: prepared.page.body, versions: versions,
            answeredAtMilliseconds: prepared.answeredAtMilliseconds)
    }
}

extension RecordSlice {
    /// Never where the record has no time.
    fileprivate func isOlder(than time: Instant) -> Bool { updateTime.map { $0.instant < time } ?? false }

    fileprivate func isNewer(than head: Head?) -> Bool {
        guard let head else { return true }
        guard let old = head.updateTime, let new = updateTime else { return false }
        return old < new
    }
}

extension Arrival {
    fileprivate func numbered(_ seq: Int64) -> Head {
        Head(
            seq: seq, operation: operation, updateTime: updateTime, hash: hash,
            answeredAtMilliseconds: answeredAtMilliseconds)
    }
}
