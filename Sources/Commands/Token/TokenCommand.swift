import Foundation
import Planning

/// A program whose standard output is the token. Its standard error is thrown away and its arguments are not
/// repeated, since either may hold the secret.
struct TokenCommand {
    /// A password store may ask its agent, but nobody is there to type at night.
    static let patienceSeconds = 60

    var words: [String]
    var environment: [String: String]
    var patience = Duration.seconds(Self.patienceSeconds)

    func output() throws(Stop) -> String {
        guard let program = words.first, !program.isEmpty else { throw failure("is empty", "name a program") }
        guard let path = ChildProcess.path(of: program, in: environment) else {
            throw failure("is not in PATH", "write its full path in the job file; cron's PATH is short")
        }
        guard let child = ChildProcess(path: path, words: words, environment: environment) else {
            throw failure("cannot be started", "see that it is there and may be executed")
        }
        let byHand = "run it by hand, as the user of the job"
        switch child.output(patience: patience, largestBytes: TokenReader.longestBytes) {
        case .output(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .exited(let status): throw failure("ended with status \(status)", byHand)
        case .killed(let signal): throw failure("was ended by signal \(signal)", byHand)
        case .tooLate: throw failure("did not end within \(patience)", byHand)
        case .tooMuch: throw failure("wrote more than a token", byHand)
        }
    }

    private func failure(_ reason: String, _ hint: String) -> Stop {
        TokenReader.refusal("the token command \(words.first ?? "") \(reason)", hint)
    }
}
