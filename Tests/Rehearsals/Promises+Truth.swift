import Foundation
import Planning
import Simulator

extension Promises {
    /// For how long a deleted deal can be seen as deleted.
    private static let purgeSeconds: Int64 = 30 * 86_400

    /// One lost page is hundreds of records; a few of them tell the story.
    private static let mostWords = 3

    /// Records of covered time whose newest line is not, byte for byte, what the server would send now. Deletions
    /// that no list shows are another matter: only a deal's is told by its list.
    mutating func untrue(_ account: SimulatedAccount, covered: [String: Coverage]) -> [String] {
        let standing = covered.filter { RecordKind(rawValue: $0.key)?.parent == nil }
        let truth = truth(of: Array(standing.keys), account)
        let untrue = standing.sorted { $0.key < $1.key }.flatMap { stream, coverage -> [String] in
            guard let spec = Catalogue.stream(named: stream), let records = truth[stream] else {
                return ["nobody knows the truth of \(stream)"]
            }
            let latest = warehouse.latest(stream)
            return records.compactMap { record in
                guard isPromised(record, spec, coverage, account) else { return nil }
                return complaint(about: record, spec, latest[record.key])
            }
        }
        return shortened(untrue + untrueChildren(account, covered: covered))
    }

    /// Records of covered time that the index does not know: what was committed was ahead of the data it speaks of.
    /// It holds also while the files of a killed run are still to be sealed.
    mutating func unindexed(_ account: SimulatedAccount, _ views: IndexViews) throws -> [String] {
        let known = Set(try views.versions("records").map { "\($0.stream) \($0.id)" })
        let covered = try views.coverage().filter { RecordKind(rawValue: $0.key)?.parent == nil }
        let truth = truth(of: Array(covered.keys), account)
        return covered.sorted { $0.key < $1.key }.flatMap { stream, coverage -> [String] in
            guard let spec = Catalogue.stream(named: stream) else { return [] }
            return (truth[stream] ?? []).compactMap { record in
                // What is gone from a whole list need not have been seen before.
                guard isPromised(record, spec, coverage, account), !(spec.isWholeList && record.isDeleted),
                    !known.contains("\(stream) \(record.key)")
                else { return nil }
                return "\(stream) \(record.key) is covered and not in the index"
            }
        }
    }

    private func complaint(about record: TrueRecord, _ stream: StreamSpec, _ line: PulledLake.Line?) -> String? {
        let name = "\(stream.name) \(record.key)"
        if stream.isWholeList && record.isDeleted {
            guard let line, !(line.isDelete && line.reason == "absent") else { return nil }
            return "\(name) is gone, not in \(line)"
        }
        guard let line else { return "\(name) \(record.updateTime ?? "without a time") is missing" }
        let isRight = line.object == record.json && line.isDelete == record.isDeleted
        return isRight ? nil : "\(name): \(line.object.prefix(400)) for \(record.json.prefix(400))"
    }

    private func isPromised(
        _ record: TrueRecord, _ stream: StreamSpec, _ coverage: Coverage, _ account: SimulatedAccount
    ) -> Bool {
        guard let milliseconds = record.updateMilliseconds else {
            // No window shows it: a whole listing does, or a sweep.
            return stream.isWholeList || (sweptAt[stream.name] != nil && !record.isDeleted)
        }
        let time = Instant(milliseconds: milliseconds)
        // An archive that is only listed now and then vouches for what lay in it before its copy grew old.
        // A whole list is read up to the present, where the company's own lists lag behind.
        let isOldCopy = record.isArchived && !stream.isWholeList
        let age = isOldCopy ? stream.oldestCopySeconds : stream.isWholeList ? replicationLagSeconds : 0
        guard coverage.intervals.contains(where: { $0.since <= time && time + age < $0.until }) else { return false }
        guard record.isDeleted else { return true }
        if stream.isWholeList { return !stream.buriesAtSecondMiss }
        // A deal that was purged before it was ever seen cannot be known.
        return stream.name == "deals" && time + Self.purgeSeconds > Instant(milliseconds: account.nowMilliseconds)
    }

    /// Tombstones of what lives, and what stands as present although a sweep should have missed it.
    mutating func misburied(_ account: SimulatedAccount) -> [String] {
        let tombstones = Dictionary(grouping: warehouse.takeTombstones(), by: \.stream)
        let truth = truth(of: Set(tombstones.keys).union(sweptAt.keys).sorted(), account)
        let moved = Self.movedLeads(account)
        let alive = tombstones.flatMap { stream, lines -> [String] in
            var living = Set((truth[stream] ?? []).filter { !$0.isDeleted }.map(\.key))
            if stream == "leads" { living.formUnion(moved.filter(\.value).keys) }
            return lines.filter { living.contains($0.key) }.map { "\(stream) \($0.key) lives and is buried: \($0)" }
        }
        let standing = sweptAt.sorted { $0.key < $1.key }.flatMap { stream, beganAt -> [String] in
            let latest = warehouse.latest(stream)
            return (truth[stream] ?? []).compactMap { record in
                guard record.isDeleted, let milliseconds = record.updateMilliseconds,
                    Instant(milliseconds: milliseconds) + replicationLagSeconds + 1 < beganAt,
                    let line = latest[record.key], !line.isDelete, stream != "leads" || moved[record.key] == nil
                else { return nil }
                return "\(stream) \(record.key) was gone before the sweep of \(beganAt), and stands as \(line.seq)"
            }
        }
        return shortened(alive + standing)
    }

    /// Leads that became deals, and whether the deal lives.
    private static func movedLeads(_ account: SimulatedAccount) -> [String: Bool] {
        account.rows(.deals).reduce(into: [:]) { moved, deal in
            guard deal.sourceLead != 0, let lead = account.row(.leads, Int(deal.sourceLead)) else { return }
            moved[account.truth(.leads, lead).key] = !deal.isDeleted
        }
    }

    mutating func truth(of streams: [String], _ account: SimulatedAccount) -> [String: [TrueRecord]] {
        streams.reduce(into: [:]) { truth, stream in
            truth[stream] = RecordKind(rawValue: stream).map { texts.truth($0, account) }
        }
    }

    private func shortened(_ complaints: [String]) -> [String] {
        guard complaints.count > Self.mostWords else { return complaints }
        return complaints.prefix(Self.mostWords) + ["and \(complaints.count - Self.mostWords) more"]
    }
}

extension StreamSpec {
    /// How old a copy of one of its lists may be.
    var oldestCopySeconds: Int64 { lists.compactMap(\.timeToLiveSeconds).max() ?? 0 }
}

/// The company's records as text, written anew only where a row has changed: writing them is most of the work of
/// checking a night.
struct TrueTexts: Sendable {
    private var known: [RecordKind: [(row: RecordRow, record: TrueRecord)]] = [:]

    mutating func truth(_ kind: RecordKind, _ account: SimulatedAccount) -> [TrueRecord] {
        var texts = known[kind] ?? []
        for (place, row) in account.rows(kind).enumerated() {
            if place == texts.count {
                texts.append((row, account.truth(kind, row)))
            } else if texts[place].row != row {
                texts[place] = (row, account.truth(kind, row))
            }
        }
        known[kind] = texts
        return texts.map(\.record)
    }
}
