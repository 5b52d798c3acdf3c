import Planning
import Storage

/// Why the loop ended.
enum Ending: Sendable {
    /// The planner had nothing left to ask for.
    case done
    case outOfAllowance
    /// Of the company's tokens others have left no more than `keep_free`.
    case outOfCompanyTokens
    /// A daily 429: by the company's count nothing is left.
    case dayExhausted
    /// `--max-tokens` or `max_tokens_per_run` is spent; the day may have more.
    case outOfRunLimit
    /// `--spread`: what has passed of the day is spent.
    case outOfEvenShare
    /// These streams have had their share of the day, and all others are done.
    case outOfShare([String])
    case deadline
    /// SIGHUP, SIGINT or SIGTERM.
    case signal(Int32)
    /// Something that ends the run at once.
    case stopped(Stop)
}

/// The exit code, when several apply, by the contract's order.
package struct Verdict {
    /// More of `daily_tokens` is left than others leave of the company's tokens.
    package static let heldByCompany =
        "the company has no more tokens left today than budget.keep_free leaves to others"

    var outcome: Outcome
    var code: ExitCode
    var sentence: String?

    /// - Parameter unpayable: what no other night will bring either.
    init(
        _ ending: Ending, streams: [RunReport.StreamResult], named: Set<String>, resetsAt: Instant,
        unpayable: Unpayable? = nil
    ) {
        // A stream that the account cannot read spoils nothing unless it was named, or nothing else is left.
        let isNothingReadable = streams.allSatisfy { $0.state == .unavailable }
        let failed = streams.filter {
            $0.state == .failed || ($0.state == .unavailable && (isNothingReadable || named.contains($0.stream)))
        }
        switch ending {
        case .stopped(let stop):
            (outcome, code, sentence) = (.failed, stop.code, stop.description)
        case .signal(let number):
            code = ExitCode(signal: number)
            outcome = .interrupted
            sentence = "interrupted by a signal; pages in hand were committed; run again to go on."
        case .deadline:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence = "the time of --deadline is used up; progress is kept; run again to go on."
        case .outOfAllowance:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence = Self.sentence("the allowance of tokens is used up", "run again after \(resetsAt)", unpayable)
        case .outOfCompanyTokens:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence = Self.sentence(Self.heldByCompany, "run again after \(resetsAt)", unpayable)
        case .dayExhausted:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence = Stop.dayExhausted(until: resetsAt.description).description
        case .outOfRunLimit:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence = Self.sentence(
                "the tokens of one run (--max-tokens, budget.max_tokens_per_run) are spent", "run again", unpayable)
        case .outOfEvenShare:
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence =
                "too little is left of the day's even share so far (--spread); progress is kept; run again later to "
                + "go on."
        case .outOfShare(let streams):
            (outcome, code) = (.paused, .allowanceUsedUp)
            sentence =
                "\(streams.joined(separator: ", ")): the day's share (budget.max_share) is used up, everything else is "
                + "complete; run again after \(resetsAt) to go on."
        case .done where failed.isEmpty:
            (outcome, code, sentence) = (.complete, .complete, nil)
        case .done:
            let someComplete = streams.contains { $0.state == .complete }
            outcome = .failed
            code = someComplete ? .someStreamsFailed : failed.first?.code ?? .serverRefuses
            sentence = Self.sentence(about: failed, someComplete: someComplete)
        }
    }

    /// What is used up, and when to go on; what will never fit is not waited for.
    private static func sentence(_ used: String, _ next: String, _ unpayable: Unpayable?) -> String {
        guard let unpayable else { return "\(used); progress is kept; \(next) to go on." }
        guard !unpayable.isEverything else { return "no night can go on: \(unpayable.sentence)." }
        return "\(used); progress is kept; \(next) to go on; but \(unpayable.sentence)."
    }

    private static func sentence(about failed: [RunReport.StreamResult], someComplete: Bool) -> String {
        let names = failed.map { "\($0.stream) (\($0.reason ?? "failed"))" }.joined(separator: ", ")
        let rest = someComplete ? "the others are complete; " : ""
        return "failed: \(names); \(rest)\(hint(for: failed))."
    }

    private static func hint(for failed: [RunReport.StreamResult]) -> String {
        if failed.contains(where: { $0.code == .wrongJobFile }) { return jobFileHint }
        let unreadable = failed.filter { $0.state == .unavailable }.map(\.stream).joined(separator: ", ")
        guard !unreadable.isEmpty else { return "run again to go on" }
        let right = "give the token the right to read \(unreadable), or leave that out of the job's streams"
        return failed.allSatisfy { $0.state == .unavailable } ? right : "run again to go on; \(right)"
    }

    static let jobFileHint = "correct the job file, and run again"
}
