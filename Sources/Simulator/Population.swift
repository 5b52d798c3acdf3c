/// The account on its first day: who was added when, edited when, closed, archived, deleted.
struct Population {
    private static let historyDays: Int64 = 3 * 365
    /// When somebody edited the first records of every list at once.
    private static let clusterAgeDays: Int64 = 400
    /// Long enough that some deletions are already purged.
    private static let deletionSpreadDays: Int64 = 60

    private static let handful = 20

    let options: AccountOptions
    let writer: RecordWriter

    func tables() -> [RecordKind: RecordTable] {
        var tables: [RecordKind: RecordTable] = [:]
        let later = Set(RecordKind.side + RecordKind.children)
        for kind in RecordKind.allCases where !later.contains(kind) {
            let rows = RecordKind.living.contains(kind) ? livingRows(kind) : fixedRows(kind)
            tables[kind] = RecordTable(rows: rows)
        }
        return tables
    }

    /// A list beside the great ones, as on the first day.
    func sideTable(_ kind: RecordKind) -> RecordTable {
        var rows = livingRows(kind)
        // Boards, roles and their like: nothing of them is deleted yet.
        if rows.count < Population.handful { for index in rows.indices { rows[index].isDeleted = false } }
        return RecordTable(rows: rows)
    }

    /// Ids follow add times, as they do in an account that was never migrated.
    private func livingRows(_ kind: RecordKind) -> [RecordRow] {
        let count = options.size[kind]
        let end = Stamp.floorToSecond(options.startMilliseconds)
        let spacing = Population.historyDays * Stamp.dayMilliseconds / Int64(max(count, 1))
        let clusterEnd = min(options.size.cluster, count / 2)
        let clusterTime = end - Population.clusterAgeDays * Stamp.dayMilliseconds + 551
        return (0..<count).map { index in
            var dice = Dice(options.seed, 0x706F_7075, kind.number, Int64(index))
            let step = end - spacing * Int64(count - index) + Int64(dice.below(Int(max(spacing * 9 / 10, 1))))
            let added = kind.rounded(min(step, end - 2000))
            var row = RecordRow(id: Int32(index + 1), addMilliseconds: added, updateMilliseconds: added)
            if index < clusterEnd {
                row.updateMilliseconds = kind.rounded(max(clusterTime, added))
                row.revision = 1
            } else if dice.chance(0.7) {
                row.updateMilliseconds = kind.rounded(added + Int64(dice.fraction() * Double(end - 1000 - added)))
                row.revision = 1 + Int32(dice.below(3))
            }
            settle(&row, kind, end, &dice)
            if hasNoTime(row, kind) { row.updateMilliseconds = RecordRow.noTime }
            return row
        }
    }

    /// What became of the record since: won or lost, archived, deleted. Of the deletions some are older than the thirty
    /// days for which a deal can still be seen.
    private func settle(_ row: inout RecordRow, _ kind: RecordKind, _ end: Int64, _ dice: inout Dice) {
        if kind == .deals || kind == .projects, dice.chance(0.55) {
            row.status = dice.chance(0.45) ? .won : .lost
            row.closedMilliseconds = row.updateMilliseconds
        }
        if kind == .deals || kind == .leads || kind == .projects, dice.chance(0.1) {
            row.archivedMilliseconds = row.updateMilliseconds
        }
        if dice.chance(0.02) {
            let age = Int64(dice.fraction() * Double(Population.deletionSpreadDays * Stamp.dayMilliseconds))
            row.isDeleted = true
            row.updateMilliseconds = kind.rounded(max(row.updateMilliseconds, end - 1000 - age))
        }
    }

    private func hasNoTime(_ row: RecordRow, _ kind: RecordKind) -> Bool {
        guard options.nullTimeShare > 0, !row.isDeleted, RecordKind.living.contains(kind) else { return false }
        var dice = Dice(options.seed, 0x6E6F_7469, kind.number, Int64(row.id))
        return dice.chance(options.nullTimeShare)
    }

    /// The small lists have as many rows as they have definitions, and all are old.
    private func fixedRows(_ kind: RecordKind) -> [RecordRow] {
        let first = options.startMilliseconds - Population.historyDays * Stamp.dayMilliseconds
        let added = Stamp.floorToSecond(first)
        return (0..<writer.fixedCount(kind)).map { index in
            // The guide shows stages whose update time is null: they match no `updated_since`.
            let hasNoTime = kind == .stages && index % 4 == 2
            let updated = hasNoTime ? RecordRow.noTime : added + Int64(index) * Stamp.hourMilliseconds
            return RecordRow(id: Int32(index + 1), addMilliseconds: added, updateMilliseconds: updated)
        }
    }
}
