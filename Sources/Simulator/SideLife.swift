/// What happens in the lists beside the seven great ones: drawn day by day for each list alone, so that an account of
/// which nobody ever asks for them need not live them.
struct SideLife: Sendable {
    enum Change: Sendable { case edit, create, delete, archive }

    struct Event: Sendable {
        let milliseconds: Int64
        let change: Change
        var dice: Dice
    }

    /// So many changes here for one in the great lists; the small lists change now and then.
    private static let shares: [RecordKind: Double] = [
        .files: 0.06, .mailThreads: 0.05, .tasks: 0.04, .callLogs: 0.02, .projects: 0.02,
    ]
    private static let smallShare = 0.003

    let options: AccountOptions

    /// The changes of one list after a time and up to another, oldest first.
    func events(_ kind: RecordKind, after start: Int64, until limit: Int64) -> [Event] {
        guard limit > start, !options.life.isFrozen else { return [] }
        let first = Stamp.floored(start, Stamp.dayMilliseconds).quotient
        let last = Stamp.floored(limit, Stamp.dayMilliseconds).quotient
        return (first...last).flatMap { drawn(kind, day: $0) }.filter {
            $0.milliseconds > start && $0.milliseconds <= limit
        }
    }

    private func drawn(_ kind: RecordKind, day: Int64) -> [Event] {
        var dice = Dice(options.seed, 0x7369_6465, kind.number, day)
        let share = SideLife.shares[kind] ?? SideLife.smallShare
        let life = options.life
        var found: [Event] = []
        for (change, rate) in [
            (Change.edit, life.edits), (.create, life.creates), (.delete, life.deletes), (.archive, life.archives),
        ] {
            let expected = rate * share
            let count = Int(expected) + (dice.chance(expected - expected.rounded(.down)) ? 1 : 0)
            for _ in 0..<count {
                let time = day * Stamp.dayMilliseconds + Int64(dice.below(Int(Stamp.dayMilliseconds)))
                found.append(Event(milliseconds: time, change: change, dice: Dice(UInt64(dice.next()))))
            }
        }
        return found.sorted { $0.milliseconds < $1.milliseconds }
    }
}

extension SimulatedAccount {
    /// Makes a list that is asked for the first time, and lives it up to the present.
    mutating func wake(_ kind: RecordKind) {
        guard let caughtUp = sideTimes[kind] ?? (RecordKind.side.contains(kind) ? options.startMilliseconds : nil)
        else { return }
        if tables[kind] == nil { tables[kind] = Population(options: options, writer: writer).sideTable(kind) }
        let limit = nowMilliseconds - options.replicationLagSeconds * Stamp.secondMilliseconds
        for event in SideLife(options: options).events(kind, after: caughtUp, until: limit) {
            var dice = event.dice
            apply(event.change, kind, &dice, event.milliseconds)
        }
        sideTimes[kind] = max(caughtUp, limit)
    }

    mutating func apply(_ change: SideLife.Change, _ kind: RecordKind, _ dice: inout Dice, _ time: Int64) {
        switch change {
        case .edit: if let id = pick(kind, &dice) { edit(kind, id, at: time, dice: &dice) }
        case .create: _ = create(kind, at: time)
        case .delete: if let id = pick(kind, &dice) { delete(kind, id, at: time) }
        case .archive:
            guard kind == .projects || kind == .deals || kind == .leads else { return }
            if let id = pick(kind, &dice) { archive(kind, id, !(row(kind, id)?.isArchived ?? false), at: time) }
        }
    }
}
