import ArgumentParser
import Extraction
import Planning

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Job file, token, folders, lock, clock, allowance: for each a tick or what to do.",
        discussion: "It may send one request of 2 tokens, reserved like any other, never when it would not fit.\n\n"
            + ExitCodeHelp.lines([
                .complete, .alreadyRunning, .wrongArguments, .serverRefuses, .cannotCreateOutput, .allowanceUsedUp,
                .tokenRefused, .wrongJobFile,
            ]))

    @Argument(help: "The job file.")
    var job: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let world = World()
        let job = try world.job(job)
        var checkup = Checkup(world: world, job: job)
        let findings = await checkup.findings()
        let worst = findings.first { !$0.isWell }
        let text = try common.json ? JSONText.pretty(findings) : findings.map(\.line).joined(separator: "\n")
        try Console.report(text, of: worst?.code ?? .complete)
        guard let worst else { return }
        throw Stop(worst.code, "\(worst.subject): \(worst.detail)", hint: worst.hint ?? "see pipesnap check --help")
    }
}

/// One thing that was looked at.
struct Finding: Encodable, Sendable {
    var subject: String
    var isWell: Bool
    var detail: String
    var hint: String?
    /// What a run would end with.
    var code = Planning.ExitCode.complete
    var budgetReset: ResetReport?

    private enum CodingKeys: String, CodingKey {
        case subject, isWell, detail, hint, budgetReset
    }

    var line: String { "\(isWell ? "✓" : "✗") \(subject): \(detail)\(hint.map { "; \($0)" } ?? "")" }

    static func well(_ subject: String, _ detail: String) -> Finding {
        Finding(subject: subject, isWell: true, detail: detail)
    }

    static func wrong(_ subject: String, _ stop: Stop) -> Finding {
        Finding(subject: subject, isWell: false, detail: stop.reason, hint: stop.hint, code: stop.code)
    }
}
