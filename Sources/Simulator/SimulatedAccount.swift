/// A company's Pipedrive account: its records, its tokens and its clock. A value: a copy is a second account that
/// goes its own way from here on.
package struct SimulatedAccount: Sendable {
    package internal(set) var options: AccountOptions
    /// The account's own clock; it never runs backwards, whatever the caller's does.
    package private(set) var nowMilliseconds: Int64
    /// Pipedrive's own count of what it was asked.
    package private(set) var counters = AccountCounters()

    var writer: RecordWriter
    var tables: [RecordKind: RecordTable]
    var life: LifeSchedule
    var history = EditHistory()
    /// How far each of the lists beside the great ones has been lived.
    var sideTimes: [RecordKind: Int64] = [:]
    var desk = OAuthDesk()
    private var keeper: Doorkeeper

    package init(options: AccountOptions = AccountOptions()) {
        self.options = options
        nowMilliseconds = options.startMilliseconds
        writer = RecordWriter(options: options)
        tables = Population(options: options, writer: writer).tables()
        life = LifeSchedule(options: options)
        keeper = Doorkeeper(options: options)
    }

    /// Moves the clock: everything that was to happen until then has happened afterwards, in its order. How a span is
    /// cut into calls makes no difference.
    package mutating func advance(to callerMilliseconds: Int64) {
        nowMilliseconds = max(nowMilliseconds, callerMilliseconds + options.clockAheadMilliseconds)
        live(until: nowMilliseconds - options.replicationLagSeconds * Stamp.secondMilliseconds)
        keeper.turn(to: nowMilliseconds)
    }

    /// The answer to a request that arrives at this time of the caller's clock.
    package mutating func answer(_ request: SimulatedRequest, atMilliseconds: Int64) -> SimulatedResponse {
        advance(to: atMilliseconds)
        if request.path.hasPrefix(OAuthDesk.prefix) { return oauthAnswer(request) }
        let number = counters.requests + 1
        let faults = options.misbehaviours.filter {
            $0.strikes(request: number, path: request.path, seed: options.seed)
        }
        let kinds = Set(faults.map(\.kind))
        var tokens = 0
        var response = admitted(request, kinds, number, &tokens)
        if kinds.contains(.slow) {
            response.latencyMilliseconds += faults.map { $0.kind == .slow ? $0.slowMilliseconds : 0 }.max() ?? 0
        }
        response.latencyMilliseconds += latency(number)
        addHeaders(&response, kinds, number)
        count(request, response, tokens)
        counters.add(kinds.filter { $0.isMet(by: request, response, tokens) })
        return response
    }

    /// Tokens left of the company's day, as its dashboard would show them.
    package var remainingTokens: Int { keeper.remainingTokens(nowMilliseconds) }

    package var isBlocked: Bool { keeper.isBlocked(nowMilliseconds) }

    package var budgetDay: String { keeper.budgetDayName(nowMilliseconds) }

    /// Another integration uses up what is left of the day's tokens.
    package mutating func drainBudget() { keeper.drain(nowMilliseconds) }

    /// Another integration uses so many of the day's tokens, as far as there are any.
    package mutating func othersSpend(_ tokens: Int) { keeper.drain(tokens, nowMilliseconds) }
}

// MARK: From the door to the data

extension SimulatedAccount {
    /// The order of the doors: Cloudflare, the token, the limits, the path, and only then the parameters. Misbehaviour
    /// that damages data comes last, since it strikes answers that were paid for.
    private mutating func admitted(
        _ request: SimulatedRequest, _ faults: Set<Misbehaviour.Kind>, _ number: Int, _ tokens: inout Int
    ) -> SimulatedResponse {
        if faults.contains(.forbiddenPage) { keeper.block(nowMilliseconds) }
        if keeper.isBlocked(nowMilliseconds) { return Refusal.cloudflare() }
        if faults.contains(.unauthorized) { return Refusal.unauthorized() }
        let isByToken = request.header("x-api-token") == options.token
        guard isByToken || desk.admits(request.header("authorization"), nowMilliseconds) else {
            return Refusal.unauthorized()
        }
        let match = Endpoint.find(request.path)
        let price = match?.endpoint.priceTokens ?? 0
        if faults.contains(.dailyExhausted) { keeper.drain(nowMilliseconds) }
        var verdict: Doorkeeper.Verdict
        if faults.contains(.burstExceeded) {
            verdict = keeper.refuse(.burst, nowMilliseconds)
        } else {
            verdict = keeper.admit(price, nowMilliseconds)
        }
        switch verdict {
        case .admitted: break
        case .blocked: return Refusal.cloudflare()
        case .burst: return overLimit(isDaily: false)
        case .exhausted: return overLimit(isDaily: true)
        }
        tokens = price
        guard let match, request.method == "GET" else { return Refusal.notFound() }
        if let failure = Faults.instead(faults) { return failure }
        if !isByToken, !options.app.mayRead(match.endpoint) { return Refusal.forbidden() }
        if let refused = options.unavailable.first(where: { $0.concerns(match.endpoint) }) { return refused.refusal }
        var response = listed(request, match, faults, number)
        for change in options.apiChanges where change.concerns(match.endpoint) {
            response = change.redressed(response, nowMilliseconds: nowMilliseconds)
        }
        return Faults.spoiled(response, faults)
    }

    /// A request that was let in and charged: 400 or a page.
    private mutating func listed(
        _ request: SimulatedRequest, _ match: Endpoint.Match, _ faults: Set<Misbehaviour.Kind>, _ number: Int
    ) -> SimulatedResponse {
        guard let parameters = request.parameters() else { return Refusal.invalid("query: not percent-encoded") }
        do throws(ListQuery.Complaint) {
            let query = try ListQuery(match.endpoint, parameters)
            if query.cursor != nil, faults.contains(.expiredCursor) { return Refusal.invalid("cursor: Invalid cursor") }
            return try page(match, query, faults, number)
        } catch {
            return Refusal.invalid(error.text)
        }
    }

    /// The OAuth server has neither a budget nor the company's misbehaviour.
    private mutating func oauthAnswer(_ request: SimulatedRequest) -> SimulatedResponse {
        let company = request.header("host").map { "http://\($0)" } ?? "https://\(options.companyDomain).pipedrive.com"
        var (response, outcome) = desk.answer(
            request, options.app, company: company, seed: options.seed, nowMilliseconds)
        response.headers.append(("date", Stamp.header(nowMilliseconds)))
        response.latencyMilliseconds = options.latencyMilliseconds
        counters.add(outcome)
        return response
    }

    /// A daily 429 carries a `Retry-After` that helps nobody: seen live.
    private func overLimit(isDaily: Bool) -> SimulatedResponse {
        var response = Refusal.overLimit()
        if isDaily {
            response.headers.append(("retry-after", "3"))
            response.headers.append((AccountHeaders.dailyRemaining, "0"))
        } else {
            response.headers.append((AccountHeaders.burstRemaining, "0"))
            if options.sendsRetryAfterOnBurst { response.headers.append(("retry-after", "2")) }
        }
        return response
    }

    /// Hangs on the request's number, so that no run of the same test is slower than another.
    private func latency(_ number: Int) -> Int64 {
        var dice = Dice(options.seed, 0x6C61_7465, Int64(number))
        return options.latencyMilliseconds + Int64(dice.below(Int(options.latencyJitterMilliseconds) + 1))
    }

    private func addHeaders(_ response: inout SimulatedResponse, _ faults: Set<Misbehaviour.Kind>, _ number: Int) {
        AccountHeaders(options: options, keeper: keeper, nowMilliseconds: nowMilliseconds, number: number)
            .add(to: &response, without: faults)
    }

    private mutating func count(_ request: SimulatedRequest, _ response: SimulatedResponse, _ tokens: Int) {
        let record = RequestRecord(
            milliseconds: nowMilliseconds, method: request.method, path: request.path,
            template: Endpoint.template(request.path), query: request.query,
            status: response.status, tokens: tokens, budgetDay: keeper.budgetDayName(nowMilliseconds))
        counters.add(record, keepingLog: options.keepsRequestLog)
    }
}
