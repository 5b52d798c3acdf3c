import ArgumentParser
import Extraction
import Planning

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON document on stdout.")
    var json = false

    @Option(help: "How lines on stderr look: text or json.")
    var logFormat = LogFormat.text

    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    mutating func validate() throws { Console.logsJSON.store(logFormat == .json, ordering: .relaxed) }

    /// Also where the arguments are not understood as a whole.
    static func readLogFormat(_ arguments: [String]) {
        let option = "--log-format"
        let isJSON = zip(arguments, arguments.dropFirst()).contains { $0 == (option, LogFormat.json.rawValue) }
        let isJoined = arguments.contains("\(option)=\(LogFormat.json.rawValue)")
        Console.logsJSON.store(isJSON || isJoined, ordering: .relaxed)
    }
}

/// What narrows a run, and a plan of one.
struct NarrowingOptions: ParsableArguments {
    @Option(help: "Only these streams of the job, by name, with commas.")
    var streams: String?

    @Option(help: "List these streams anew, with commas, however young their copy is.")
    var refresh: String?

    @Option(help: ArgumentHelp("Pull changes before this time only, 2026-11-23T02:00:00Z.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Spend at most this many tokens in this run.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("Begin no request after this long: 90s, 30m, 2h.", valueName: "duration"))
    var deadline: String?

    @Flag(help: "Spend no more than the day's even share so far: for a job that cron starts often.")
    var spread = false

    func options(for job: Job) throws -> RunOptions {
        var options = RunOptions(
            streams: try chosenStreams(of: job), until: try untilTime(), maxTokens: try tokens(),
            deadlineSeconds: try deadlineSeconds(), isSpread: spread)
        options.refresh = try refreshedStreams(of: job, options.streams)
        return options
    }

    private func refreshedStreams(of job: Job, _ chosen: [String]?) throws -> Set<String> {
        guard let refresh else { return [] }
        let names = try names(in: refresh, of: "--refresh")
        let streams = job.streams.map(\.stream).filter { chosen?.contains($0.name) ?? true }
        for name in names {
            guard let stream = streams.first(where: { $0.name == name }) else {
                let known = streams.map(\.name).joined(separator: ", ")
                throw wrong("--refresh: \(name) is not among the streams of this run, which are \(known)")
            }
            guard stream.lists.contains(where: { $0.timeFilter == .none }) else {
                throw wrong("--refresh: \(name) is pulled by what changed, and has no copy that could be old")
            }
        }
        return Set(names)
    }

    private func chosenStreams(of job: Job) throws -> [String]? {
        guard let streams else { return nil }
        let names = try names(in: streams, of: "--streams")
        let known = job.streams.map(\.stream.name)
        guard let unknown = names.first(where: { !known.contains($0) }) else { return names }
        throw wrong("--streams: \(unknown) is not a stream of this job; it has \(known.joined(separator: ", "))")
    }

    /// A name that is missing between two commas is a slip, and may have been meant to be there.
    private func names(in list: String, of option: String) throws -> [String] {
        let names = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.contains(where: { !$0.isEmpty }) else { throw wrong("\(option) names no stream") }
        guard names.allSatisfy({ !$0.isEmpty }) else { throw wrong("\(option): a name is missing in \(list)") }
        // The same name twice may have been meant to be another one.
        for (place, name) in names.enumerated() where names[..<place].contains(name) {
            throw wrong("\(option): \(name) stands there twice")
        }
        return names
    }

    private func untilTime() throws -> Instant? {
        guard let until else { return nil }
        guard let time = Instant(zoned: until) else {
            throw wrong("--until: \(until) is not a time with its zone, such as 2026-11-23T02:00:00Z")
        }
        return time
    }

    private func tokens() throws -> Int? {
        guard let maxTokens, maxTokens < 1 else { return maxTokens }
        throw wrong("--max-tokens: must be at least 1, not \(maxTokens)")
    }

    private func deadlineSeconds() throws -> Int64? {
        guard let deadline else { return nil }
        guard let seconds = DurationText.seconds(of: deadline) else {
            throw wrong("--deadline: \(deadline) is not a duration such as 90s, 30m or 2h")
        }
        return seconds
    }

    private func wrong(_ problem: String) -> Stop {
        Stop(.wrongArguments, problem, hint: "see --help")
    }
}

/// A span of time as an option names it.
enum DurationText {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// Nil for anything else than a number of seconds, minutes, hours or days.
    static func seconds(of text: String) -> Int64? {
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number >= 0 else {
            return nil
        }
        let product = number.multipliedReportingOverflow(by: unit)
        return product.overflow ? nil : product.partialValue
    }
}
