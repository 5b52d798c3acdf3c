package import Planning

/// What may be asked of an open vault outside any run: the books of the allowance, and what is covered.
package struct FrontDesk {
    let index: Index
    let now: Instant

    package func ledger(_ calendar: BudgetCalendar) throws -> DayLedger { try index.ledger(calendar, at: now) }

    package func marks(baseURL: String) throws -> [String: Mark] { try index.marks(at: now, baseURL: baseURL) }

    package func setMark(_ name: String, _ mark: Mark) throws { try index.setMark(name, mark) }

    package func listCoverage() throws -> [String: Coverage] { try index.listCoverage() }

    package func exhaustDay(until: Instant, allowance: Allowance) throws {
        try index.exhaustDay(until: until, allowance: allowance)
    }

    package func endOfUsedUpDay(_ calendar: BudgetCalendar) throws -> Instant {
        try index.endOfUsedUpDay(calendar, at: now)
    }

    /// Books a request of no stream.
    package func reserve(_ tokens: Int, allowance: Allowance) throws {
        let reservation = Reservation(stream: "account", tokens: tokens)
        try index.reserve([reservation], run: nil, allowance: allowance, at: now)
    }
}

extension Vault {
    package var frontDesk: FrontDesk { FrontDesk(index: index, now: now) }
}
