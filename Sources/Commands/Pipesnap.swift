import ArgumentParser
import Extraction
import Foundation
import Planning
import Platform

/// The program: finds the command, runs it, and turns whatever it throws into an exit code and one sentence.
@main
struct Pipesnap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipesnap",
        abstract: "Pulls changed Pipedrive records within a token allowance into gzip NDJSON and a SQLite index.",
        discussion: ExitCodeHelp.all,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, PlanCommand.self, StatusCommand.self, ShowCommand.self, StreamsCommand.self,
            CheckCommand.self, VerifyCommand.self, RebuildCommand.self, ExportCommand.self, FilesCommand.self,
            FieldsCommand.self, SchemaCommand.self, LoadCommand.self, CompactCommand.self, PruneCommand.self,
            LoginCommand.self,
        ])

    static func main() async {
        ProcessMemory.useFewArenas()
        ProcessMemory.leaveNoCore()
        StandardOutput.holdPlaces()
        // A reader that has had enough is told by the write itself.
        signal(SIGPIPE, SIG_IGN)
        let words = ProcessArguments.words
        CommonOptions.readLogFormat(words)
        EndingSignal.watch()
        let code = await exitCode(of: words)
        Foundation.exit(code)
    }

    static func exitCode(of arguments: [String]) async -> Int32 {
        do {
            try refuseUnknownCommand(arguments)
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return Planning.ExitCode.complete.rawValue
        } catch {
            return report(error)
        }
    }

    /// The library would only call it unexpected; asked for help on it, it would show the list of all and call it well.
    private static func refuseUnknownCommand(_ arguments: [String]) throws(Stop) {
        guard let first = arguments.first else { return }
        let words = first == help ? arguments.dropFirst() : [first]
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + [help]
        guard let name = words.first(where: { !$0.hasPrefix("-") }), !names.contains(name) else { return }
        let near = Spelling.nearest(to: name, among: names)
        throw Stop(
            .wrongArguments, "there is no command \(name)",
            hint: near.map { "perhaps \($0) was meant" } ?? "pipesnap --help lists them")
    }

    private static let help = "help"

    private static func report(_ error: any Error) -> Int32 {
        switch error {
        case let mistakes as JobFileErrors:
            Console.error(mistakes.lines.joined(separator: "\n"))
            Console.sentence(mistakes.stop)
            return mistakes.stop.code.rawValue
        case let ended as Ended:
            return ended.code.rawValue
        case let stop as Stop:
            Console.sentence(stop)
            return stop.code.rawValue
        default:
            return reportParsing(error)
        }
    }

    /// Help is asked for and goes to stdout; a wrong argument is told on stderr. Nothing else may come as far as here.
    private static func reportParsing(_ error: any Error) -> Int32 {
        switch Self.exitCode(for: error) {
        case .success: break
        case .validationFailure:
            return report(
                Stop(parsing: Self.message(for: error), usage: Self.fullMessage(for: error)))
        default: return report(Stop(catching: error))
        }
        do {
            try Console.output(Self.fullMessage(for: error))
            return Planning.ExitCode.complete.rawValue
        } catch {
            return report(error)
        }
    }
}

extension Stop {
    /// What the library says of a wrong argument, in one sentence. Which command that was stands only at the end of its
    /// longer text, which has the usage as well.
    fileprivate init(parsing message: String, usage: String) {
        let lines = message.split(separator: "\n").map { $0.trimmingPrefix(" ").trimmingPrefix(" - ") }
        let choices = lines.dropFirst().joined(separator: ", ")
        var words = (lines.first ?? "").replacing(". Please provide one of the following:", with: "; it is one of")
        if words.hasSuffix(".") { words.removeLast() }
        let command = usage.firstMatch(of: /See '(.*) --help'/)?.1 ?? "pipesnap"
        self.init(
            .wrongArguments, words.prefix(1).lowercased() + words.dropFirst() + (choices.isEmpty ? "" : " \(choices)"),
            hint: "\(command) --help explains it")
    }
}

/// A command has said what there is to say and ends with this code.
struct Ended: Error {
    var code: Planning.ExitCode
}

enum ExitCodeHelp {
    static let all = lines(Planning.ExitCode.allCases)

    /// The part of a command's help that names its exit codes. Each command prints something, and stdout may refuse.
    static func lines(_ codes: [Planning.ExitCode]) -> String {
        let lines = Set(codes + [.cannotWriteOutput]).sorted { $0.rawValue < $1.rawValue }.map { code in
            let number = String(code.rawValue)
            return "  \(String(repeating: " ", count: max(0, 3 - number.count)))\(number)  \(code.meaning)"
        }
        return "EXIT CODES:\n" + lines.joined(separator: "\n")
    }
}
