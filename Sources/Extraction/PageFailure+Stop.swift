package import Pipedrive
package import Planning

/// What there is to say to a person where a request of no list fails.
extension PageFailure {
    /// - Parameter refusal: what there is to say about a 401.
    package func stop(baseURL: String, refusal: Stop) -> Stop {
        switch self {
        case .unauthorized, .accessExpired: refusal
        case .dailyBudgetExhausted:
            Stop(.allowanceUsedUp, "the company's tokens of today are used up", hint: "wait for the reset")
        case .unreachable(let reason): Stop.unreachable(baseURL, .unreachable(reason))
        case .blockedByGateway:
            Stop(.serverRefuses, "the gateway has blocked this client", hint: "wait a quarter of an hour")
        case .burstLimited, .unexplainedLimit:
            Stop(.serverRefuses, "too many requests at this moment (429)", hint: "try again in a few seconds")
        case .unavailable(let status, let message):
            Stop(.serverRefuses, "the server answered \(status): \(message)", hint: "check the token's rights")
        case .refused(let status, let message):
            Stop(
                .serverRefuses, "the server answered \(status): \(message)",
                hint: "check api.base_url and any proxy; if both are right, please report this")
        case .serverError(let status, _): Stop(.serverRefuses, "the server answered \(status)", hint: "try again later")
        case .redirected(let place):
            Stop(
                .serverRefuses, "\(baseURL) redirects to \(place)",
                hint: "set api.base_url to the company's own address")
        case .garbled(let reason), .tooLarge(let reason):
            Stop(.badData, "the answer is not Pipedrive's: \(reason)", hint: "check api.base_url and any proxy")
        case .strangeEnvelope(let reason, let members):
            Stop(
                .badData, "the answer is not Pipedrive's: \(Self.words(reason, members))",
                hint: "check api.base_url and any proxy")
        case .broken(let reason), .cursorRefused(let reason):
            Stop(.serverRefuses, "no whole answer came: \(reason)", hint: "try again later")
        }
    }

    /// An envelope that is not the one that is known here.
    static func words(_ reason: String, _ members: [String]) -> String {
        "an unknown envelope: \(reason)" + (members.isEmpty ? "" : " (it has \(members.joined(separator: ", ")))")
    }
}
