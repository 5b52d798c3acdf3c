import Extraction
import Planning
import Simulator

/// Each night's story knows what is needed to understand it.
extension Year {
    /// The last nights alone: each knows what is needed to understand it.
    mutating func begin(_ edits: String, _ job: Job, _ plan: NightPlan) {
        let starts = story.indices.filter { story[$0].hasPrefix("night") }
        if starts.count > 3 { story.removeFirst(starts[1]) }
        let window = job.window
        let streams = job.streams.map(\.stream.name).joined(separator: ", ")
        story.append("night \(night) of seed \(seed) · \(rehearsal.now) · \(streams)")
        tell(
            "job file   \(job.budget.dailyTokens) tokens a day, keep_free \(job.budget.keepFree), "
                + "\(job.concurrency) in flight, start \(window.start), lag \(window.lagSeconds) s, "
                + "overlap \(window.overlapSeconds) s, sweep \(window.sweepSeconds) s"
                + (edits.isEmpty ? "" : "; edited: \(edits)"))
        tell("company    " + changes())
        let faults =
            plan.faults.map { "\($0.kind.rawValue) \($0.occasion)" } + (plan.isReachable ? [] : ["nobody there"])
        var troubles = faults
        if plan.mishap != .none { troubles.append("\(plan.mishap)") }
        if plan.skewSeconds != 0 { troubles.append("our clock is \(plan.skewSeconds) s ahead") }
        if let request = plan.rivalAt { troubles.append("a second run begins at request \(request)") }
        if let request = plan.editsAt { troubles.append("\(plan.edits) records change at request \(request)") }
        if let kind = plan.massDeletion { troubles.append("two thirds of the \(kind.rawValue) are deleted") }
        let options = plan.options
        if let most = options.maxTokens { troubles.append("--max-tokens \(most)") }
        if let deadline = options.deadlineSeconds { troubles.append("--deadline \(deadline)s") }
        if let narrowed = options.streams { troubles.append("--streams \(narrowed.joined(separator: ","))") }
        if !options.refresh.isEmpty { troubles.append("--refresh \(options.refresh.sorted().joined(separator: ","))") }
        if options.acceptsDeletions { troubles.append("--accept-deletions") }
        if !troubles.isEmpty { tell("troubles   " + troubles.joined(separator: "; ")) }
    }

    /// What people did since the last night.
    private mutating func changes() -> String {
        let account = rehearsal.company.withAccount { $0 }
        var words: [String] = []
        for kind in RecordKind.living {
            let (before, after) = (rowsBefore[kind] ?? [], account.rows(kind))
            let (edited, gone) = zip(before, after).reduce(into: (0, 0)) { count, pair in
                guard pair.0.revision != pair.1.revision else { return }
                if pair.1.isDeleted && !pair.0.isDeleted { count.1 += 1 } else { count.0 += 1 }
            }
            let new = after.count - before.count
            guard new + edited + gone > 0 else { continue }
            words.append("\(kind.rawValue) +\(new) ~\(edited) -\(gone)")
            rowsBefore[kind] = after
        }
        return words.isEmpty ? "nothing changed" : words.joined(separator: ", ")
    }

    mutating func describe(_ ended: EndedNight, covered: [String: Coverage]) {
        let statuses = Dictionary(grouping: ended.requests, by: \.status).mapValues(\.count).sorted { $0.key < $1.key }
        let answers = statuses.map { "\($0.value)x \($0.key)" }.joined(separator: ", ")
        let tokens = ended.requests.reduce(0) { $0 + $1.tokens }
        let report = ended.report
        tell(
            "run        \(report?.run ?? "did not begin"): "
                + (ended.isKilled ? "killed" : "exit \(ended.code.rawValue)")
                + "; \(ended.requests.count) requests (\(answers)), \(tokens) tokens by the server's count; "
                + "\(report?.records ?? 0) versions")
        let sweeps = (report?.sweeps ?? []).map {
            "\($0.stream) \($0.state.rawValue), began \($0.beganAt ?? ""), shown \($0.shown), missing \($0.missing), "
                + "gone \($0.gone)"
        }
        if !sweeps.isEmpty { tell("sweeps     " + sweeps.joined(separator: "; ")) }
        if !ended.sentence.isEmpty, !ended.isKilled { tell("said       \(ended.sentence)") }
        let words = covered.sorted { $0.key < $1.key }.map { stream, coverage in
            "\(stream) " + coverage.intervals.map { "\($0.since)..\($0.until)" }.joined(separator: " ")
        }
        tell("coverage   " + words.joined(separator: ", "))
    }
}
