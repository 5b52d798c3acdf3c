/// Outside the API: moves the clock of a running simulator and shows Pipedrive's own count.
struct ControlDoor: Sendable {
    static let prefix = "/simulator/"

    let transport: SimulatorTransport
    let clock: MovableClock

    func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        switch (request.method, request.path.dropFirst(ControlDoor.prefix.count)) {
        case ("POST", "advance"): advance(request)
        case ("GET", "clock"): clockAnswer()
        case ("GET", "stats"): transport.withAccount { stats($0) }
        default: Refusal.notFound()
        }
    }

    private func advance(_ request: SimulatedRequest) -> SimulatedResponse {
        let text = request.parameters()?.first { $0.name == "seconds" }?.value
        guard let seconds = text.flatMap({ Int64($0) }), seconds >= 0 else {
            return Refusal.failure(400, "advance needs seconds, not negative")
        }
        clock.advance(milliseconds: seconds * Stamp.secondMilliseconds)
        return clockAnswer()
    }

    private func clockAnswer() -> SimulatedResponse {
        let now = transport.withAccount { $0.nowMilliseconds }
        return SimulatedResponse(status: 200, body: #"{"now":"\#(Stamp.fractional(now))","milliseconds":\#(now)}"#)
    }

    private func stats(_ account: SimulatedAccount) -> SimulatedResponse {
        let counters = account.counters
        let statuses = Dictionary(uniqueKeysWithValues: counters.requestsByStatus.map { (String($0.key), $0.value) })
        let body =
            #"{"now":"\#(Stamp.fractional(account.nowMilliseconds))","requests":\#(counters.requests),"#
            + #""tokens":\#(counters.tokens),"tokens_left":\#(account.remainingTokens),"#
            + #""budget_day":"\#(account.budgetDay)","tokens_by_day":\#(object(counters.tokensByDay)),"#
            + #""requests_by_path":\#(object(counters.requestsByPath)),"requests_by_status":\#(object(statuses))}"#
        return SimulatedResponse(status: 200, body: body)
    }

    private func object(_ counts: [String: Int]) -> String {
        let members = counts.sorted { $0.key < $1.key }.map { #""\#(Refusal.escaped($0.key))":\#($0.value)"# }
        return "{" + members.joined(separator: ",") + "}"
    }
}
