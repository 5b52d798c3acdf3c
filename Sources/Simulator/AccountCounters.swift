/// One request as Pipedrive's own books have it.
package struct RequestRecord: Sendable, Hashable {
    package let milliseconds: Int64
    package let method: String
    package let path: String
    /// The path with `{id}` in place of an id.
    package let template: String
    package let query: String
    package let status: Int
    /// What was charged; zero for refused requests.
    package let tokens: Int
    /// The UTC date on which the budget day began.
    package let budgetDay: String
}

/// What was asked and charged since the account began.
package struct AccountCounters: Sendable, Hashable {
    package private(set) var requests = 0
    package private(set) var tokensByDay: [String: Int] = [:]
    package private(set) var requestsByPath: [String: Int] = [:]
    package private(set) var requestsByStatus: [Int: Int] = [:]
    /// Answers that were other than they should be, by what was wrong with them.
    package private(set) var faults: [Misbehaviour.Kind: Int] = [:]
    /// What the OAuth server answered; it belongs to no company, so none of it is counted above.
    package private(set) var oauth: [OAuthDesk.Outcome: Int] = [:]
    /// Every request in its order; empty when the options say so.
    package private(set) var log: [RequestRecord] = []

    package var tokens: Int { tokensByDay.values.reduce(0, +) }

    mutating func add(_ outcome: OAuthDesk.Outcome) { oauth[outcome, default: 0] += 1 }

    mutating func add(_ kinds: some Sequence<Misbehaviour.Kind>) {
        for kind in kinds { faults[kind, default: 0] += 1 }
    }

    mutating func add(_ record: RequestRecord, keepingLog: Bool) {
        requests += 1
        if record.tokens > 0 { tokensByDay[record.budgetDay, default: 0] += record.tokens }
        requestsByPath[record.template, default: 0] += 1
        requestsByStatus[record.status, default: 0] += 1
        if keepingLog { log.append(record) }
    }
}
