/// The documented and the undocumented headers of every answer.
struct AccountHeaders {
    static let burstRemaining = "x-ratelimit-remaining"
    static let dailyRemaining = "x-daily-ratelimit-token-remaining"

    let options: AccountOptions
    let keeper: Doorkeeper
    let nowMilliseconds: Int64
    let number: Int

    func add(to response: inout SimulatedResponse, without faults: Set<Misbehaviour.Kind>) {
        let shown = nowMilliseconds + options.dateSkewSeconds * Stamp.secondMilliseconds
        add("date", Stamp.header(shown), to: &response)
        if response.status >= 500, let seconds = options.retryAfterSeconds {
            add("retry-after", String(seconds), to: &response)
        }
        // Neither Cloudflare nor the gateway that checks the token knows of limits.
        let isLimited = response.status != 401 && !(response.status == 403 && keeper.isBlocked(nowMilliseconds))
        var dice = Dice(options.seed, 0x636F_7272, Int64(number))
        if !keeper.isBlocked(nowMilliseconds) { add("x-correlation-id", dice.uuid(), to: &response) }
        let isSilent = faults.contains(.missingAllLimitHeaders) || !isLimited
        if options.sendsBurstHeaders, !isSilent {
            add("x-ratelimit-limit", String(options.burstRequests), to: &response)
            add(AccountHeaders.burstRemaining, String(keeper.remainingRequests), to: &response)
            // Relative seconds, not an epoch.
            add("x-ratelimit-reset", "2", to: &response)
            add("x-daily-requests-left", "9999", to: &response)
        } else {
            response.headers.removeAll { $0.name == AccountHeaders.burstRemaining }
        }
        if options.sendsDailyHeaders, !isSilent, !faults.contains(.missingDailyHeaders) {
            add("x-daily-ratelimit-token-limit", String(options.dailyBudgetTokens), to: &response)
            add(AccountHeaders.dailyRemaining, String(keeper.remainingTokens(nowMilliseconds)), to: &response)
        } else {
            response.headers.removeAll { $0.name == AccountHeaders.dailyRemaining }
        }
    }

    /// What a refusal has already said stands.
    private func add(_ name: String, _ value: String, to response: inout SimulatedResponse) {
        if response.header(name) == nil { response.headers.append((name, value)) }
    }
}
