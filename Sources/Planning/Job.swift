/// A job file, read and checked: everything a run needs to know, with all defaults filled in.
package struct Job: Sendable {
    /// `[a-z0-9][a-z0-9_-]*`: names the lock, the ledger and the output folders.
    package var account: String
    /// Without a trailing slash.
    package var baseURL: String
    package var access: Access
    /// Absolute path of a PEM file of authorities that are trusted beside the system's.
    package var authorityFile: String?
    package var budget: Budget
    package var window: Window
    /// In the order in which they are pulled, each stream once: those of `priority`, then as `streams` names them.
    package var streams: [Selected]
    package var output: Output
    /// Page requests in flight.
    package var concurrency: Int
    /// Not in the job file: rehearsals have shorter lists.
    package var lanes = LaneRules()

    /// What lets the job in.
    package enum Access: Hashable, Sendable {
        case token(TokenSource)
        case oauth(OAuth)
    }

    package struct OAuth: Hashable, Sendable {
        package var clientID: TokenSource
        package var clientSecret: TokenSource
        /// Absolute path; written by each renewal, mode 0600.
        package var refreshTokenFile: String
        /// Without a trailing slash.
        package var server: String
        /// Where the browser comes back to; the app's callback URL, to the letter.
        package var redirect: String

        package init(
            clientID: TokenSource, clientSecret: TokenSource, refreshTokenFile: String, server: String,
            redirect: String
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.refreshTokenFile = refreshTokenFile
            self.server = server
            self.redirect = redirect
        }
    }

    /// Where a secret comes from; the secret itself is never part of a job.
    package enum TokenSource: Hashable, Sendable {
        case environment(variable: String)
        /// Absolute path; the file must be mode 0600 or stricter.
        case file(path: String)
        /// A program and its arguments; its standard output is the token.
        case command([String])
    }

    package struct Budget: Hashable, Sendable {
        package var dailyTokens: Int
        package var keepFree: KeepFree
        /// When the budget day begins, in seconds after midnight of `timeZone`.
        package var resetsAtSeconds: Int
        /// An IANA name, `UTC` or `Europe/Berlin`.
        package var timeZone: String
        /// The most that one run may spend; nil = whatever the day has left.
        package var maxTokensPerRun: Int?
        /// The share of `dailyTokens` that a stream may take in a budget day, in percent, by the stream's name.
        package var maxSharePercent: [String: Double] = [:]

        package init(dailyTokens: Int, keepFree: KeepFree, resetsAtSeconds: Int, timeZone: String) {
            self.dailyTokens = dailyTokens
            self.keepFree = keepFree
            self.resetsAtSeconds = resetsAtSeconds
            self.timeZone = timeZone
        }

        /// The same in tokens, rounded down.
        package var ceilings: [String: Int] {
            maxSharePercent.mapValues { Int(Double(dailyTokens) * $0 / 100) }
        }
    }

    /// What is left of the company's daily budget to others.
    package enum KeepFree: Hashable, Sendable {
        case tokens(Int)
        /// Of the company's daily limit, 0...100.
        case percent(Double)
    }

    package struct Window: Hashable, Sendable {
        package var start: Instant
        package var lagSeconds: Int64
        package var overlapSeconds: Int64
        /// 0 = never.
        package var sweepSeconds: Int64

        package init(start: Instant, lagSeconds: Int64, overlapSeconds: Int64, sweepSeconds: Int64) {
            self.start = start
            self.lagSeconds = lagSeconds
            self.overlapSeconds = overlapSeconds
            self.sweepSeconds = sweepSeconds
        }
    }

    package struct Selected: Hashable, Sendable {
        package var stream: StreamSpec
        /// The job names the stream itself rather than its group: then its absence is a failure.
        package var isNamed: Bool

        package init(stream: StreamSpec, isNamed: Bool) {
            self.stream = stream
            self.isNamed = isNamed
        }
    }

    package struct Output: Hashable, Sendable {
        /// Absolute.
        package var directory: String
        /// zlib 1...9.
        package var compressionLevel: Int
        /// The compressed size at which a file is sealed and a new one begun.
        package var rollAtBytes: Int64

        package init(directory: String, compressionLevel: Int, rollAtBytes: Int64) {
            self.directory = directory
            self.compressionLevel = compressionLevel
            self.rollAtBytes = rollAtBytes
        }
    }

    package init(
        account: String, baseURL: String, access: Access, budget: Budget, window: Window, streams: [Selected],
        output: Output, concurrency: Int
    ) {
        self.account = account
        self.baseURL = baseURL
        self.access = access
        self.budget = budget
        self.window = window
        self.streams = streams
        self.output = output
        self.concurrency = concurrency
    }
}
