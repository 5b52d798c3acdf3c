/// What happens in the account, drawn hour by hour from the seed, so that a night looked at once and a night looked
/// at every second are the same night.
struct LifeSchedule: Sendable {
    enum Change: Int, Sendable, CaseIterable {
        case edit, create, delete, archive, unarchive, merge, bulkEdit, listBulkEdit, convert, changeFields
    }

    struct Event: Sendable {
        let milliseconds: Int64
        let change: Change
        var dice: Dice
    }

    /// Which lists people work in, out of a hundred.
    private static let shares: [(kind: RecordKind, percent: Int)] = [
        (.deals, 38), (.activities, 24), (.persons, 15), (.organizations, 8), (.notes, 8), (.leads, 5), (.products, 2),
    ]

    private let options: AccountOptions
    /// Hours since 1970; everything before it has been drawn.
    private var nextHour: Int64
    private var events: [Event] = []

    init(options: AccountOptions) {
        self.options = options
        nextHour = Stamp.floored(options.startMilliseconds, Stamp.hourMilliseconds).quotient
    }

    /// Takes everything up to a time, oldest first.
    mutating func take(until limit: Int64) -> [Event] {
        guard !options.life.isFrozen else { return [] }
        while nextHour * Stamp.hourMilliseconds <= limit {
            events += drawn(nextHour)
            nextHour += 1
        }
        let due = events.prefix { $0.milliseconds <= limit }
        events.removeFirst(due.count)
        return Array(due)
    }

    static func pickKind(_ dice: inout Dice) -> RecordKind {
        var throwOfHundred = dice.below(100)
        for share in shares {
            if throwOfHundred < share.percent { return share.kind }
            throwOfHundred -= share.percent
        }
        return .deals
    }

    /// The events of one hour. Each change has dice of its own, so that turning up one rate does not shift the others.
    private func drawn(_ hour: Int64) -> [Event] {
        var found: [Event] = []
        for change in Change.allCases {
            var dice = Dice(options.seed, 0x6C69_6665, hour, Int64(change.rawValue))
            let expected = rate(change) / 24
            let count = Int(expected) + (dice.chance(expected - expected.rounded(.down)) ? 1 : 0)
            for _ in 0..<count {
                let time = hour * Stamp.hourMilliseconds + Int64(dice.below(Int(Stamp.hourMilliseconds)))
                let seed = dice.next()
                if time > options.startMilliseconds {
                    found.append(Event(milliseconds: time, change: change, dice: Dice(seed)))
                }
            }
        }
        return found.sorted { ($0.milliseconds, $0.change.rawValue) < ($1.milliseconds, $1.change.rawValue) }
    }

    private func rate(_ change: Change) -> Double {
        switch change {
        case .edit: options.life.edits
        case .create: options.life.creates
        case .delete: options.life.deletes
        case .archive: options.life.archives
        case .unarchive: options.life.unarchives
        case .merge: options.life.merges
        case .bulkEdit: options.life.bulkEdits
        case .listBulkEdit: options.life.listBulkEdits
        case .convert: options.life.conversions
        case .changeFields: options.life.fieldChanges
        }
    }
}
