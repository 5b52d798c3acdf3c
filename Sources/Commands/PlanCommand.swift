import ArgumentParser
import Extraction
import Planning
import Storage

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "What run would do now and what it would cost; sends no request.",
        discussion: ExitCodeHelp.lines([.complete, .wrongArguments, .badData, .cannotCreateOutput, .wrongJobFile]))

    @Argument(help: "The job file.")
    var job: String

    @OptionGroup var narrowing: NarrowingOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let world = World()
        let job = try world.job(job)
        let folder = AccountFolder(account: job.account, output: job.output.directory, disk: world.disk)
        let (options, index) = (try narrowing.options(for: job), try folder.index())
        let parentless = ParentlessStream.stop(
            job, only: options.streams, coverage: try index?.listCoverage() ?? [:])
        let report = try PlanReport(
            job: job, options: options, index: index, now: world.now, access: world.accessName(of: job))
        // The other streams would be pulled all the same.
        if parentless == nil || !report.lists.isEmpty {
            try Console.report(common.json ? JSONText.pretty(report) : report.text, of: parentless?.code ?? .complete)
        }
        if let parentless { throw parentless }
    }
}

extension PlanReport {
    var text: String {
        let alone = leftAlone.map { "\($0.stream) is left alone until \($0.until): \($0.why)" }
        guard !lists.isEmpty else {
            let rest = alone.isEmpty ? "every stream" : "every other stream"
            return (alone + ["nothing to do: \(rest) is covered up to \(bound)"]).joined(separator: "\n")
        }
        let rows =
            [["list", "pages", "tokens", "why", "windows"]]
            + lists.map { list in
                let windows = list.windows.map { "\($0.since) … \($0.until)" }.joined(separator: ", ")
                return [
                    list.list, String(list.pages), String(list.tokens), list.why,
                    windows.isEmpty ? "whole list" : windows,
                ]
            }
        let unknown = unpriced.map(\.text)
        let guess = isGuess ? " at least: of lists that were never read one page each is counted" : ""
        let sum = "everything\(unpriced.isEmpty ? "" : " but that"): \(requests) requests, \(tokens) tokens\(guess)"
        let left = "\(leftToday) of \(dailyTokens) tokens are left today; windows end at \(bound)"
        let stopped = blockedUntil.map(Stop.blockedByGateway) ?? exhaustedUntil.map(Stop.dayExhausted)
        let next = stopped?.description ?? nextRun.text
        let end = [sum, completion] + (unpayable.map { [$0] } ?? []) + [left]
        return (Table.lines(rows) + [""] + alone + unknown + ["next run: \(next)"] + end).joined(separator: "\n")
    }

    private var completion: String {
        guard lists.contains(where: { $0.why == "history" || $0.why.hasSuffix("not there") }) else {
            return "no history is missing"
        }
        guard let nights, let completeOn else {
            return "history is never complete at this allowance"
                + (unpayable == nil ? ": looking for what is new takes all of it" : "")
        }
        return "history is complete on \(completeOn), in \(nights) \(nights == 1 ? "night" : "nights"), "
            + (isGuess ? "if there is no more than that" : "by what the lists have held so far")
    }
}

extension PlanReport.Unpriced {
    var text: String {
        let parent = parentsARequest == 1 ? "each of them" : "every \(parentsARequest) of them"
        return "\(stream): its price cannot be known before \(parents) are read: \(tokensARequest) tokens for \(parent)"
    }
}

extension Expected {
    var text: String {
        "\(requests) requests, \(tokens) tokens" + (requests > 0 ? seconds.map { ", about \(max(1, $0)) s" } ?? "" : "")
    }
}
