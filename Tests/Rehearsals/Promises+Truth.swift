import Foundation
package import Planning
package import Simulator

extension Promises {
    /// For how long a deleted deal can be seen as deleted.
    private static let purgeSeconds: Int64 = 30 * 86_400

    /// One lost page is hundreds of records; a few of them tell the story.
    private static let mostWords = 3

    /// Records of covered time whose newest line is not, byte for byte, what the server would send now. Deletions
    /// that no list shows are another matter: only a deal's is told by its list.
    mutating func untrue(_ account: SimulatedAccount, covered: [String: Coverage]) -> [String] {
        let truth = covered.keys.reduce(into: [:]) {
            $0[$1] = RecordKind(rawValue: $1).map { texts.truth($0, account) }
        }
        let untrue = covered.sorted { $0.key < $1.key }.flatMap { stream, coverage -> [String] in
            guard let kind = RecordKind(rawValue: stream) else { return ["no kind for \(stream)"] }
            let latest = warehouse.latest(stream)
            let isWhole = !RecordKind.living.contains(kind)
            return (truth[stream] ?? []).compactMap { record -> String? in
                guard isPromised(record, kind, coverage, isWhole, account) else { return nil }
                guard let line = latest[record.key] else {
                    return isWhole && record.isDeleted
                        ? nil : "\(stream) \(record.key) \(record.updateTime ?? "") is missing"
                }
                if isWhole && record.isDeleted {
                    return line.isDelete && line.reason == "absent"
                        ? nil : "\(stream) \(record.key) is gone, not in \(line)"
                }
                let isRight = line.object == record.json && line.isDelete == record.isDeleted
                return isRight
                    ? nil : "\(stream) \(record.key): \(line.object.prefix(400)) for \(record.json.prefix(400))"
            }
        }
        guard untrue.count > Self.mostWords else { return untrue }
        return untrue.prefix(Self.mostWords) + ["and \(untrue.count - Self.mostWords) more"]
    }

    private func isPromised(
        _ record: TrueRecord, _ kind: RecordKind, _ coverage: Coverage, _ isWhole: Bool, _ account: SimulatedAccount
    ) -> Bool {
        guard let milliseconds = record.updateMilliseconds else { return isWhole }
        let time = Instant(milliseconds: milliseconds)
        guard coverage.intervals.contains(where: { $0.contains(time) }) else { return false }
        guard record.isDeleted, !isWhole else { return true }
        // A deal that was purged before it was ever seen cannot be known.
        return kind == .deals && time + Self.purgeSeconds > Instant(milliseconds: account.nowMilliseconds)
    }
}

/// The company's records as text, written anew only where a row has changed: writing them is most of the work of
/// checking a night.
struct TrueTexts {
    private var known: [RecordKind: [(row: RecordRow, record: TrueRecord)]] = [:]

    mutating func truth(_ kind: RecordKind, _ account: SimulatedAccount) -> [TrueRecord] {
        if kind.parent != nil { return account.truth(kind) }
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
