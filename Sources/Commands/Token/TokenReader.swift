import Foundation
package import Planning

/// Fetches the API token from where the job says it is. No message repeats it, nor anything it may be part of.
package enum TokenReader {
    /// Pipedrive's tokens have 40 characters; access tokens of apps are a few hundred.
    static let longestBytes = 4096

    /// Throws with exit code 77.
    /// - Parameter subject: what it is, for messages.
    package static func read(
        _ source: Job.TokenSource, named subject: String = "API token", environment: [String: String]
    ) throws(Stop) -> String {
        switch source {
        case .environment(let variable):
            guard let value = environment[variable] else {
                throw refusal(
                    "the environment variable \(variable), which should hold the \(subject), is not set",
                    "set it, or put the \(subject) in a file of mode 0600 and name that in the job file")
            }
            return try checked(value, "the environment variable \(variable)", subject)
        case .file(let path):
            let words = FileWords(
                name: "the \(subject) file",
                cure: "make it, with the \(subject) alone, readable by the user of the job alone")
            return try checked(try contents(of: path, words), "\(words.name) \(path)", subject)
        case .command(let words):
            let output = try TokenCommand(words: words, environment: environment).output()
            return try checked(output, "the output of the token command \(words[0])", subject)
        }
    }

    /// How messages name a file, and what to do when it is not as it should be.
    struct FileWords {
        var name: String
        var cure: String
    }

    /// The text of a file that nobody but its owner may look into.
    static func contents(of path: String, _ words: FileWords, largestBytes: Int = longestBytes) throws(Stop) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw unopened(path, words, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        // Asked of the open file rather than of its path, so that all answers are about the same file.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refusal("\(words.name) \(path) is no ordinary file", words.cure)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw refusal(
                "\(words.name) \(path) belongs to another user, who can read and change it",
                "run chown on it, so that it belongs to the user of the job")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw refusal("\(words.name) \(path) is open to other users", "run chmod 600 on it")
        }
        do {
            return String(decoding: try SmallFile.read(descriptor, largestBytes: largestBytes), as: UTF8.self)
        } catch {
            throw refusal("\(words.name) \(path) cannot be read: \(error.reason)", words.cure)
        }
    }

    private static func unopened(_ path: String, _ words: FileWords, _ code: Int32) -> Stop {
        switch code {
        case ENOENT: refusal("\(words.name) \(path) is not there", words.cure)
        case EACCES:
            refusal(
                "\(words.name) \(path) cannot be opened: permission denied",
                "make it belong to the user of the job, who must be let into the folders on its way as well")
        default:
            refusal("\(words.name) \(path) cannot be opened: \(String(cString: strerror(code)))", words.cure)
        }
    }

    private static func checked(_ text: String, _ origin: String, _ subject: String) throws(Stop) -> String {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw refusal("\(origin) is empty", "put the \(subject) there") }
        // It becomes a header, where a line end would begin another one.
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), token.utf8.count <= longestBytes else {
            throw refusal(
                "\(origin) holds something that no \(subject) has: spaces, line ends or too many characters",
                "put the \(subject) there, alone")
        }
        return token
    }

    static func refusal(_ reason: String, _ hint: String) -> Stop { Stop(.tokenRefused, reason, hint: hint) }
}
