package import Planning
package import Platform

/// Asks Pipedrive. Whatever comes back is an answer; only being cancelled is an error.
package struct PipedriveClient: Sendable {
    package static let pageTimeoutSeconds = 30
    static let userAgent = "pipesnap"

    let baseURL: String
    package let credentials: any Credentials
    let transport: any HTTPTransport
    let clock: any WallClock
    let pacer: BurstPacer

    /// `baseURL` has no trailing slash.
    package init(
        baseURL: String, credentials: any Credentials, transport: any HTTPTransport, clock: any WallClock,
        keepFree: Job.KeepFree = .tokens(0)
    ) {
        self.baseURL = baseURL
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
        pacer = BurstPacer(clock: clock, keepFree: keepFree)
    }

    package init(baseURL: String, token: String, transport: any HTTPTransport, clock: any WallClock) {
        self.init(baseURL: baseURL, credentials: APIToken(token), transport: transport, clock: clock)
    }

    /// A new budget day has begun, with new tokens.
    package func beginDay() { pacer.beginDay() }

    /// How many requests could be sent now, at most so many, and after which time one more.
    /// - Parameter evenly: spread over the time in which they are permitted.
    package func places(atMost most: Int, evenly: Bool) -> (count: Int, waitMilliseconds: Int64) {
        let places = pacer.places(atMost: most, evenly: evenly)
        return (places.count, places.waitMilliseconds)
    }

    /// A page will be asked for at once, with `isAnnounced`: until then its place is kept.
    package func announce() { pacer.announce() }

    /// One request, one page. The caller has paid for it.
    package func page(_ request: PageRequest, of stream: StreamSpec, isAnnounced: Bool = false) async throws
        -> PageAnswer
    {
        if isAnnounced { pacer.arrive() }
        let classifier = AnswerClassifier(priceTokens: request.priceTokens, hasPosition: request.position != nil)
        let answer = try await ask({ RequestURL.page(request, baseURL: $0) }, classifier)
        var page = PageAnswer(
            outcome: found(answer.body, request).flatMap { sliced($0, stream, request.list) }.flatMap(trusted)
                .mapError { $0.mapTexts(credentials.clean) }, limits: answer.limits,
            serverTime: answer.serverTime, answeredAtMilliseconds: answer.answeredAtMilliseconds)
        page.farewell = answer.farewell
        return page
    }

    /// What the page shows beside its records. Names that repeat the token are left out: they would be remembered.
    package func look(at page: Page, watch: FieldWatch?, sampling most: Int) -> PageLook {
        var look = PageLook(page, watch: watch, sampling: most)
        look.sample.counts = look.sample.counts.filter { !credentials.isIn($0.key) }
        return look
    }

    /// A record asked for by itself that is not there is an answer, as long as it is the API that says so.
    private func found(_ body: Result<[UInt8], PageFailure>, _ request: PageRequest) -> Result<[UInt8], PageFailure> {
        guard request.list.selection == .single, case .failure(let failure) = body, failure.saysGone else {
            return body
        }
        return .success(Array(#"{"success":true,"data":null}"#.utf8))
    }

    /// A cursor goes into the index and into the address of the next request, where the token must never be.
    private func trusted(_ page: Page) -> Result<Page, PageFailure> {
        if case .cursor(let cursor) = page.next, credentials.isIn(cursor) {
            return .failure(.garbled("the cursor repeats the token"))
        }
        var page = page
        page.strangers = page.strangers.map(credentials.clean)
        return .success(page)
    }

    /// What a proxy, or a site under maintenance, says with status 200.
    private static func isWebPage(_ body: [UInt8]) -> Bool {
        body.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "<")
    }

    private func sliced(_ body: [UInt8], _ stream: StreamSpec, _ list: ListSpec) -> Result<Page, PageFailure> {
        do {
            return .success(
                try PageSlicer.page(
                    body, of: stream, nullIsEmpty: list.paging != .cursor || list.path.hasPrefix("/v1/"),
                    isSingle: list.selection == .single))
        } catch {
            return .failure(Self.isWebPage(body) ? .garbled("a web page in place of JSON") : PageFailure(error, body))
        }
    }
}

/// What one request brought back, before anybody looked into the body.
struct RawAnswer {
    var body: Result<[UInt8], PageFailure>
    var limits = RateLimits()
    var serverTime: Instant?
    var farewell = Farewell()
    var answeredAtMilliseconds: Int64
}

extension PipedriveClient {
    /// The address hangs on the credentials: an access token has a host of its own.
    func ask(_ url: (_ baseURL: String) -> String, _ classifier: AnswerClassifier) async throws -> RawAnswer {
        guard credentials.authorization(baseURL: baseURL) != nil else { return notAuthorized }
        let departure = try await pacer.turn(priceTokens: classifier.priceTokens)
        // After the wait, which may have been longer than the token lives.
        guard let authorization = credentials.authorization(baseURL: baseURL) else { return notAuthorized }
        let request = TransportRequest(
            url: url(authorization.baseURL),
            headers: [authorization.header, ("user-agent", Self.userAgent), ("accept", "application/json")],
            timeoutSeconds: Self.pageTimeoutSeconds)
        var answer = try await send(request, classifier)
        if answer.body.failure == .unauthorized, credentials.isRenewable(after: authorization) {
            answer.body = .failure(.accessExpired)
        }
        pacer.learn(
            answer.limits, answer.body.failure, of: departure, answeredAt: answer.answeredAtMilliseconds)
        return answer
    }

    private var notAuthorized: RawAnswer {
        RawAnswer(body: .failure(.unauthorized), answeredAtMilliseconds: clock.nowMilliseconds)
    }

    private func send(_ request: TransportRequest, _ classifier: AnswerClassifier) async throws -> RawAnswer {
        do {
            let response = try await transport.send(request)
            let answeredAt = clock.nowMilliseconds
            let limits = RateLimits(response)
            let failure = classifier.failure(response, limits)?.mapTexts(credentials.clean)
            return RawAnswer(
                body: failure.map { .failure($0) } ?? .success(response.body), limits: limits,
                serverTime: response.serverTime, farewell: Farewell(response, clean: credentials.clean),
                answeredAtMilliseconds: answeredAt)
        } catch let failure as TransportFailure {
            let failure = PageFailure(failure).mapTexts(credentials.clean)
            return RawAnswer(body: .failure(failure), answeredAtMilliseconds: clock.nowMilliseconds)
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension PageFailure {
    /// As many members of an envelope are told of as a person reads.
    private static let mostMembers = 10
    private static let longestName = 100

    fileprivate init(_ fault: JSONFault, _ body: [UInt8]) {
        guard [.noData, .dataShape].contains(fault.reason), let envelope = SmallObject(body),
            envelope.boolean("success") != false
        else {
            self = .garbled(fault.description)
            return
        }
        let names = envelope.names.filter { $0.utf8.count <= Self.longestName }
        self = .strangeEnvelope(reason: fault.reason.rawValue, members: Array(names.prefix(Self.mostMembers)))
    }
}
