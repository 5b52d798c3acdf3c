import ArgumentParser
import Extraction
import Planning
import Storage

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Per stream: how far it is covered, what is missing; tokens spent today and left.",
        discussion: ExitCodeHelp.lines([.complete, .wrongArguments, .badData, .cannotCreateOutput, .wrongJobFile]))

    @Argument(help: "The job file.")
    var job: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let report = try StatusReport(
            job: job, index: try folder.index(), now: world.now, access: world.accessName(of: job))
        try Console.output(common.json ? JSONText.pretty(report) : report.text)
        // Whoever may not write there is told once more.
        if !common.json, !report.untold.isEmpty { try? folder.tellNotices() }
    }
}

extension StatusReport {
    var text: String {
        var lines = [
            "account \(account), budget day \(budgetDay): \(spentToday) of \(dailyTokens) tokens spent, "
                + "\(leftToday) left until \(resetsAt)"
        ]
        if let companyRemaining {
            let kept = companyKept.map { $0 > 0 ? ", \($0) are kept free for others" : "" } ?? ""
            lines.append("the company had \(companyRemaining) tokens left when last seen\(kept)")
        }
        if let warning = budgetReset?.warning { lines.append(warning) }
        if let unpayable { lines.append(unpayable) }
        if let blockedUntil { lines.append("\(Stop.blockedByGateway(until: blockedUntil))") }
        if let exhaustedUntil { lines.append("\(Stop.dayExhausted(until: exhaustedUntil))") }
        lines.append("last run: \(lastRun.map(\.text) ?? "none yet")")
        if lastComplete?.run != lastRun?.run {
            lines.append("last complete: \(lastComplete.map(\.text) ?? "none yet")")
        }
        lines.append("")
        let rows =
            [["stream", "versions", "tokens today", "last success", "covered", "missing"]] + streams.map(\.cells)
        return (lines + Table.lines(rows) + prunedLines + sweepLines + noticeLines).joined(separator: "\n")
    }
}

extension StatusReport {
    /// Once is enough.
    var untold: [NoticeReport] { notices.filter { !$0.isTold } }

    private var prunedLines: [String] {
        let streams = Dictionary(grouping: streams.filter { $0.prunedBefore != nil }) { $0.prunedBefore ?? "" }
        let lines = streams.sorted { $0.key < $1.key }.map { moment, streams in
            "versions superseded before \(moment) were pruned of \(streams.map(\.stream).joined(separator: ", "))"
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    private var noticeLines: [String] {
        untold.isEmpty ? [] : ["", "noticed of the API, and told here once:"] + untold.map(\.sentence)
    }

    private var sweepLines: [String] {
        guard lastRun != nil, !sweeps.isEmpty else { return [] }
        let rows = [["key sweep", "state", "keys compared", "missing", "gone", "moved", "newer", "last ended"]]
        return [""] + Table.lines(rows + sweeps.map(\.cells)) + sweeps.compactMap(\.notice)
            + sweeps.compactMap { sweep in sweep.failure.map { "the sweep of \(sweep.stream) waits: \($0)" } }
    }
}

extension SweepReport {
    fileprivate var cells: [String] {
        let compared = known.map { "\(shown) of about \($0)" } ?? String(shown)
        return [
            stream, state.rawValue, compared, String(missing), String(gone), String(moved), String(newer),
            lastEndedAt ?? "none yet",
        ]
    }
}

extension RunSummary {
    var text: String {
        "\(run), \(outcome ?? "under way or killed")\(exitCode.map { " (exit \($0))" } ?? ""), \(records) versions, "
            + "\(tokens) tokens"
    }
}

extension StatusReport.StreamStatus {
    fileprivate var cells: [String] {
        let waiting = (waitingParents ?? 0) > 0 ? "; children of \(waitingParents ?? 0) records" : ""
        let missing =
            unavailable.map { "unavailable until \(unavailableUntil ?? "tomorrow"): \($0)" }
            ?? spans(missing, none: "nothing", isOpen: true) + waiting
        let success = lastSuccess ?? "none yet"
        return [stream, String(versions), String(spentToday), success, spans(covered, none: "nothing yet"), missing]
    }

    /// The newest span, and how many more there are.
    private func spans(_ spans: [StatusReport.Span], none: String, isOpen: Bool = false) -> String {
        guard let last = spans.last else { return none }
        // What follows the last covered moment is missing on any day; it need not look like a hole.
        if isOpen && last.since == covered.last?.until && spans.count == 1 { return "since \(last.since)" }
        let more = spans.count > 1 ? " and \(spans.count - 1) more" : ""
        return "\(last.since) … \(last.until)\(more)"
    }
}

/// Columns of text, as wide as their widest cell.
enum Table {
    static func lines(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
