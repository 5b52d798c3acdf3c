import Planning
import Storage

extension Extractor {
    /// Publishes the files, writes the manifest, ends the run in the books, and says what came of it.
    func close() -> RunReport {
        var report = result(of: ending ?? .done)
        guard !storeIsLost else { return report }
        do {
            try rememberNotices()
            try store.save(resetWatch)
            try store.end(outcome: report.outcome, exitCode: report.code.rawValue)
        } catch {
            // What is committed is sealed by the next run, under this run's name.
            report = result(of: .stopped(Stop(catching: error)))
        }
        return report
    }

    private func result(of ending: Ending) -> RunReport {
        let streams = streamResults()
        let named = Set(job.streams.filter(\.isNamed).map(\.stream.name)).union(options.streams ?? [])
        var resetsAt = calendar.lastReset(after: now, seenReset)
        if case .dayExhausted = ending, let until = try? store.exhaustedUntil() { resetsAt = until }
        let verdict = Verdict(
            ending, streams: streams, named: named, resetsAt: resetsAt, unpayable: Unpayable(in: situation))
        var report = RunReport(
            run: store.name, outcome: verdict.outcome, code: verdict.code, sentence: verdict.sentence,
            requests: logs.reduce(0) { $0 + $1.requests }, tokens: logs.reduce(0) { $0 + $1.tokens },
            records: logs.reduce(0) { $0 + $1.records }, deletes: logs.reduce(0) { $0 + $1.deletes },
            tokensLeft: situation.allowance.leftTodayTokens, streams: streams, sweeps: sweepResults())
        report.expected = expected
        report.budgetReset = seenReset.map(ResetReport.init)
        return report
    }

    /// How far the sweeps are, where one is under way or was in this run.
    private func sweepResults() -> [SweepReport] {
        job.streams.map(\.stream).compactMap { stream in
            let lists = situation.lists.indices.filter {
                situation.lists[$0].stream.name == stream.name && situation.lists[$0].purpose.isUpkeep
            }
            guard !lists.isEmpty, let book = situation.sweeps[stream.name] else { return nil }
            let wasAsked = lists.contains { logs[$0].requests > 0 }
            guard wasAsked || book.begun != nil else { return nil }
            let isHeld = book.isDoubtful(of: stream)
            let failure = lists.lazy.compactMap { self.logs[$0].upkeepFailure }.first
            return SweepReport(stream, book, isHeld: isHeld, failure: failure)
        }
    }

    private func streamResults() -> [RunReport.StreamResult] {
        var results: [RunReport.StreamResult] = []
        for index in situation.lists.indices {
            let name = situation.lists[index].stream.name
            let place = results.firstIndex { $0.stream == name } ?? results.count
            if place == results.count {
                results.append(
                    RunReport.StreamResult(stream: name, state: .complete, records: 0, requests: 0, tokens: 0))
            }
            results[place].add(logs[index], isComplete: Planner.isComplete(index, in: situation))
        }
        return results
    }

    /// Tells the observer how things stand.
    func report() {
        guard let observe else { return }
        let open = situation.lists.indices.filter { !Planner.isComplete($0, in: situation) }
        let busy = situation.lists.filter { $0.pagesInHand > 0 && $0.lane == 0 }.map(\.stream.name)
        let openStreams = Set(open.map { situation.lists[$0].stream.name })
        let streamCount = Set(situation.lists.map(\.stream.name)).count
        observe(
            RunProgress(
                streams: busy, streamsDone: streamCount - openStreams.count, streamCount: streamCount,
                records: logs.reduce(0) { $0 + $1.records }, tokensSpentToday: situation.allowance.spentToday,
                tokensLeft: situation.allowance.leftTokens, dailyTokens: situation.allowance.dailyTokens,
                secondsLeft: secondsLeft(open)))
    }

    private static let secondsBeforeGuess: Int64 = 3

    /// By how much of the open lists' time has been covered since the run began.
    private func secondsLeft(_ open: [Int]) -> Int? {
        let uncovered = uncoveredSeconds()
        let elapsed = now - startedAt
        guard uncovered > 0 else { return open.isEmpty ? 0 : nil }
        let done = uncoveredAtStart - uncovered
        // A guess from the first few pages would be one of hours or none.
        guard elapsed >= Self.secondsBeforeGuess, done * 100 > uncoveredAtStart else { return nil }
        return Int(Double(elapsed) * Double(uncovered) / Double(done))
    }

    func uncoveredSeconds() -> Int64 {
        guard let target = Interval(since: situation.window.start, until: situation.bound) else { return 0 }
        return situation.lists.filter { $0.isLookedAt && $0.spec.timeFilter != .none && !$0.isOut }
            .flatMap { $0.covered.gaps(in: target) }.reduce(0) { $0 + $1.lengthSeconds }
    }
}

extension RunReport.StreamResult {
    fileprivate mutating func add(_ log: ListLog, isComplete: Bool) {
        records += log.records
        requests += log.requests
        tokens += log.tokens
        if let failure = log.failure {
            state = failure.isUnavailable ? .unavailable : .failed
            (reason, code) = (failure.reason, failure.code)
        } else if !isComplete && state == .complete {
            state = .unfinished
        }
    }
}
