/// What a run tells cron. The numbers are part of the contract and follow sysexits.h where it has a word.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case complete = 0
    case someStreamsFailed = 3
    case alreadyRunning = 11
    case wrongArguments = 64
    case badData = 65
    case notInIndex = 66
    case serverRefuses = 69
    case brokenInvariant = 70
    case cannotCreateOutput = 73
    case cannotWriteOutput = 74
    case allowanceUsedUp = 75
    case tokenRefused = 77
    case wrongJobFile = 78
    case hungUp = 129
    case interrupted = 130
    case terminated = 143

    /// For a run that a signal ended, by the shell's custom: 128 and the signal's number.
    package init(signal number: Int32) { self = Self(rawValue: 128 + number) ?? .terminated }

    /// The line in every command's help.
    package var meaning: String {
        switch self {
        case .complete: "complete"
        case .someStreamsFailed: "some streams failed, the others are complete and kept"
        case .alreadyRunning: "another run of this account is under way"
        case .wrongArguments: "wrong arguments"
        case .badData: "the server's data broke the contract, or damage was found"
        case .notInIndex: "the record or stream asked for is not in the index"
        case .serverRefuses: "the server is down or refuses; progress kept"
        case .brokenInvariant: "an invariant of pipesnap broke; nothing more was committed; please report it"
        case .cannotCreateOutput: "the output folder cannot be created or opened"
        case .cannotWriteOutput: "the output cannot be written; what was committed before is kept"
        case .allowanceUsedUp: "the allowance of tokens or time is used up; progress kept, run again"
        case .tokenRefused: "the token is missing, refused, or its file is open to others"
        case .wrongJobFile: "the job file is wrong"
        case .hungUp: "the terminal went away (SIGHUP); what was committed before is kept"
        case .interrupted: "interrupted (SIGINT); what was committed before is kept"
        case .terminated: "terminated (SIGTERM); what was committed before is kept"
        }
    }
}

/// An error that carries its consequence: the exit code, what happened, and what to do about it.
package struct Stop: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: ExitCode
    /// What happened, without a full stop.
    package var reason: String
    /// What to do.
    package var hint: String

    package init(_ code: ExitCode, _ reason: String, hint: String) {
        self.code = code
        self.reason = reason
        self.hint = hint
    }

    /// One sentence for stderr.
    package var description: String { "\(reason); \(hint)." }
}
