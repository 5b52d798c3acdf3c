package import Planning

/// Who the token belongs to: the cheapest question there is.
package struct MeAnswer: Sendable {
    package var outcome: Result<TokenOwner, PageFailure>
    package var limits: RateLimits
    package var serverTime: Instant?
    package var answeredAtMilliseconds: Int64
}

/// What `users/me` says; any of it may be missing.
package struct TokenOwner: Hashable, Sendable {
    package var companyName: String?
    /// The first part of the company's host name.
    package var companyDomain: String?
    package var userName: String?
    /// A token sees what its user sees; only an administrator's sees all.
    package var isAdministrator: Bool?
    package var timeZone: String?
}

extension PipedriveClient {
    /// The official price of `GET /v1/users/me`.
    package static let mePriceTokens = 2

    /// The caller has paid for it.
    package func me() async throws -> MeAnswer {
        let classifier = AnswerClassifier(priceTokens: Self.mePriceTokens, hasPosition: false)
        let answer = try await ask({ $0 + RequestURL.currentUserPath }, classifier)
        return MeAnswer(
            outcome: answer.body.flatMap(owner), limits: answer.limits, serverTime: answer.serverTime,
            answeredAtMilliseconds: answer.answeredAtMilliseconds)
    }

    private func owner(_ body: [UInt8]) -> Result<TokenOwner, PageFailure> {
        guard let envelope = SmallObject(body), envelope.boolean("success") != false,
            let user = envelope.object("data")
        else { return .failure(.garbled("no user in the answer")) }
        return .success(
            TokenOwner(
                companyName: user.text("company_name").map(credentials.clean),
                companyDomain: user.text("company_domain").map(credentials.clean),
                userName: user.text("name").map(credentials.clean),
                isAdministrator: user.boolean("is_admin") ?? user.integer("is_admin").map { $0 != 0 },
                timeZone: user.text("timezone_name").map(credentials.clean)))
    }
}
