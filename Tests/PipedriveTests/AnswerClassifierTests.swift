import Planning
import Platform
import Testing

@testable import Pipedrive

@Suite struct AnswerClassifierTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var headers: [String: String] = [:]
        var body = ""
        var hasPosition = false
        var failure: PageFailure?
        var testDescription: String { "\(status) \(headers) \(body)" }
    }

    private static let json = #"{"success":false,"error":"no","data":null}"#
    private static let html = "<html>This error is produced by Cloudflare</html>"

    static let byStatus: [Case] = [
        Case(status: 200, failure: nil),
        Case(status: 204, failure: .garbled("status 204 in place of a page")),
        Case(status: 302, headers: ["Location": "https://x.example/"], failure: .redirected(to: "https://x.example/")),
        Case(status: 304, failure: .redirected(to: "nowhere")),
        Case(status: 400, body: json, failure: .refused(status: 400, message: "no")),
        Case(status: 400, body: json, hasPosition: true, failure: .cursorRefused(message: "no")),
        Case(status: 410, body: json, hasPosition: true, failure: .cursorRefused(message: "no")),
        Case(status: 410, failure: .refused(status: 410, message: "no explanation")),
        Case(status: 401, body: json, failure: .unauthorized),
        Case(status: 402, body: json, failure: .unavailable(status: 402, message: "no")),
        Case(
            status: 403, body: " \n" + #"{"success":false,"message":"Forbidden"}"#,
            failure: .unavailable(status: 403, message: "Forbidden")),
        Case(status: 403, body: html, failure: .blockedByGateway),
        Case(status: 403, body: "", failure: .blockedByGateway),
        Case(status: 403, body: #"{"success":false"#, failure: .blockedByGateway),
        Case(status: 404, body: html, failure: .unavailable(status: 404, message: "no explanation")),
        Case(status: 404, body: json, hasPosition: true, failure: .cursorRefused(message: "no")),
        Case(status: 422, body: json, hasPosition: true, failure: .cursorRefused(message: "no")),
        Case(status: 403, body: json, hasPosition: true, failure: .unavailable(status: 403, message: "no")),
        Case(status: 408, failure: .serverError(status: 408, retryAfterSeconds: nil)),
        Case(status: 418, failure: .refused(status: 418, message: "no explanation")),
        Case(status: 422, body: json, failure: .refused(status: 422, message: "no")),
        Case(status: 500, failure: .serverError(status: 500, retryAfterSeconds: nil)),
        Case(status: 503, body: html, failure: .serverError(status: 503, retryAfterSeconds: nil)),
        Case(
            status: 503, headers: ["Retry-After": "120"], failure: .serverError(status: 503, retryAfterSeconds: 120)),
        Case(status: 503, headers: ["retry-after": "0"], failure: .serverError(status: 503, retryAfterSeconds: 0)),
        Case(status: 502, headers: ["Retry-After": "soon"], failure: .serverError(status: 502, retryAfterSeconds: nil)),
        Case(status: 502, headers: ["Retry-After": "-3"], failure: .serverError(status: 502, retryAfterSeconds: nil)),
        Case(
            status: 503,
            headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:41 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"],
            failure: .serverError(status: 503, retryAfterSeconds: 4)),
        Case(status: 524, failure: .serverError(status: 524, retryAfterSeconds: nil)),
    ]

    private static let day = "X-Daily-RateLimit-Token-Remaining"
    private static let burst = "X-RateLimit-Remaining"
    private static let reset = "x-ratelimit-reset"

    /// Price of the request: 10 tokens.
    static let tooMany: [Case] = [
        Case(status: 429, failure: .unexplainedLimit(waitSeconds: 2)),
        Case(status: 429, headers: ["Retry-After": "3"], failure: .unexplainedLimit(waitSeconds: 3)),
        Case(status: 429, headers: ["Retry-After": "86400"], failure: .unexplainedLimit(waitSeconds: 10)),
        Case(status: 429, headers: ["Retry-After": "Wed, 21 Oct"], failure: .unexplainedLimit(waitSeconds: 2)),
        Case(status: 429, headers: [burst: "0", reset: "2"], failure: .burstLimited(waitSeconds: 2)),
        Case(
            status: 429, headers: [burst: " 0 ", reset: "1.5", "retry-after": "9"],
            failure: .burstLimited(waitSeconds: 1.5)),
        Case(status: 429, headers: [burst: "0", "retry-after": "3"], failure: .burstLimited(waitSeconds: 3)),
        Case(status: 429, headers: [burst: "0", reset: "0"], failure: .burstLimited(waitSeconds: 1)),
        Case(status: 429, headers: [burst: "0", day: "5"], failure: .burstLimited(waitSeconds: 2)),
        Case(status: 429, headers: [burst: "0", day: "0", "retry-after": "3"], failure: .dailyBudgetExhausted),
        Case(status: 429, headers: [day: "0"], failure: .dailyBudgetExhausted),
        Case(status: 429, headers: [burst: "7", day: "0"], failure: .dailyBudgetExhausted),
        Case(status: 429, headers: [burst: "7"], failure: .dailyBudgetExhausted),
        Case(status: 429, headers: [burst: "7", day: "9"], failure: .dailyBudgetExhausted),
        Case(status: 429, headers: [burst: "7", day: "10"], failure: .unexplainedLimit(waitSeconds: 2)),
        Case(status: 429, headers: [day: "9", "retry-after": "3"], failure: .dailyBudgetExhausted),
        Case(status: 429, body: html, failure: .unexplainedLimit(waitSeconds: 2)),
        Case(
            status: 429,
            headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:41 GMT", "DATE": "Sun, 06 Nov 1994 08:49:37 GMT"],
            failure: .unexplainedLimit(waitSeconds: 4)),
        Case(
            status: 429, headers: ["RETRY-AFTER": "Sun, 06 Nov 1994 08:49:41 GMT"],
            failure: .unexplainedLimit(waitSeconds: 2)),
        Case(status: 429, headers: [day: "5000"], failure: .unexplainedLimit(waitSeconds: 2)),
        Case(status: 429, headers: [day: "none", burst: "-1"], failure: .unexplainedLimit(waitSeconds: 2)),
    ]

    @Test(arguments: byStatus + tooMany) func classifies(_ one: Case) {
        let response = TransportResponse(
            status: one.status, headers: one.headers.map { ($0.key, $0.value) }, body: Array(one.body.utf8))
        let classifier = AnswerClassifier(priceTokens: 10, hasPosition: one.hasPosition)
        #expect(classifier.failure(response, RateLimits(response)) == one.failure)
    }

    @Test func readsHeaders() {
        let response = TransportResponse(
            status: 200,
            headers: [
                ("X-RateLimit-Limit", "40"), ("x-ratelimit-remaining", "4x"), ("x-ratelimit-reset", "NaN"),
                ("x-daily-ratelimit-token-limit", "1170000"), ("x-daily-ratelimit-token-remaining", ""),
                ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ], body: [])
        let limits = RateLimits(response)
        #expect(limits.burstLimit == 40)
        #expect(limits.burstRemaining == nil)
        #expect(limits.burstResetSeconds == nil)
        #expect(limits.dailyLimitTokens == 1_170_000)
        #expect(limits.dailyRemainingTokens == nil)
        #expect(response.serverTime == Instant(seconds: 784_111_777))
        #expect(Instant(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
        #expect(Instant(httpDate: "Sun, 31 Feb 1994 08:49:37 GMT") == nil)
    }
}
