package import Planning

/// How one run is narrowed on the command line.
package struct RunOptions: Sendable {
    /// Names of streams of the job; nil = all of them.
    package var streams: [String]?
    /// Windows end here at the latest.
    package var until: Instant?
    package var maxTokens: Int?
    package var deadlineSeconds: Int64?
    /// No more than the day's even share is spent so far.
    package var isSpread: Bool
    /// Sweeps may bury more than a tenth of a stream.
    package var acceptsDeletions: Bool
    /// Streams of whose lists those that are read as a whole are listed anew, however young their copy is.
    package var refresh: Set<String> = []

    package init(
        streams: [String]? = nil, until: Instant? = nil, maxTokens: Int? = nil, deadlineSeconds: Int64? = nil,
        isSpread: Bool = false, acceptsDeletions: Bool = false
    ) {
        self.streams = streams
        self.until = until
        self.maxTokens = maxTokens
        self.deadlineSeconds = deadlineSeconds
        self.isSpread = isSpread
        self.acceptsDeletions = acceptsDeletions
    }
}
