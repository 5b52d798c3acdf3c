/// What the OAuth server has given out and still honours.
struct OAuthTokens: Sendable {
    /// Documentation: "up to 768 characters, and may grow".
    private static let accessCharacters = 768

    private struct Refresh {
        var endsAt: Int64
        /// The one that it replaces, and ends as soon as it is used.
        var predecessor: String?
    }

    private struct Access {
        var endsAt: Int64
        var refresh: String
    }

    private var codes: [String: Int64] = [:]
    private var refreshes: [String: Refresh] = [:]
    private var accesses: [String: Access] = [:]
    private var number: Int64 = 0

    mutating func addCode(_ seed: UInt64, endsAt: Int64) -> String {
        var dice = nextDice(seed)
        let code = dice.hex(40)
        codes[code] = endsAt
        return code
    }

    /// A code is good for one exchange.
    /// - Returns: when it ends.
    mutating func takeCode(_ code: String) -> Int64? { codes.removeValue(forKey: code) }

    func isGood(refresh: String, _ now: Int64) -> Bool { refreshes[refresh].map { now < $0.endsAt } ?? false }

    /// Whether the access token lets in.
    mutating func use(access: String, _ now: Int64) -> Bool {
        guard let found = accesses[access], now < found.endsAt else { return false }
        settle(found.refresh)
        return true
    }

    mutating func endAccess() { accesses = [:] }

    /// - Parameter old: the refresh token that was shown; nil for a new login.
    mutating func grant(
        _ old: String?, _ app: OAuthApp, _ seed: UInt64, _ now: Int64
    ) -> (access: String, refresh: String) {
        var dice = nextDice(seed)
        accesses = accesses.filter { now < $0.value.endsAt }
        let endsAt = now + app.refreshSeconds * Stamp.secondMilliseconds
        var refresh = old ?? "7532:1:\(dice.hex(40))"
        if let old {
            settle(old)
            forget { $0.predecessor == old }
            if app.rotatesRefreshTokens { refresh = "7532:1:\(dice.hex(40))" }
        }
        refreshes[refresh] = Refresh(endsAt: endsAt, predecessor: refresh == old ? nil : old)
        let access = "v1u:\(dice.hex(OAuthTokens.accessCharacters - 4))"
        accesses[access] = Access(endsAt: now + app.accessSeconds * Stamp.secondMilliseconds, refresh: refresh)
        return (access, refresh)
    }

    /// Whoever uses a token has it: the one before it ends.
    private mutating func settle(_ refresh: String) {
        guard let predecessor = refreshes[refresh]?.predecessor else { return }
        refreshes[refresh]?.predecessor = nil
        refreshes[predecessor] = nil
        accesses = accesses.filter { $0.value.refresh != predecessor }
    }

    /// Tokens that nobody used and that nobody will: the one before them was shown again.
    private mutating func forget(_ isLost: (Refresh) -> Bool) {
        for lost in refreshes.filter({ isLost($0.value) }).keys {
            refreshes[lost] = nil
            accesses = accesses.filter { $0.value.refresh != lost }
        }
    }

    private mutating func nextDice(_ seed: UInt64) -> Dice {
        number += 1
        return Dice(seed, 0x6F61_7574, number)
    }
}
