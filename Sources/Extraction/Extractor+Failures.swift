import Pipedrive
import Planning
import Storage

extension Extractor {
    /// How long a stream that the account cannot read is left alone, and a gateway that blocks.
    static let unavailableSeconds: Int64 = 24 * 3600
    package static let gatewayBlockSeconds: Int64 = 15 * 60
    /// Lists that fail one after another, with nothing ever answered, before the server counts as down.
    static let failuresOfADeadServer = 3

    /// Every way of not getting a page, with its consequence. Whoever asks again goes through the planner, so a
    /// retry is reserved like any request.
    func take(_ failure: PageFailure, _ index: Int) throws {
        switch failure {
        case .burstLimited(let seconds): pause(index, milliseconds: Int64(seconds * 1000))
        case .unexplainedLimit(let seconds): try waitUnexplained(seconds, index)
        case .dailyBudgetExhausted: try exhaustDay()
        case .blockedByGateway: try markGateway()
        case .unauthorized: throw client.credentials.refusal
        // The next request waits for the new one (`Extractor+Asking.swift`), and is reserved like any.
        case .accessExpired: break
        case .redirected(let place):
            throw Stop(
                .serverRefuses, "\(job.baseURL) redirects to \(place), which is not followed with a token",
                hint: "set api.base_url to the company's own address")
        case .unavailable(let status, let message) where situation.lists[index].purpose.looksForMoves:
            try leaveMoves(index, "\(status) \(message)")
        case .unavailable(let status, let message) where situation.lists[index].purpose.isUpkeep:
            leaveUpkeep(index, "\(status) \(message)")
        case .unavailable(let status, let message): try markUnavailable(index, status, message)
        case .refused(let status, let message): fail(index, .serverRefuses, "refused with \(status): \(message)")
        case .cursorRefused where situation.lists[index].purpose.isUpkeep: try restartSweep(index)
        case .cursorRefused: situation.lists[index].active = situation.lists[index].active.map { restart($0, index) }
        case .serverError(let status, let seconds):
            try retry(index, .serverRefuses, "the server answered \(status)", atLeastSeconds: seconds)
        case .broken(let reason): try retry(index, .serverRefuses, reason)
        case .garbled(let reason): try retry(index, .badData, reason)
        case .tooLarge(let reason): try askForLess(index, reason)
        case .strangeEnvelope(let reason, let members):
            try retry(index, .badData, PageFailure.words(reason, members))
            if situation.lists[index].isOut { notice(index, .unknownEnvelope, reason, members.joined(separator: ", ")) }
        case .unreachable(let reason):
            try retry(index, .serverRefuses, reason)
            if logs[index].failure != nil { throw Stop.unreachable(job.baseURL, .unreachable(reason)) }
        }
    }

    /// Goes on from the last key, since the cursor leads nowhere: one more try.
    func restart(_ walk: Walk, _ index: Int) -> Walk {
        let isTriedAgain = logs[index].tries.failed(at: now)
        if !isTriedAgain { fail(index, .badData, "its cursors are refused or go in a circle") }
        return withoutCursor(walk, index)
    }

    private func withoutCursor(_ walk: Walk, _ index: Int) -> Walk {
        logs[index].cursorsMet = []
        logs[index].shown = ShownRows()
        logs[index].tries.restarted(at: walk.frontier)
        return walk.restarted(hasUpperFilter: situation.lists[index].spec.timeFilter != .since)
    }

    /// A cursor that is too old may be answered in any way, with an error of the server's or not at all. Where the walk
    /// would have to begin its list anew, that is believed of one that an earlier run has left, and of no other.
    private func doubtCursor(_ index: Int) {
        let list = situation.lists[index]
        let isKept = list.pagesThisRun <= logs[index].tries.count
        if list.purpose.isUpkeep {
            if isKept { beginSweepAnew(index) }
        } else if let walk = list.active, case .cursor = walk.position, walk.interval != nil || isKept {
            situation.lists[index].active = withoutCursor(walk, index)
        }
    }

    func retry(_ index: Int, _ code: ExitCode, _ reason: String, atLeastSeconds: Double? = nil) throws {
        if logs[index].tries.failed(at: now) {
            if logs[index].tries.isCursorInDoubt { doubtCursor(index) }
            let pause = logs[index].tries.pauseMilliseconds(chance: chance(), atLeastSeconds: atLeastSeconds)
            self.pause(index, milliseconds: pause)
            return
        }
        fail(index, code, reason)
        let failures = logs.count { $0.failure.map { !$0.isUnavailable } ?? false }
        if !hasEverSucceeded && failures >= Self.failuresOfADeadServer {
            throw Stop(code, "no list can be read (\(reason))", hint: "progress is kept; run again later")
        }
    }

    /// Pauses run from the failure on, whatever else keeps the list from being asked meanwhile.
    private func pause(_ index: Int, milliseconds: Int64) {
        logs[index].askAgainAtMilliseconds = clock.nowMilliseconds + milliseconds
    }

    /// A page came, and not the one that was asked for.
    func retryPage(_ index: Int, _ doubt: String) throws {
        situation.lists[index].pagesInHand -= 1
        try retry(index, .badData, doubt)
    }

    func fail(_ index: Int, _ code: ExitCode, _ reason: String) {
        if situation.lists[index].purpose.isUpkeep { return leaveUpkeep(index, reason) }
        for lane in situation.lanes(of: index) { situation.lists[lane].isOut = true }
        logs[index].failure = ListFailure(code: code, reason: reason)
        logger.warning("\(situation.lists[index].spec.name) failed: \(reason)")
    }

    /// The headers tell neither kind of 429 from the other: wait, longer each time, but not for ever.
    private func waitUnexplained(_ seconds: Double, _ index: Int) throws {
        unexplained.met(byAsk: logs[index].askNumber, of: askCount)
        pause(index, milliseconds: unexplained.pauseMilliseconds(atLeastSeconds: seconds))
        if unexplained.isTooMany { try exhaustDay() }
    }

    /// The company's tokens are used up: no job of this account asks again before the reset.
    func exhaustDay() throws {
        situation.allowance.company.isExhausted = true
        let until = serverClock.endOfUsedUpDay(calendar, seenReset, ours: now)
        try keeping { try store.exhaustDay(until: until, allowance: situation.allowance) }
    }

    func markGateway() throws {
        let until = now + Self.gatewayBlockSeconds
        try keeping {
            try store.setMark(MarkName.gateway, Mark(until: until, baseURL: job.baseURL, detail: "403 page"))
        }
        throw Stop.blockedByGateway(until: until)
    }

    func markUnavailable(_ index: Int, _ status: Int, _ message: String) throws {
        let spec = situation.lists[index].stream
        let stream = spec.name
        let missing = spec.needs?.missing(isRefusedApp: status == 403 && client.credentials.hasScopes)
        let detail = "\(status) \(message)" + (missing.map { "; it needs \($0)" } ?? "")
        let mark = Mark(
            until: now + Self.unavailableSeconds, baseURL: job.baseURL, access: client.credentials.name, detail: detail)
        try keeping { try store.setMark(MarkName.unavailable(stream), mark) }
        logger.warning("\(stream) cannot be read by this account (\(detail)); it is left alone until \(mark.until)")
        for other in situation.lists.indices where situation.lists[other].stream.name == stream {
            situation.lists[other].isOut = true
            logs[other].failure = ListFailure(code: .serverRefuses, reason: detail, isUnavailable: true)
        }
    }
}
