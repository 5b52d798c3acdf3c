/// Outside the API: moves the clock of a running simulator and shows Pipedrive's own count.
struct ControlDoor: Sendable {
    static let prefix = "/simulator/"

    let transport: SimulatorTransport
    let clock: MovableClock

    func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        switch (request.method, request.path.dropFirst(ControlDoor.prefix.count)) {
        case ("POST", "advance"): advance(request)
        case ("POST", "visible-share"): visibleShare(request)
        case ("POST", "unavailable"): unavailable(request)
        case ("POST", "changes-per-request"): changesPerRequest(request)
        case ("POST", "end-access"): change { $0.endAccess() }
        case ("POST", "end-logins"): change { $0.endLogins() }
        case ("POST", "consent"): consent(request)
        case ("GET", "clock"): clockAnswer()
        case ("GET", "stats"): transport.withAccount { stats($0) }
        default: Refusal.notFound()
        }
    }

    private func advance(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let seconds = value("seconds", request).flatMap({ Int64($0) }), seconds >= 0 else {
            return Refusal.failure(400, "advance needs seconds, not negative")
        }
        clock.advance(milliseconds: seconds * Stamp.secondMilliseconds)
        return clockAnswer()
    }

    /// `percent=40`: the token sees less from now on; 100 gives everything back.
    private func visibleShare(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let percent = value("percent", request).flatMap({ Double($0) }), (0...100).contains(percent) else {
            return Refusal.failure(400, "visible-share needs a percent from 0 to 100")
        }
        return change { $0.setVisibleShare(percent / 100) }
    }

    /// `lists=projects,goals=402`; without a list everything may be read again.
    private func unavailable(_ request: SimulatedRequest) -> SimulatedResponse {
        let texts = (value("lists", request) ?? "").split(separator: ",").map { String($0) }
        let lists = texts.compactMap { UnavailableList(text: $0) }
        guard lists.count == texts.count else { return Refusal.failure(400, "unavailable needs NAME or NAME=STATUS") }
        return change { $0.setUnavailable(lists) }
    }

    private func changesPerRequest(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let count = value("count", request).flatMap({ Int($0) }), count >= 0 else {
            return Refusal.failure(400, "changes-per-request needs a count, not negative")
        }
        return change { $0.setChangesPerRequest(count) }
    }

    /// `given=no`: the user declines whatever the app asks from now on.
    private func consent(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let given = value("given", request), ["yes", "no"].contains(given) else {
            return Refusal.failure(400, "consent needs given=yes or given=no")
        }
        return change { $0.changeApp { $0.isAllowed = given == "yes" } }
    }

    private func change(_ body: (inout SimulatedAccount) -> Void) -> SimulatedResponse {
        transport.withAccount(body)
        return ControlDoor.done
    }

    private func value(_ name: String, _ request: SimulatedRequest) -> String? {
        request.parameters()?.first { $0.name == name }?.value
    }

    private static let done = SimulatedResponse(status: 200, body: #"{"success":true}"#)

    private func clockAnswer() -> SimulatedResponse {
        let now = transport.withAccount { $0.nowMilliseconds }
        return SimulatedResponse(status: 200, body: #"{"now":"\#(Stamp.fractional(now))","milliseconds":\#(now)}"#)
    }

    private func stats(_ account: SimulatedAccount) -> SimulatedResponse {
        let counters = account.counters
        let statuses = Dictionary(uniqueKeysWithValues: counters.requestsByStatus.map { (String($0.key), $0.value) })
        let oauth = Dictionary(uniqueKeysWithValues: counters.oauth.map { ($0.key.rawValue, $0.value) })
        let body =
            #"{"now":"\#(Stamp.fractional(account.nowMilliseconds))","requests":\#(counters.requests),"#
            + #""tokens":\#(counters.tokens),"tokens_left":\#(account.remainingTokens),"#
            + #""budget_day":"\#(account.budgetDay)","tokens_by_day":\#(object(counters.tokensByDay)),"#
            + #""requests_by_path":\#(object(counters.requestsByPath)),"requests_by_status":\#(object(statuses)),"#
            + #""oauth":\#(object(oauth))}"#
        return SimulatedResponse(status: 200, body: body)
    }

    private func object(_ counts: [String: Int]) -> String {
        let members = counts.sorted { $0.key < $1.key }.map { #""\#(Refusal.escaped($0.key))":\#($0.value)"# }
        return "{" + members.joined(separator: ",") + "}"
    }
}
