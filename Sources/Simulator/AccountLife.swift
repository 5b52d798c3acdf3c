/// The account's own people at work: what the schedule says is done to records.
extension SimulatedAccount {
    private static let tries = 16

    /// Applies one event after another; each carries its own dice, so none depends on how many came before.
    mutating func live(until limit: Int64) {
        for event in life.take(until: limit) {
            var dice = event.dice
            apply(event.change, &dice, event.milliseconds)
        }
    }

    private mutating func apply(_ change: LifeSchedule.Change, _ dice: inout Dice, _ time: Int64) {
        let kind = LifeSchedule.pickKind(&dice)
        switch change {
        case .edit: if let id = pick(kind, &dice) { edit(kind, id, at: time, dice: &dice) }
        case .create: _ = create(kind, at: time)
        case .delete: if let id = pick(kind, &dice) { delete(kind, id, at: time) }
        case .archive, .unarchive:
            let kind: RecordKind = dice.chance(0.8) ? .deals : .leads
            let wanted = change == .unarchive
            if let id = pick(kind, &dice, where: { $0.isArchived == wanted }) { archive(kind, id, !wanted, at: time) }
        case .merge:
            let kind = dice.pick([RecordKind.deals, .persons, .organizations])
            if let loser = pick(kind, &dice), let winner = pick(kind, &dice), loser != winner {
                merge(kind, loser, into: winner, at: time)
            }
        case .bulkEdit: bulkEdit(dice.pick([.deals, .persons, .activities]), &dice, at: time)
        case .listBulkEdit:
            bulkEdit(dice.pick([.notes, .leads]), &dice, at: time)
        case .convert: if let id = pick(.leads, &dice, where: { !$0.isArchived }) { _ = convert(id, at: time) }
        case .changeFields: changeFields(&dice, at: time)
        }
    }

    /// Thousands of records in one same second.
    private mutating func bulkEdit(_ kind: RecordKind, _ dice: inout Dice, at time: Int64) {
        guard let rows = tables[kind]?.rows, !rows.isEmpty else { return }
        let first = dice.below(rows.count)
        for offset in 0..<min(options.life.bulkEditRecords, rows.count) {
            let row = rows[(first + offset) % rows.count]
            if !row.isDeleted { touch(kind, Int(row.id), at: time) }
        }
    }

    /// Gives up after some tries: in an account where nearly everything is deleted nothing happens.
    func pick(_ kind: RecordKind, _ dice: inout Dice, where isFit: (RecordRow) -> Bool = { _ in true }) -> Int? {
        guard let rows = tables[kind]?.rows, !rows.isEmpty else { return nil }
        for _ in 0..<SimulatedAccount.tries {
            let row = rows[dice.below(rows.count)]
            if !row.isDeleted, isFit(row) { return Int(row.id) }
        }
        return nil
    }
}

// MARK: The changes themselves

extension SimulatedAccount {
    /// Every change of a record is this: a new revision, hence other text, under a new update time.
    mutating func touch(_ kind: RecordKind, _ id: Int, at time: Int64, _ more: (inout RecordRow) -> Void = { _ in }) {
        guard let before = row(kind, id) else { return }
        tables[kind]?.change(id) { row in
            row.revision += 1
            row.updateMilliseconds = max(kind.rounded(time), row.addMilliseconds)
            more(&row)
        }
        if let after = row(kind, id) { history.add(kind, before: before, after: after) }
    }

    mutating func edit(_ kind: RecordKind, _ id: Int, at time: Int64, dice: inout Dice) {
        let isClosing = (kind == .deals || kind == .projects) && dice.chance(0.2)
        let isWon = dice.chance(0.5)
        touch(kind, id, at: time) { row in
            guard isClosing else { return }
            row.status = row.status != .open ? .open : isWon ? .won : .lost
            row.closedMilliseconds = row.status == .open ? 0 : kind.rounded(time)
        }
    }

    mutating func create(_ kind: RecordKind, at time: Int64) -> Int {
        let id = (tables[kind]?.rows.count ?? 0) + 1
        let added = kind.rounded(time)
        tables[kind]?.append(RecordRow(id: Int32(id), addMilliseconds: added, updateMilliseconds: added))
        return id
    }

    /// The update time of a deleted record is the time of its deletion.
    mutating func delete(_ kind: RecordKind, _ id: Int, at time: Int64) {
        touch(kind, id, at: time) { $0.isDeleted = true }
    }

    /// Archiving bumps the update time: undocumented, and the reading under which the deal shows up in the window of
    /// the other list at once.
    mutating func archive(_ kind: RecordKind, _ id: Int, _ isArchived: Bool, at time: Int64) {
        touch(kind, id, at: time) { $0.archivedMilliseconds = isArchived ? kind.rounded(time) : 0 }
    }

    /// The lead is gone without a trace; the deal that was made of it names it. Gives the deal's id.
    mutating func convert(_ lead: Int, at time: Int64) -> Int {
        delete(.leads, lead, at: time)
        let deal = create(.deals, at: time)
        tables[.deals]?.change(deal) { $0.sourceLead = Int32(lead) }
        return deal
    }

    /// No marker anywhere: the loser is deleted, the winner edited.
    mutating func merge(_ kind: RecordKind, _ loser: Int, into winner: Int, at time: Int64) {
        delete(kind, loser, at: time)
        touch(kind, winner, at: time)
    }
}
