package import Pipedrive
package import Planning
package import Platform
import Storage

extension Extractor {
    /// Asks the planner what is next and sends it: reserved first, and the reservation on the disk.
    func askNext(_ group: inout TaskGroup<Event>) async throws {
        // Also where the day ends meanwhile: whoever was told to stop, stops.
        if situation.allowance.company.isExhausted {
            guard try awaitTold(&group) else {
                return end(Planner.isAllRead(in: situation) ? .done : .dayExhausted, &group)
            }
            if isWaitingForDay { return }
        }
        try beginDayIfNew()
        if isPastDeadline {
            return end(Planner.isAllRead(in: situation) ? .done : .deadline, &group)
        }
        situation.serverNow = serverClock.now(ours: now)
        situation.allowance.spread(options, calendar, at: situation.serverNow)
        situation.mustAskAlone = !hasAnswerOfToday || unexplained.isUnderWay
        situation.openPlaces = places(atMost: situation.concurrency).count
        switch Planner.nextSteps(situation) {
        case .wait: break
        case .done: end(.done, &group)
        case .outOfAllowance:
            if let coming = try comingTokens() { return wait(until: coming, .tokensAreSpent, &group) }
            end(shortage, &group)
        case .ask(let steps):
            // A request that is reserved in the last moments of a budget day could arrive in the next, after a pause
            // or a slow connection, and would be counted there without having been booked there.
            let reset = calendar.nextReset(after: situation.serverNow)
            if reset - situation.serverNow <= Self.quietSecondsBeforeReset {
                return wait(until: reset, .dayIsEnding, &group)
            }
            try await reachServer()
            // It may have taken long enough for all else to be asked again.
            if try await renewAccess() { return try await askNext(&group) }
            if try await settlesLedger() { return try await askNext(&group) }
            try reserve(steps)
            for step in steps { ask(step, &group) }
        }
        awaitPlace(&group)
        report()
    }

    private func places(atMost most: Int) -> (count: Int, waitMilliseconds: Int64) {
        client.places(atMost: most, evenly: Planner.spreadsRequests(situation))
    }

    /// What is sent is decided when it can be sent: whatever stood in a line before the network would have been chosen
    /// by what was known when it took its place there.
    private func awaitPlace(_ group: inout TaskGroup<Event>) {
        guard ending == nil, !isAwaitingPlace else { return }
        let wait = places(atMost: 1).waitMilliseconds
        // One may have opened since it was decided that there is none, and with nothing under way nobody else would
        // have it decided again.
        guard wait > 0 || situation.openPlaces == 0 else { return }
        isAwaitingPlace = true
        group.addTask { [clock] in
            try? await clock.sleep(milliseconds: max(0, wait))
            return .placeIsFree
        }
    }

    /// What it is that does not suffice.
    private var shortage: Ending {
        let waiting = Planner.streamsAtTheirShare(in: situation)
        let othersAreRead = Planner.isAllRead(in: situation, exceptAtTheirShare: true)
        if othersAreRead, !waiting.isEmpty { return .outOfShare(waiting) }
        switch situation.allowance.tightest {
        case .day: return .outOfAllowance
        case .keepFree: return .outOfCompanyTokens
        case .run: return .outOfRunLimit
        case .evenShare: return .outOfEvenShare
        }
    }

    /// Nothing is paid for before somebody answers the door.
    private func reachServer() async throws {
        guard !hasReachedServer else { return }
        var tries = Tries()
        while true {
            do {
                try await transport.reach(job.baseURL)
                hasReachedServer = true
                return
            } catch let failure as TransportFailure {
                guard tries.failed(at: now) else { throw Stop.unreachable(job.baseURL, failure) }
                try await clock.sleep(milliseconds: tries.pauseMilliseconds(chance: chance()))
            }
        }
    }

    /// Nothing is paid for without a right to ask either. A renewal itself costs no tokens.
    /// - Returns: whether one was needed.
    func renewAccess() async throws -> Bool {
        var tries = Tries()
        while true {
            do {
                return try await client.credentials.prepare()
            } catch let failure as RenewalFailure {
                guard tries.failed(at: now) else { throw Stop.notRenewed(failure) }
                try await clock.sleep(milliseconds: tries.pauseMilliseconds(chance: chance()))
            }
        }
    }

    private func reserve(_ steps: [Step]) throws {
        try book(steps.map(\.list))
        for step in steps {
            askCount = uncounted.begin(tokens: step.request.priceTokens)
            logs[step.list].askNumber = askCount
            logs[step.list].rowsAskedFor = step.request.list.pageLimit
            logs[step.list].requests += 1
            logs[step.list].tokens += step.request.priceTokens
        }
    }

    /// Writes the price of one page of each list into the ledger of the present budget day.
    func book(_ lists: [Int]) throws {
        let reservations = lists.map {
            Reservation(
                stream: situation.lists[$0].stream.name, tokens: situation.lists[$0].spec.priceTokens)
        }
        for reservation in reservations { situation.allowance.reserve(reservation.tokens, for: reservation.stream) }
        try keeping { try store.reserve(reservations, allowance: situation.allowance, at: situation.serverNow) }
        for list in lists { logs[list].bookedOn = situation.allowance.day }
    }

    private func ask(_ step: Step, _ group: inout TaskGroup<Event>) {
        let pause = beginAsking(step)
        if pause <= 0 { client.announce() }
        let (client, clock, list) = (client, clock, step.list)
        let stream = situation.lists[list].stream
        let watch = noticing.watches[stream.name]
        let sampling = (noticing.books[step.request.list.path] ?? MemberBook()).recordsToSample
        let parent = stream.saysParent ? step.request.keys.first : nil
        group.addTask {
            do {
                if pause > 0 { try await clock.sleep(milliseconds: pause) }
                let answer = try await client.page(step.request, of: stream, isAnnounced: pause <= 0)
                let page = try? answer.outcome.get()
                let prepared = page.map {
                    PreparedPage($0, answeredAtMilliseconds: answer.answeredAtMilliseconds, parent: parent)
                }
                let look = page.map { client.look(at: $0, watch: watch, sampling: sampling) } ?? PageLook()
                return .answered(list: list, answer, prepared, look)
            } catch {
                return .abandoned(list: list)
            }
        }
    }

    /// Books the step in the situation.
    /// - Returns: how long to wait before the request, after a failed one.
    private func beginAsking(_ step: Step) -> Int64 {
        if let begun = situation.begin(step) { logs[step.list].storedWalk = begun }
        return max(0, logs[step.list].askAgainAtMilliseconds - clock.nowMilliseconds)
    }
}

extension Stop {
    package static func notRenewed(_ failure: RenewalFailure) -> Stop {
        Stop(
            .serverRefuses, "the OAuth server gives no access token (\(failure.reason))",
            hint: "progress is kept; run again later")
    }

    package static func unreachable(_ baseURL: String, _ failure: TransportFailure) -> Stop {
        let reason =
            switch failure {
            case .unreachable(let words), .broken(let words): words
            case .timedOut(let seconds): "no answer within \(seconds) seconds"
            case .tooLarge: "an answer without end"
            }
        return Stop(
            .serverRefuses, "cannot reach \(baseURL) (\(reason))",
            hint: "check api.base_url and the network; progress is kept, run again later")
    }
}
