/// One way in which the account departs from its own description, and when.
package struct Misbehaviour: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case serverError500, serverError502, serverError503
        /// The connection breaks without an answer; the request is charged.
        case resetConnection
        /// The answer stops half-way although its length was announced.
        case truncatedBody
        /// A maintenance page with status 200.
        case html200
        case garbledJSON, prettyPrinted
        case missingDailyHeaders, missingAllLimitHeaders
        /// 400 for a request that carries a cursor.
        case expiredCursor
        /// The next cursor is the one just used.
        case loopingCursor
        /// The rows of the list's first page again, with the right next cursor.
        case repeatedPage
        /// No rows and a new cursor at the same place.
        case emptyPageWithCursor
        /// The 403 page, and the block that comes with it.
        case forbiddenPage
        case forbiddenJSON, paymentRequired, notFound, unauthorized
        case burstExceeded
        /// Another integration has just used up the company's budget.
        case dailyExhausted
        /// The answer comes `slowMilliseconds` late.
        case slow
        case dataNull, wrongEnvelope
    }

    /// A probability for long rehearsals, numbers for tests that must know exactly where it strikes.
    package enum Occasion: Sendable, Hashable {
        case probability(Double)
        /// Numbers of requests, counted from 1 over the account's life.
        case requests(Set<Int>)
    }

    package var kind: Kind
    package var occasion: Occasion
    /// Limits it to paths that end so, such as `/deals`; nil for all.
    package var pathSuffix: String?
    package var slowMilliseconds: Int64 = 5000

    package init(_ kind: Kind, _ occasion: Occasion, pathSuffix: String? = nil) {
        self.kind = kind
        self.occasion = occasion
        self.pathSuffix = pathSuffix
    }

    /// Reads `KIND=PROBABILITY` or `KIND@NUMBER,NUMBER`.
    package init?(text: String) {
        guard let mark = text.firstIndex(where: { $0 == "=" || $0 == "@" }),
            let kind = Kind(rawValue: String(text[..<mark]))
        else { return nil }
        let rest = text[text.index(after: mark)...]
        if text[mark] == "=" {
            guard let probability = Double(rest), (0...1).contains(probability) else { return nil }
            self.init(kind, .probability(probability))
        } else {
            let numbers = rest.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
            self.init(kind, .requests(Set(numbers.compactMap { $0 })))
        }
    }

    /// Hangs on the request's number alone, so that one misbehaviour does not shift the dice of another.
    func strikes(request number: Int, path: String, seed: UInt64) -> Bool {
        if let pathSuffix, !path.hasSuffix(pathSuffix) { return false }
        switch occasion {
        case .requests(let numbers): return numbers.contains(number)
        case .probability(let probability):
            let place = Int64(Kind.allCases.firstIndex(of: kind) ?? 0)
            var dice = Dice(seed, 0x6D69_7362, Int64(number), place)
            return dice.chance(probability)
        }
    }
}

extension Misbehaviour.Kind {
    /// Whether it has made a difference: a request may be refused for another reason, and a cursor has to be there to
    /// go wrong.
    func isMet(by request: SimulatedRequest, _ response: SimulatedResponse, _ tokens: Int) -> Bool {
        switch self {
        case .serverError500: response.status == 500
        case .serverError502: response.status == 502
        case .serverError503: response.status == 503
        case .forbiddenPage, .forbiddenJSON: response.status == 403
        case .paymentRequired: response.status == 402
        case .notFound: response.status == 404
        case .unauthorized: response.status == 401
        case .burstExceeded, .dailyExhausted: response.status == 429
        case .expiredCursor: response.status == 400
        case .loopingCursor, .repeatedPage, .emptyPageWithCursor:
            response.status == 200 && tokens > 0 && request.query.contains("cursor=")
        case .resetConnection: tokens > 0
        case .truncatedBody, .html200, .garbledJSON, .prettyPrinted, .missingDailyHeaders, .missingAllLimitHeaders,
            .slow, .dataNull, .wrongEnvelope:
            response.status == 200 && tokens > 0
        }
    }
}
