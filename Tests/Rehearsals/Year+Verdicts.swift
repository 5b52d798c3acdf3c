import Extraction
import Planning
import Simulator

extension Year {
    /// What no list of ours costs more than.
    private static let dearestTokens = 40
    /// Within so many seconds of the reset, or as many as the clock is wrong, one day may be taken for the other until
    /// the first answer tells: one request a run.
    private static let doubtSeconds: Int64 = 900

    /// By the server's count alone.
    func allowanceComplaints(_ ended: EndedNight, _ job: Job, _ plan: NightPlan) -> [String] {
        let (calendar, counted) = (BudgetCalendar(job.budget), counted)
        let spent = Dictionary(grouping: ended.requests.filter { $0.tokens > 0 }) {
            isMisjudged ? calendar.day(of: Instant(milliseconds: $0.milliseconds)) : $0.budgetDay
        }
        let doubtSeconds = max(Self.doubtSeconds, abs(plan.skewSeconds))
        let reset = calendar.nextReset(after: ended.startedAt - doubtSeconds)
        let isDoubtful = plan.skewSeconds != 0 && reset < ended.startedAt + doubtSeconds
        return spent.keys.sorted().compactMap { day in
            let tokens = counted[day] ?? 0
            let before = tokens - (spent[day] ?? []).reduce(0) { $0 + $1.tokens }
            // Where the books are lost, a request of two tokens asks for what was spent.
            let doubt = isDoubtful ? Self.dearestTokens : day == booksWholeSince ? 2 : 0
            let most = doubt > 0 ? max(job.budget.dailyTokens, before) + doubt : job.budget.dailyTokens
            return tokens > most ? "\(tokens) tokens on \(day) by the server's count, \(most) allowed" : nil
        }
    }

    /// The exit code is one that the night can explain, and says what is so.
    func codeComplaints(
        _ ended: EndedNight, _ job: Job, _ plan: NightPlan, _ views: IndexViews?
    ) throws -> [String] {
        let code = ended.code
        var complaints: [String] = []
        if code != .complete, ended.sentence.isEmpty { complaints.append("exit \(code.rawValue) without a sentence") }
        if !isExplained(ended, plan) { complaints.append("exit \(code.rawValue) (\(code)): \(ended.sentence)") }
        if case .diskDies = plan.mishap, ended.hasStruck, ![.cannotWriteOutput, .cannotCreateOutput].contains(code) {
            complaints.append("the disk died, and the code is \(code.rawValue)")
        }
        guard let report = ended.report else { return complaints }
        if code == .complete {
            let views = try views ?? IndexViews(rehearsal.folder.path)
            complaints += try gaps(report, job, plan, ended.startedAt, covered: views.coverage())
        }
        let isNarrowed = plan.options.maxTokens != nil || plan.options.deadlineSeconds != nil
        if code == .allowanceUsedUp, !isNarrowed, report.tokensLeft >= Self.dearestTokens {
            complaints.append("stopped for want of tokens with \(report.tokensLeft) left")
        }
        return complaints
    }

    private func isExplained(_ ended: EndedNight, _ plan: NightPlan) -> Bool {
        if plan.excuses(ended.code) { return true }
        switch ended.code {
        case .cannotWriteOutput, .cannotCreateOutput: return ended.hasStruck
        case .interrupted: return plan.mishap.signal == 2 && ended.hasStruck
        case .terminated: return plan.mishap.signal == 15 && ended.hasStruck
        case .serverRefuses:
            return plan.mishap.isOfNetwork && ended.hasStruck || ended.startedAt < max(isBlockedUntil, isMarkedUntil)
        case .someStreamsFailed: return ended.isListUnknown || ended.startedAt < isMarkedUntil
        default: return false
        }
    }

    /// Exit 0 says that every stream is covered up to the run's bound.
    private func gaps(
        _ report: RunReport, _ job: Job, _ plan: NightPlan, _ startedAt: Instant, covered: [String: Coverage]
    ) -> [String] {
        let bound = startedAt - job.window.lagSeconds - max(0, -plan.skewSeconds) - 2
        return report.streams.filter { $0.state != .unavailable }.compactMap { result in
            guard let stream = job.streams.first(where: { $0.stream.name == result.stream })?.stream else { return nil }
            let age = plan.options.refresh.contains(stream.name) ? 0 : stream.oldestCopySeconds
            let until = stream.isWholeList ? startedAt - age - 600 : bound
            guard let wanted = Interval(since: job.window.start, until: until) else { return nil }
            let isCovered = covered[stream.name]?.covers(wanted) ?? false
            return isCovered ? nil : "exit 0, and \(stream.name) is not covered over \(wanted)"
        }
    }
}

extension Mishap {
    var isOfNetwork: Bool { if case .networkDies = self { true } else { false } }
    var signal: Int32? { if case .signal(let number, _) = self { number } else { nil } }
}
