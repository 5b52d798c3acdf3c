import Pipedrive
import Planning
import Storage

/// The first request after an index was made anew without its old ledger: it costs 2 tokens and asks the server
/// what was spent today, since runs that left no manifest may have spent something too.
extension Extractor {
    /// - Returns: whether the ledger was in doubt, so that what is to be done next must be asked again.
    func settlesLedger() async throws -> Bool {
        guard !hasAnswerOfToday, try keeping({ try store.isLedgerInDoubt() }) else { return false }
        var tries = Tries()
        while true {
            let answer = try await askForCurrentUser()
            let told = answer.limits
            try watchReset(told, answer.serverTime)
            situation.allowance.company.learn(
                remaining: told.dailyRemainingTokens, limit: told.dailyLimitTokens, unansweredTokens: 0,
                at: answer.serverTime)
            if let limit = told.dailyLimitTokens, let remaining = told.dailyRemainingTokens {
                try settle(usedToday: max(0, limit - remaining))
                return true
            }
            guard case .failure(let failure) = answer.outcome else { break }
            guard try await pause(after: failure, &tries) else { break }
        }
        logger.warning("nobody can tell what was spent today before the index was lost; today counts as used up")
        try exhaustDay()
        try settle(usedToday: 0)
        return true
    }

    private func askForCurrentUser() async throws -> MeAnswer {
        guard situation.allowance.leftTokens >= PipedriveClient.mePriceTokens else {
            let resetsAt = calendar.lastReset(after: now, seenReset)
            throw Stop(.allowanceUsedUp, "the allowance of tokens is used up", hint: "run again after \(resetsAt)")
        }
        situation.allowance.reserve(PipedriveClient.mePriceTokens)
        let reservation = Reservation(stream: "account", tokens: PipedriveClient.mePriceTokens)
        try keeping { try store.reserve([reservation], allowance: situation.allowance) }
        return try await client.me()
    }

    /// The server counts what all of the company spent, this request included: a limit from above.
    private func settle(usedToday: Int) throws {
        let presumed = max(0, usedToday - situation.allowance.spentToday)
        situation.allowance.spentToday += presumed
        try keeping { try store.settleLedger(presumed: presumed, allowance: situation.allowance) }
    }

    /// Waits before the next try. False when the answer was one and told nothing; throws when there will be none.
    private func pause(after failure: PageFailure, _ tries: inout Tries) async throws -> Bool {
        switch failure {
        case .dailyBudgetExhausted, .unavailable, .refused, .cursorRefused: return false
        case .unauthorized: throw client.credentials.refusal
        case .accessExpired: _ = try await renewAccess()
        case .blockedByGateway: try markGateway()
        case .burstLimited(let seconds), .unexplainedLimit(let seconds):
            guard tries.failed(at: now) else { return false }
            try await clock.sleep(milliseconds: Int64(seconds * 1000))
        case .redirected, .serverError, .broken, .garbled, .tooLarge, .strangeEnvelope, .unreachable:
            guard tries.failed(at: now) else {
                let reason = failure.stop(baseURL: job.baseURL, refusal: client.credentials.refusal).reason
                throw Stop(
                    .serverRefuses, "nobody tells what was spent today before the index was lost: \(reason)",
                    hint: "progress is kept; run again later")
            }
            let pause = tries.pauseMilliseconds(chance: chance(), atLeastSeconds: failure.retryAfterSeconds)
            try await clock.sleep(milliseconds: pause)
        }
        return true
    }
}
