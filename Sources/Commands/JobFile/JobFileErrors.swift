package import Planning

/// One thing that is wrong in a job file.
package struct JobFileMistake: Hashable, Sendable {
    /// Counted from 1; nil when the file as a whole is the mistake.
    package var line: Int?
    /// Dotted, `budget.daily_tokens`; nil when no key is concerned.
    package var key: String?
    package var problem: String
}

/// All that is wrong in a job file, in the order of its lines. Never empty.
package struct JobFileErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was given on the command line.
    package let path: String
    package let mistakes: [JobFileMistake]

    /// One line a mistake: `PATH:LINE: key: what is wrong`.
    package var lines: [String] {
        mistakes.map { mistake in
            let place = mistake.line.map { "\(path):\($0): " } ?? "\(path): "
            return place + (mistake.key.map { "\($0): " } ?? "") + mistake.problem
        }
    }

    package var description: String { lines.joined(separator: "\n") }

    /// The consequence, for the line after the mistakes.
    package var stop: Stop {
        let count = mistakes.count == 1 ? "1 mistake" : "\(mistakes.count) mistakes"
        return Stop(
            .wrongJobFile, "\(count) in the job file \(path), and nothing was touched",
            hint: "correct the file and run the command again")
    }
}

/// Collects mistakes while a job file is read, so that reading can go on after each.
final class MistakeList {
    private var found: [JobFileMistake] = []

    var isEmpty: Bool { found.isEmpty }

    func add(line: Int, key: String?, _ problem: String) {
        let mistake = JobFileMistake(line: line, key: key, problem: problem)
        // An alias makes one place of the file count for several keys; the same words need be said once.
        if !found.contains(mistake) { found.append(mistake) }
    }

    /// By line; on one line in the order in which they were found.
    var sorted: [JobFileMistake] {
        found.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }
}
