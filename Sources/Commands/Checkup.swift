import Extraction
import Pipedrive
import Planning
import Platform
import Storage

/// Looks at everything a run will need, in the order in which a run would stumble over it.
struct Checkup {
    let world: World
    let job: Job
    private var found: [Finding] = []
    /// The company's, as the server told it.
    private var limitTokens: Int?

    init(world: World, job: Job) {
        self.world = world
        self.job = job
    }

    mutating func findings() async -> [Finding] {
        found = [.well("job file", "\(job.streams.count.counted("stream")) of account \(job.account)")]
        let (world, job) = (world, job)
        let isAdmitted = lookAtAccess()
        let vault = openVault()
        defer { vault?.close() }
        if let vault { lookAtParents(vault) }
        var allowance: Allowance?
        if let vault { allowance = look("allowance") { try Self.budget(vault, job, world.now) } }
        if isAdmitted, let vault, let allowance { await askServer(vault, allowance) }
        lookAtPrices()
        return found
    }

    /// What no day can pay for would be waited for night after night.
    private mutating func lookAtPrices() {
        var allowance = Allowance(job.budget, day: "", DayLedger())
        allowance.company.limit = limitTokens
        guard let unpayable = Unpayable(job.streams.map(\.stream), allowance) else { return }
        found.append(.wrong("prices", Stop(.allowanceUsedUp, unpayable.reason, hint: unpayable.hint)))
    }

    /// Notes what came of it: the detail, or what to do.
    private mutating func look<Value>(_ subject: String, _ body: () throws -> (Value, String)) -> Value? {
        do {
            let (value, detail) = try body()
            found.append(.well(subject, detail))
            return value
        } catch {
            found.append(.wrong(subject, Stop(catching: error)))
            return nil
        }
    }

    /// Whether there is something to ask with.
    private mutating func lookAtAccess() -> Bool {
        let (world, access, now) = (world, job.access, world.now)
        switch access {
        case .token(let source):
            return look("token") { (try TokenReader.read(source, environment: world.environment), "found") } != nil
        case .oauth(let oauth):
            let client = look("OAuth client") {
                for source in [oauth.clientID, oauth.clientSecret] {
                    _ = try TokenReader.read(source, named: "OAuth client", environment: world.environment)
                }
                return (true, "id and secret found")
            }
            let login = look("OAuth login") {
                (true, try world.refreshTokenFile(of: oauth).read().life(at: now))
            }
            return client ?? false && login ?? false
        }
    }

    private mutating func openVault() -> Vault? {
        let (world, job) = (world, job)
        return look("output folder and lock") {
            let vault = try world.vault(for: job)
            return (vault, "\(job.output.directory) can be written, no run is under way")
        }
    }

    /// Children without parents would never be pulled.
    private mutating func lookAtParents(_ vault: Vault) {
        let job = job
        let children = job.streams.count { $0.stream.parent != nil }
        guard children > 0 else { return }
        _ = look("children") {
            if let stop = ParentlessStream.stop(job, coverage: try vault.frontDesk.listCoverage()) { throw stop }
            return ((), "the parents of \(children.counted("stream")) are pulled")
        }
    }

    private static func budget(_ vault: Vault, _ job: Job, _ now: Instant) throws -> (Allowance, String) {
        let calendar = BudgetCalendar(job.budget)
        let desk = vault.frontDesk
        let allowance = Allowance(job.budget, day: calendar.day(of: now), try desk.ledger(calendar))
        let resetsAt = try resetsAt(vault, job, now)
        if let gateway = try desk.marks(baseURL: job.baseURL)[MarkName.gateway] {
            throw Stop.blockedByGateway(until: gateway.until)
        }
        guard !allowance.company.isExhausted else {
            throw Stop.dayExhausted(until: try desk.endOfUsedUpDay(calendar).description)
        }
        try suffices(allowance, until: resetsAt)
        return (allowance, "\(allowance.leftTodayTokens) of \(allowance.dailyTokens) tokens left today")
    }

    /// When both days have ended.
    private static func resetsAt(_ vault: Vault, _ job: Job, _ now: Instant) throws -> Instant {
        let calendar = BudgetCalendar(job.budget)
        return calendar.lastReset(after: now, try vault.frontDesk.resetWatch().seen(calendar))
    }

    /// For the one request that is sent.
    private static func suffices(_ allowance: Allowance, until resetsAt: Instant) throws(Stop) {
        let price = PipedriveClient.mePriceTokens
        guard allowance.leftTokens < price else { return }
        let (reason, cure) =
            allowance.isHeldByCompany
            ? (Verdict.heldByCompany, "lower budget.keep_free")
            : (
                "\(allowance.spentToday) of \(allowance.dailyTokens) tokens are spent today",
                "raise budget.daily_tokens"
            )
        let hint = allowance.mostEver.tokens < price ? cure : "wait for \(resetsAt) or \(cure)"
        throw Stop(.allowanceUsedUp, reason, hint: hint)
    }

    private mutating func askServer(_ vault: Vault, _ allowance: Allowance) async {
        let (world, job, checkup) = (world, job, self)
        do {
            let (answer, refusal) = try await world.withNetwork(for: job) { transport in
                do { try await transport.reach(job.baseURL) } catch let failure as TransportFailure {
                    throw Stop.unreachable(job.baseURL, failure)
                }
                let client = try world.client(for: job, transport)
                return (try await checkup.me(client, vault, allowance), client.credentials.refusal)
            }
            try Self.remember(answer, vault, job, allowance)
            judge(answer, refusal)
            try judgeReset(answer, vault, job)
        } catch {
            found.append(.wrong("server", Stop(catching: error)))
        }
    }

    /// The one request; a second one where the access token was refused and another could be had.
    private func me(_ client: PipedriveClient, _ vault: Vault, _ allowance: Allowance) async throws -> MeAnswer {
        var allowance = allowance
        var answer: MeAnswer
        repeat {
            do { _ = try await client.credentials.prepare() } catch let failure as RenewalFailure {
                throw Stop.notRenewed(failure)
            }
            try Self.suffices(allowance, until: try Self.resetsAt(vault, job, world.now))
            allowance.reserve(PipedriveClient.mePriceTokens)
            try vault.frontDesk.reserve(PipedriveClient.mePriceTokens, allowance: allowance)
            answer = try await client.me()
        } while answer.outcome == .failure(.accessExpired)
        return answer
    }

    /// A run must not ask again what was refused here.
    private static func remember(_ answer: MeAnswer, _ vault: Vault, _ job: Job, _ allowance: Allowance) throws {
        let now = Instant(milliseconds: answer.answeredAtMilliseconds)
        switch answer.outcome {
        case .failure(.dailyBudgetExhausted):
            var clock = ServerClock()
            if let serverTime = answer.serverTime { clock.learn(serverTime, ours: now) }
            let calendar = BudgetCalendar(job.budget)
            let seen = try vault.frontDesk.resetWatch().seen(calendar)
            try vault.frontDesk.exhaustDay(
                until: clock.endOfUsedUpDay(calendar, seen, ours: now), allowance: allowance)
        case .failure(.blockedByGateway):
            let mark = Mark(until: now + Extractor.gatewayBlockSeconds, baseURL: job.baseURL, detail: "403 page")
            try vault.frontDesk.setMark(MarkName.gateway, mark)
        default: break
        }
    }

    /// Nothing is said as long as nothing is sure.
    private mutating func judgeReset(_ answer: MeAnswer, _ vault: Vault, _ job: Job) throws {
        var watch = try vault.frontDesk.resetWatch()
        if watch.see(answer.limits, at: answer.serverTime) { try vault.frontDesk.save(watch) }
        guard let seen = watch.seen(BudgetCalendar(job.budget)).map(ResetReport.init) else { return }
        found.append(Finding(subject: "budget day", isWell: true, detail: seen.sentence, budgetReset: seen))
    }

    private mutating func judge(_ answer: MeAnswer, _ refusal: Stop) {
        switch answer.outcome {
        case .success(let owner):
            found.append(
                .well("server", "\(job.baseURL) answers for \(owner.companyName ?? "a company without a name")"))
            if owner.isAdministrator == false {
                found.append(
                    Finding(
                        subject: "rights", isWell: true, detail: "the token's user is no administrator",
                        hint: "records that this user cannot see will not be pulled"))
            }
        case .failure(let failure):
            found.append(.wrong("server", failure.stop(baseURL: job.baseURL, refusal: refusal)))
        }
        guard let serverTime = answer.serverTime else { return }
        _ = look("clock") {
            let ours = Instant(milliseconds: answer.answeredAtMilliseconds)
            return ((), try ServerClock.comparison(serverTime, ours: ours))
        }
        limitTokens = answer.limits.dailyLimitTokens
        if let remaining = answer.limits.dailyRemainingTokens {
            found.append(.well("company's budget", "\(remaining) tokens left today for everybody"))
        }
    }
}

extension StoredGrant {
    /// How long it lives, in words.
    fileprivate func life(at now: Instant) -> String {
        guard let endsAt else { return "the refresh token is there; how long it lives is known after the first run" }
        guard endsAt > now else { return "the refresh token ended on \(endsAt) by our count, unused for 60 days" }
        return "the refresh token lives until \(endsAt) (\((endsAt - now) / 86_400) days); each run renews it"
    }
}
