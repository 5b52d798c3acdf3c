import GRDB
package import Planning

/// Tokens promised to one request before it leaves.
package struct Reservation: Hashable, Sendable {
    /// A stream, or `account` for a request of no stream.
    package var stream: String
    package var tokens: Int

    package init(stream: String, tokens: Int) {
        self.stream = stream
        self.tokens = tokens
    }
}

/// Something not to be asked for before a time.
package struct Mark: Hashable, Sendable {
    package var until: Instant
    /// The address that answered so; another address is another matter.
    package var baseURL: String
    /// Who was answered so (`Credentials.name`); nil where that does not matter.
    package var access: String?
    package var detail: String

    package init(until: Instant, baseURL: String, access: String? = nil, detail: String) {
        self.until = until
        self.baseURL = baseURL
        self.access = access
        self.detail = detail
    }
}

extension Index {
    /// Books the reservations. When this returns they are on the disk.
    /// - Parameter serverNow: the server's time, as far as it is known.
    func reserve(_ reservations: [Reservation], run: String?, allowance: Allowance, at serverNow: Instant) throws {
        try write { db in
            try Self.remember(reservations.reduce(0) { $0 + $1.tokens }, spentAt: serverNow, in: db)
            for reservation in reservations {
                try db.executeCached(
                    sql: """
                        INSERT INTO spend(day, run, stream, requests, tokens) VALUES (?, ?, ?, 1, ?)
                        ON CONFLICT(day, run, stream)
                        DO UPDATE SET requests = requests + 1, tokens = tokens + excluded.tokens
                        """,
                    arguments: [allowance.day, run ?? "", reservation.stream, reservation.tokens])
            }
            try Self.save(allowance, in: db)
        }
    }

    /// What the server has told of the company's budget.
    static func save(_ allowance: Allowance, in db: Database) throws {
        let company = allowance.company
        try db.executeCached(
            sql: """
                REPLACE INTO company_budget(day, lowest_remaining, reserved_since, token_limit, exhausted)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                allowance.day, company.lowestRemaining, company.reservedSince, company.limit, company.isExhausted,
            ])
    }

    /// What counts at a moment.
    /// - Parameter serverNow: the same moment by the server's clock, as far as that is known.
    package func ledger(_ calendar: BudgetCalendar, at now: Instant, byServer serverNow: Instant? = nil) throws
        -> DayLedger
    {
        let (watch, serverNow) = (try resetWatch(), serverNow ?? now)
        let seen = watch.seen(calendar)
        var ledger = try ledger(
            of: calendar.day(of: serverNow), countingFrom: seen?.countsFrom(at: serverNow), at: now)
        // What the job file's day was told before the company's own day began says nothing of this one.
        if let beginning = seen?.began(at: serverNow), let last = watch.counts.last, last.at < beginning {
            ledger.company.forget(before: beginning)
        }
        return ledger
    }

    /// - Parameter since: when the day began that may be the company's in place of this one.
    func ledger(of day: String, countingFrom since: Instant? = nil, at now: Instant) throws -> DayLedger {
        let next = try following(day)
        let elsewhere = max(try spent(day: next), try since.map { try spent(since: $0, until: now + 86_400) } ?? 0)
        return DayLedger(
            spent: try spent(day: day), spentElsewhere: elsewhere, spentByStream: try spentByStream(day: day),
            company: try company(day: day, next: next, at: now))
    }

    private func following(_ day: String) throws -> String {
        try read { try String.fetchOne($0.cachedStatement(sql: "SELECT date(?, '+1 day')"), arguments: [day]) } ?? day
    }

    /// Tokens reserved in a budget day by all runs, and what else counts as spent.
    package func spent(day: String) throws -> Int {
        let reserved = try read { db in
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT coalesce(sum(tokens), 0) FROM spend WHERE day = ?"), arguments: [day])
                ?? 0
        }
        return reserved + (try presumedSpent(day: day))
    }

    /// What the server has told of the day, and whether a day that it called used up is still going on. That is kept
    /// by its end and not by its name: jobs of one account need not agree when a day begins.
    private func company(day: String, next: String, at now: Instant) throws -> Allowance.Company {
        let later = try told(day: next)
        var company = later.lowestRemaining == nil && !later.isExhausted ? try told(day: day) : later
        if try exhausted(at: now) != nil { company.isExhausted = true }
        return company
    }

    /// No mark is set for longer, not even on the day that the clocks are put back: what ends later was set by a clock
    /// that was wrong, and would outlast its reason.
    private static let longestMarkSeconds: Int64 = 26 * 3600

    /// The company's tokens are used up: nothing is asked for before `until`, by this machine's clock.
    func exhaustDay(until: Instant, allowance: Allowance) throws {
        try write { db in
            try db.executeCached(
                sql: "REPLACE INTO marks(name, until, base_url, detail) VALUES (?, ?, '', '')",
                arguments: [Self.exhaustedName, until.seconds])
            try Self.save(allowance, in: db)
        }
    }

    private static let exhaustedName = "day-exhausted"

    /// When a day ends that was called used up, by this machine's clock; nil where there is none.
    func exhausted(at now: Instant) throws -> Instant? {
        let sql = "SELECT until FROM marks WHERE name = ? AND until > ? AND until <= ?"
        let arguments: StatementArguments = [Self.exhaustedName, now.seconds, now.seconds + Self.longestMarkSeconds]
        return try read { db in try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) }.map {
            Instant(seconds: $0)
        }
    }

    /// Where a day counts as used up: when that ends, by this machine's clock.
    package func endOfUsedUpDay(_ calendar: BudgetCalendar, at now: Instant) throws -> Instant {
        try exhausted(at: now) ?? calendar.lastReset(after: now, try resetWatch().seen(calendar))
    }

    private func told(day: String) throws -> Allowance.Company {
        try read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM company_budget WHERE day = ?"), arguments: [day])
            guard let row else { return Allowance.Company() }
            return Allowance.Company(
                lowestRemaining: row["lowest_remaining"], reservedSince: row["reserved_since"],
                limit: row["token_limit"], isExhausted: row["exhausted"])
        }
    }

    func setMark(_ name: String, _ mark: Mark) throws {
        try write { db in
            try db.executeCached(
                sql: "REPLACE INTO marks(name, until, base_url, detail) VALUES (?, ?, ?, ?)",
                arguments: [name, mark.until.seconds, mark.baseURL, mark.detail])
            try db.executeCached(sql: "DELETE FROM mark_access WHERE name = ?", arguments: [name])
            guard let access = mark.access else { return }
            try db.executeCached(sql: "INSERT INTO mark_access(name, access) VALUES (?, ?)", arguments: [name, access])
        }
    }

    /// The marks that are still in force for this address, by name.
    /// - Parameter access: who would ask now; what others were answered is left out. Nil for all.
    package func marks(at now: Instant, baseURL: String, access: String? = nil) throws -> [String: Mark] {
        let sql = """
            SELECT marks.*, access FROM marks LEFT JOIN mark_access USING (name)
            WHERE until > ?1 AND until <= ?2 AND base_url = ?3
              AND (?4 IS NULL OR access IS NULL OR access = ?4)
            """
        let arguments: StatementArguments = [
            now.seconds, now.seconds + Self.longestMarkSeconds, baseURL, access,
        ]
        return try read { db in
            let marks = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map { row in
                (
                    row["name"] as String,
                    Mark(
                        until: Instant(seconds: row["until"]), baseURL: row["base_url"], access: row["access"],
                        detail: row["detail"])
                )
            }
            return Dictionary(uniqueKeysWithValues: marks)
        }
    }
}
