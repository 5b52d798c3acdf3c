package import Planning

/// Everything one request brought back.
package struct PageAnswer: Sendable {
    package var outcome: Result<Page, PageFailure>
    package var limits: RateLimits
    /// The server's own clock, from its `Date` header.
    package var serverTime: Instant?
    /// Our clock when the answer was complete.
    package var answeredAtMilliseconds: Int64
    /// What the answer says of the end of its endpoint.
    package var farewell = Farewell()

    package init(
        outcome: Result<Page, PageFailure>, limits: RateLimits, serverTime: Instant?, answeredAtMilliseconds: Int64
    ) {
        self.outcome = outcome
        self.limits = limits
        self.serverTime = serverTime
        self.answeredAtMilliseconds = answeredAtMilliseconds
    }
}

/// The headers that announce that an endpoint is going away, as they came.
package struct Farewell: Hashable, Sendable {
    /// RFC 9745.
    package var deprecation: String?
    /// RFC 8594.
    package var sunset: String?

    package init(deprecation: String? = nil, sunset: String? = nil) {
        (self.deprecation, self.sunset) = (deprecation, sunset)
    }
}

/// What the rate-limit headers of an answer said; each may be absent at any time.
package struct RateLimits: Hashable, Sendable {
    /// `x-ratelimit-limit`: requests allowed in a rolling two-second window.
    package var burstLimit: Int?
    /// `x-ratelimit-remaining`.
    package var burstRemaining: Int?
    /// `x-ratelimit-reset`: relative seconds.
    package var burstResetSeconds: Double?
    /// `x-daily-ratelimit-token-limit`: the company's daily token budget.
    package var dailyLimitTokens: Int?
    /// `x-daily-ratelimit-token-remaining`: what the whole company has left today.
    package var dailyRemainingTokens: Int?

    package init() {}
}

/// Why there is no page. A case exists only where the caller must respond differently to it.
package enum PageFailure: Error, Hashable, Sendable {
    /// 429: too many requests in two seconds; wait this long and ask again.
    case burstLimited(waitSeconds: Double)
    /// 429: the company's tokens of today are used up.
    case dailyBudgetExhausted
    /// 429 whose headers tell neither kind from the other; wait, and do not believe in it for ever.
    case unexplainedLimit(waitSeconds: Double)
    /// 403 with a page that is not JSON: the gateway has blocked this client.
    case blockedByGateway
    /// 401.
    case unauthorized
    /// 401 to an access token, of which a new one may be had: ask again, once.
    case accessExpired
    /// 402, 403 in JSON, or 404 to a request without a cursor: this account may not or cannot read the list.
    case unavailable(status: Int, message: String)
    /// Any other 4xx in answer to a cursor or an offset.
    case cursorRefused(message: String)
    /// Any other 4xx to a request without either: asking again would not help.
    case refused(status: Int, message: String)
    /// 3xx: never followed, since the token must not travel to another host.
    case redirected(to: String)
    /// 5xx; `retryAfterSeconds` as the server wishes, however long, nil where it wishes nothing.
    case serverError(status: Int, retryAfterSeconds: Double?)
    /// No connection could be made.
    case unreachable(String)
    /// The connection broke or the answer did not come in time.
    case broken(String)
    /// An answer with status 200 that is not a page: not JSON, cut, no success, a record without a key.
    case garbled(String)
    /// An answer longer than the program takes: fewer records may fit.
    case tooLarge(String)
    /// A whole JSON object with status 200 whose records are not where they should be, and the members it has: the
    /// API may have changed.
    case strangeEnvelope(reason: String, members: [String])
}

extension PageFailure {
    /// No further request may be sent, by any job of the account.
    package var forbidsMore: Bool {
        switch self {
        case .dailyBudgetExhausted, .blockedByGateway: true
        default: false
        }
    }

    /// The server is in trouble and says how long it is to be left alone.
    package var retryAfterSeconds: Double? {
        if case .serverError(_, let seconds) = self { seconds } else { nil }
    }

    /// What was asked for is not there, and it is the API that says so.
    package var saysGone: Bool {
        switch self {
        case .unavailable(404, let message), .refused(410, let message): message != AnswerClassifier.noExplanation
        default: false
        }
    }
}
