import Planning
import Platform

/// Tells the ways of failing apart, by status and headers; the words of a body are only passed on.
struct AnswerClassifier {
    /// A longer wait than this is no burst limit, whatever the header says: a used-up day answers
    /// `Retry-After` too.
    static let waitCapSeconds = 10.0
    /// A shorter one would be a burst of its own.
    static let waitFloorSeconds = 1.0
    /// The length of Pipedrive's burst window, when nothing says how much of it is left.
    static let usualWaitSeconds = 2.0

    /// In place of the server's words, where there are none.
    static let noExplanation = "no explanation"

    var priceTokens: Int
    /// The request went on from a cursor or an offset.
    var hasPosition: Bool

    /// Nil for an answer that should hold what was asked for.
    func failure(_ response: TransportResponse, _ limits: RateLimits) -> PageFailure? {
        let status = response.status
        switch status {
        case 200: return nil
        case 201..<300: return .garbled("status \(status) in place of a page")
        case 300..<400: return .redirected(to: response.header("location") ?? "nowhere")
        case 401: return .unauthorized
        case 403 where SmallObject(response.body) == nil: return .blockedByGateway
        case 402, 403: return .unavailable(status: status, message: message(response))
        case 408, 500...: return .serverError(status: status, retryAfterSeconds: response.retryAfterSeconds)
        case 429: return tooMany(response, limits)
        // Nobody has written down how a cursor is refused that is too old.
        case _ where hasPosition: return .cursorRefused(message: message(response))
        case 404: return .unavailable(status: status, message: message(response))
        default: return .refused(status: status, message: message(response))
        }
    }

    /// The two limits share a status: the day's tokens, and the requests of two seconds. Only the second is
    /// worth waiting for.
    private func tooMany(_ response: TransportResponse, _ limits: RateLimits) -> PageFailure {
        let wait = min(max(waitSeconds(response, limits), Self.waitFloorSeconds), Self.waitCapSeconds)
        if limits.dailyRemainingTokens == 0 { return .dailyBudgetExhausted }
        if limits.burstRemaining == 0 { return .burstLimited(waitSeconds: wait) }
        // Requests are left, so it can only be the day; and so it is where the day has less than the price.
        let isDayTooShort = limits.dailyRemainingTokens.map { $0 < priceTokens } ?? (limits.burstRemaining != nil)
        return isDayTooShort ? .dailyBudgetExhausted : .unexplainedLimit(waitSeconds: wait)
    }

    private func waitSeconds(_ response: TransportResponse, _ limits: RateLimits) -> Double {
        limits.burstResetSeconds ?? response.retryAfterSeconds ?? Self.usualWaitSeconds
    }

    /// What the server says about its refusal, in whichever of its envelopes.
    private func message(_ response: TransportResponse) -> String {
        guard let envelope = SmallObject(response.body) else { return Self.noExplanation }
        return envelope.text("error") ?? envelope.text("message") ?? envelope.text("error_info") ?? Self.noExplanation
    }
}

extension PageFailure {
    init(_ failure: TransportFailure) {
        switch failure {
        case .unreachable(let reason): self = .unreachable(reason)
        case .broken(let reason): self = .broken(reason)
        case .timedOut(let seconds): self = .broken("no answer within \(seconds) s")
        case .tooLarge(let limitBytes): self = .tooLarge("an answer of more than \(limitBytes >> 20) MB")
        }
    }

    /// The same failure with its texts passed through `clean`.
    func mapTexts(_ clean: (String) -> String) -> PageFailure {
        switch self {
        case .unavailable(let status, let message): .unavailable(status: status, message: clean(message))
        case .cursorRefused(let message): .cursorRefused(message: clean(message))
        case .refused(let status, let message): .refused(status: status, message: clean(message))
        case .redirected(let target): .redirected(to: clean(target))
        case .unreachable(let reason): .unreachable(clean(reason))
        case .broken(let reason): .broken(clean(reason))
        case .garbled(let reason): .garbled(clean(reason))
        case .tooLarge(let reason): .tooLarge(clean(reason))
        case .strangeEnvelope(let reason, let members):
            .strangeEnvelope(reason: clean(reason), members: members.map(clean))
        case .burstLimited, .dailyBudgetExhausted, .unexplainedLimit, .blockedByGateway, .unauthorized, .accessExpired,
            .serverError:
            self
        }
    }
}
