/// What pages of one list showed, when they were asked for one purpose: what a price is made from.
package struct Reading: Hashable, Sendable {
    package var pages: Int
    /// Walks and listings that came to their end.
    package var ends: Int
    /// Records shown, known ones as well.
    package var rows: Int
    /// Records that were met for the first time.
    package var added: Int
    /// The update time that was covered, in seconds.
    package var seconds: Int64

    package init(pages: Int = 0, ends: Int = 0, rows: Int = 0, added: Int = 0, seconds: Int64 = 0) {
        self.pages = pages
        self.ends = ends
        self.rows = rows
        self.added = added
        self.seconds = seconds
    }

    static func + (a: Reading, b: Reading) -> Reading {
        Reading(
            pages: a.pages + b.pages, ends: a.ends + b.ends, rows: a.rows + b.rows, added: a.added + b.added,
            seconds: a.seconds + b.seconds)
    }
}

/// All that the index has learnt of what lists hold.
package struct Readings: Sendable {
    package struct Place: Hashable, Sendable {
        package var list: String
        package var kind: StepKind
        package init(_ list: String, _ kind: StepKind) { (self.list, self.kind) = (list, kind) }
    }

    /// Since the index was made.
    package var everything: [Place: Reading]
    /// Of the last `recentDays` budget days on which anything was read.
    package var recent: [Place: Reading]
    /// The greatest key of each stream whose keys are numbers: no more records than that can exist.
    package var greatestKeys: [String: Int]
    /// Seconds from one request to the next in recent runs; nil before the first.
    package var secondsPerRequest: Double?

    package static let recentDays = 7

    package init(
        everything: [Place: Reading] = [:], recent: [Place: Reading] = [:], greatestKeys: [String: Int] = [:],
        secondsPerRequest: Double? = nil
    ) {
        self.everything = everything
        self.recent = recent
        self.greatestKeys = greatestKeys
        self.secondsPerRequest = secondsPerRequest
    }

    func recent(_ list: ListSpec, _ kind: StepKind) -> Reading { recent[Place(list.name, kind)] ?? Reading() }
    func all(_ list: ListSpec, _ kind: StepKind) -> Reading { everything[Place(list.name, kind)] ?? Reading() }

    /// Whatever was read of a list by windows of update time.
    func windowed(_ list: ListSpec) -> Reading { all(list, .news) + all(list, .history) }
}
