import Foundation
package import Planning
package import Simulator

extension Promises {
    /// Parents of covered time whose children stand otherwise in the files than the server would list them now. What
    /// hangs on a record in this company changes with it and only then, except for relationships, which two records
    /// have.
    mutating func untrueChildren(_ account: SimulatedAccount, covered: [String: Coverage]) -> [String] {
        let parents = truth(of: covered.keys.compactMap { RecordKind(rawValue: $0)?.parent?.rawValue }, account)
        return covered.sorted { $0.key < $1.key }.flatMap { stream, coverage -> [String] in
            guard let kind = RecordKind(rawValue: stream), let parentKind = kind.parent,
                kind != .organizationRelationships
            else { return [] }
            let isHistory = Catalogue.stream(named: stream)?.isHistory ?? false
            let kept = Dictionary(grouping: warehouse.latest(stream).values.filter { !$0.isDelete }) { $0.parent ?? "" }
            return (parents[parentKind.rawValue] ?? []).compactMap { parent -> String? in
                // A deal that was purged before anybody looked stands as living here until a sweep misses it.
                let isKnownToBeGone = warehouse.latest(parentKind.rawValue)[parent.key]?.isDelete == true
                guard isPromised(parent, parentKind, coverage, account), !parent.isDeleted || isKnownToBeGone
                else { return nil }
                let wanted = Set(account.children(kind, of: parent.id).map(\.json))
                let found = Set((kept[parent.key] ?? []).map(\.object))
                let isRight = isHistory ? wanted.isSubset(of: found) : wanted == found
                guard !isRight else { return nil }
                return "\(stream) of \(parent.key): \(found.count) in place of \(wanted.count), "
                    + "\(wanted.subtracting(found).first ?? found.subtracting(wanted).first ?? "?")"
            }
        }
    }

    private func isPromised(
        _ parent: TrueRecord, _ kind: RecordKind, _ coverage: Coverage, _ account: SimulatedAccount
    ) -> Bool {
        // Only a deal's deletion is told by a list, and of a deal that was purged unseen nothing is known.
        guard !parent.isDeleted || kind == .deals else { return false }
        // Without a time it is found by a sweep, if at all; when its children are read then, no coverage says.
        guard let milliseconds = parent.updateMilliseconds else {
            return !parent.isDeleted && Catalogue.stream(named: kind.rawValue)?.isWholeList == true
        }
        return coverage.intervals.contains { $0.contains(Instant(milliseconds: milliseconds)) }
    }
}
