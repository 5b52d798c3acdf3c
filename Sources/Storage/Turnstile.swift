import Planning

/// The one narrow place that every page passes, one after another: here each record is compared with the
/// newest version of it that is committed or on its way, and gets its number. Behind it pages are deflated in
/// parallel and committed in the order in which they passed, so `_seq` grows in commit order.
struct Turnstile {
    private let run: String
    private var nextSeq: Int64
    /// The first number of this run: a head below it belongs to an earlier run.
    private let firstSeq: Int64
    /// Versions that have passed and are not yet committed.
    private var onTheirWay: [Place: Head] = [:]

    private struct Place: Hashable {
        var stream: String
        var key: RecordKey
    }

    init(run: String, nextSeq: Int64) {
        self.run = run
        self.nextSeq = nextSeq
        firstSeq = nextSeq
    }

    mutating func pass(_ prepared: PreparedPage, of stream: StreamSpec, index: Index) throws -> NumberedPage {
        var versions: [NumberedPage.Version] = []
        let lookup = try index.headLookup(stream: stream.name)
        for (record, hash) in zip(prepared.page.records, prepared.hashes) {
            let arrival = Arrival(
                operation: record.isDeleted ? .delete : .upsert, updateTime: record.updateTime, hash: hash,
                answeredAtMilliseconds: prepared.answeredAtMilliseconds)
            let place = Place(stream: stream.name, key: record.key)
            let head = try onTheirWay[place] ?? lookup.head(of: record.key, runBegins: firstSeq)
            guard Admission.judge(arrival, against: head) == .accepted else { continue }
            onTheirWay[place] = arrival.numbered(nextSeq)
            versions.append(
                NumberedPage.Version(
                    seq: nextSeq, key: record.key, operation: arrival.operation,
                    reason: record.isDeleted ? .status : nil, updateTime: record.updateTime, hash: hash,
                    bytes: record.bytes, replacesHead: head != nil, isNewer: record.isNewer(than: head),
                    names: record.names))
            nextSeq += 1
        }
        return numbered(versions, prepared, stream)
    }

    /// Adds a tombstone for every record that the answer should have shown and has not. One that stands as deleted
    /// already, or was shown by a later answer, gets none. All earlier pages of a listing must be committed.
    mutating func bury(_ keys: [RecordKey], after page: NumberedPage, of stream: StreamSpec, index: Index) throws
        -> NumberedPage
    {
        var versions = page.versions
        let lookup = try index.headLookup(stream: stream.name)
        for key in keys {
            var object = keyObject(stream.keyMember, key)
            let hash = object.withUTF8 { recordHash(UnsafeRawBufferPointer($0)) }
            let arrival = Arrival(
                operation: .delete, hash: hash, answeredAtMilliseconds: page.answeredAtMilliseconds)
            let place = Place(stream: stream.name, key: key)
            let head = try onTheirWay[place] ?? lookup.head(of: key, runBegins: firstSeq)
            guard let head, head.operation == .upsert, Admission.judge(arrival, against: head) == .accepted else {
                continue
            }
            onTheirWay[place] = arrival.numbered(nextSeq)
            versions.append(
                NumberedPage.Version(
                    seq: nextSeq, key: key, operation: .delete, reason: .absent, hash: hash, replacesHead: true))
            nextSeq += 1
        }
        return NumberedPage(
            stream: page.stream, definesFields: page.definesFields, keyMember: page.keyMember, run: run,
            body: page.body, versions: versions,
            answeredAtMilliseconds: page.answeredAtMilliseconds)
    }

    /// The page is in the index now and need not be remembered here.
    mutating func committed(_ page: NumberedPage) {
        for version in page.versions {
            let place = Place(stream: page.stream, key: version.key)
            if onTheirWay[place]?.seq == version.seq { onTheirWay[place] = nil }
        }
    }

    private func numbered(
        _ versions: [NumberedPage.Version], _ prepared: PreparedPage, _ stream: StreamSpec
    ) -> NumberedPage {
        NumberedPage(
            stream: stream.name, definesFields: stream.definesFieldsOf != nil, keyMember: stream.keyMember, run: run,
            body: prepared.page.body, versions: versions,
            answeredAtMilliseconds: prepared.answeredAtMilliseconds)
    }
}

extension RecordSlice {
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
