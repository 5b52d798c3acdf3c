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
    package static func untrue(_ warehouse: PulledLake, _ account: SimulatedAccount, covered: [String: Coverage])
        -> [String]
    {
        let untrue = covered.sorted { $0.key < $1.key }.flatMap { stream, coverage -> [String] in
            guard let kind = RecordKind(rawValue: stream) else { return ["no kind for \(stream)"] }
            let latest = warehouse.latest(stream)
            let isWhole = !RecordKind.living.contains(kind)
            return account.truth(kind).compactMap { record -> String? in
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
        return untrue.count <= mostWords ? untrue : untrue.prefix(mostWords) + ["and \(untrue.count - mostWords) more"]
    }

    private static func isPromised(
        _ record: TrueRecord, _ kind: RecordKind, _ coverage: Coverage, _ isWhole: Bool, _ account: SimulatedAccount
    ) -> Bool {
        guard let milliseconds = record.updateMilliseconds else { return isWhole }
        let time = Instant(milliseconds: milliseconds)
        guard coverage.intervals.contains(where: { $0.contains(time) }) else { return false }
        guard record.isDeleted, !isWhole else { return true }
        // A deal that was purged before it was ever seen cannot be known.
        return kind == .deals && time + purgeSeconds > Instant(milliseconds: account.nowMilliseconds)
    }
}
