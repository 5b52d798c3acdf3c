/// Changes between any two requests, for those who want to see what a walk over a moving list loses.
extension SimulatedAccount {
    /// Strikes the list that is about to be read, or the parents of the children that are.
    mutating func stir(_ match: Endpoint.Match, _ query: ListQuery, _ number: Int) {
        let kind = match.endpoint.kind.parent ?? match.endpoint.kind
        for count in 0..<options.changesPerRequest {
            var dice = Dice(options.seed, 0x7374_6972, Int64(number), Int64(count))
            // Every second time the very parent whose children are read.
            if match.endpoint.kind.parent != nil, dice.chance(0.5) {
                let asked = (match.identifier.flatMap { Int32($0) }.map { [$0] } ?? query.parents)
                if !asked.isEmpty, let row = present(kind, Int(dice.pick(asked))) {
                    touch(kind, Int(row.id), at: nowMilliseconds)
                    continue
                }
            }
            apply(change(kind, &dice), kind, &dice, nowMilliseconds)
        }
    }

    /// Definitions and their like are edited only: what they are is fixed.
    private func change(_ kind: RecordKind, _ dice: inout Dice) -> SideLife.Change {
        guard RecordKind.living.contains(kind) || RecordKind.side.contains(kind) else { return .edit }
        return switch dice.below(10) {
        case 0...5: .edit
        case 6...7: .create
        case 8: .delete
        default: .archive
        }
    }
}
