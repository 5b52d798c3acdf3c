/// A key sweep under way: the walk through all keys of a stream, slice by slice, that finds what is gone. It is
/// remembered with every page and may take many nights.
///
/// Each of the stream's lists is walked by key. What the first one does not show of the records that are known is
/// missing; what a later one shows is missing no longer. Then whatever is left is asked for by its key, of every
/// list, and only what none of them has is gone: a record may have moved between the lists meanwhile.
package struct Sweep: Hashable, Sendable {
    package var stream: String
    /// The server's time when it began.
    package var beganAt: Instant
    /// Which of the stream's lists is being walked; their count when all have been.
    package var part = 0
    /// Where that list goes on; nil at its beginning.
    package var position: PagePosition?
    /// The end of the last slice; nil at the beginning of a list.
    package var lastKey: RecordKey?
    /// Records that stood as present when it began.
    package var known: Int
    /// Records that were shown.
    package var shown = 0
    /// Tombstones written.
    package var gone = 0
    /// Records that were newer at the source than here although their time is covered. There should be none.
    package var newer = 0

    package init(stream: String, beganAt: Instant, known: Int) {
        self.stream = stream
        self.beganAt = beganAt
        self.known = known
    }

    /// A sweep that misses more than this share of what is known has stopped: most likely the token has lost its
    /// rights. One record is more than a tenth of a stream of nine, so a single one is buried as long as others of its
    /// stream are shown: or whoever deletes one of five products would be asked each time.
    static let mostMissingShare = 10
    static let mostMissing = 1

    /// How far back, before the time in question, it is looked for what moved: more than two clocks are apart.
    static let clockMarginSeconds: Int64 = 3600

    /// So many missing records are not buried without being told to.
    package func isDoubtful(missing: Int) -> Bool {
        let fewest = known > Self.mostMissing ? Self.mostMissing : 0
        return missing + gone > max(fewest, known / Self.mostMissingShare)
    }
}

/// A part of the keys: after one, up to another.
package struct KeySlice: Hashable, Sendable {
    /// Nil from the very beginning.
    package var after: RecordKey?
    /// Nil to the very end.
    package var through: RecordKey?

    package init(after: RecordKey?, through: RecordKey?) { (self.after, self.through) = (after, through) }
}

extension Sweep {
    /// Rows of the page before that a page by offset begins with: so many may be deleted between the two without
    /// others slipping through. What does slip through is only missing, and found again when it is asked for.
    static let overlapRows = 20

    /// The same for keys whose order nobody knows: only the whole list vouches, and for all keys. What it shows twice
    /// or leaves out between two pages is only missing.
    /// - Returns: nil in place of the slice before the list's end.
    package func advanced(pastUnordered keys: [RecordKey], to next: PagePosition?, of list: ListSpec) -> (
        Sweep, KeySlice?
    ) {
        var sweep = self
        let overlap = position == nil ? 0 : list.sweepOverlapRows
        sweep.shown += max(0, keys.count - overlap)
        sweep.position = next?.reachingBack(of: list)
        guard next == nil else { return (sweep, nil) }
        sweep.part += 1
        return (sweep, KeySlice(after: nil, through: nil))
    }

    /// Takes in a page of the list under way.
    /// - Parameter keys: in the order in which they came.
    /// - Returns: the sweep after it, and the slice that the page vouches for. Nil when the page is not sorted by
    ///   key, or begins where the last one did: then it vouches for nothing.
    package func advanced(past keys: [RecordKey], to next: PagePosition?, of list: ListSpec) -> (Sweep, KeySlice)? {
        let rises = zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }
        guard rises else { return nil }
        if case .cursor = position, let first = keys.first, let lastKey, first <= lastKey { return nil }
        if position != nil, next != nil, let last = keys.last, let lastKey, last <= lastKey { return nil }
        var sweep = self
        sweep.shown += keys.count { key in lastKey.map { $0 < key } ?? true }
        guard let next else {
            sweep.part += 1
            (sweep.position, sweep.lastKey) = (nil, nil)
            return (sweep, KeySlice(after: lastKey, through: nil))
        }
        sweep.position = next.reachingBack(of: list)
        sweep.lastKey = keys.last ?? lastKey
        return (sweep, KeySlice(after: lastKey, through: sweep.lastKey))
    }

    /// The same list from its beginning: where it stood was refused.
    package var restarted: Sweep {
        var sweep = self
        (sweep.position, sweep.lastKey) = (nil, nil)
        return sweep
    }
}

extension PagePosition {
    /// By cursor nothing shifts. An offset counts rows that may go away meanwhile.
    fileprivate func reachingBack(of list: ListSpec) -> PagePosition {
        guard case .start(let start) = self else { return self }
        return .start(max(1, start - list.sweepOverlapRows))
    }
}

extension ListSpec {
    fileprivate var sweepOverlapRows: Int { min(Sweep.overlapRows, pageLimit / 10) }
}

extension RecordKey: Comparable {
    /// As SQLite sorts them: numbers first, then texts byte by byte.
    package static func < (a: RecordKey, b: RecordKey) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.integer, .text): true
        case (.text, .integer): false
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        }
    }
}

/// What is known of a stream's sweeps.
package struct SweepBook: Hashable, Sendable {
    package var begun: Sweep?
    /// Records that the sweep under way misses, as far as it got.
    package var missing = 0
    /// The missing records to be asked for next, and which list is to be asked.
    package var unconfirmed: [RecordKey] = []
    package var unconfirmedPart = 0
    /// The user has said of this very sweep that what it misses was really deleted.
    package var isAccepted = false
    /// When the last of them was not there by its key.
    package var absentAt: Instant?
    /// Everything that is missing was there at this time or later. Only for streams whose records can move to another.
    package var seenSince: Instant?
    /// Records that became ones of another stream, found by the sweep under way or else by the last one.
    package var moved = 0
    /// The last complete one.
    package var last: FinishedSweep?

    package init() {}

    /// The last one began longer ago than `window.sweep`; 0 = never.
    package func isDue(at now: Instant, every sweepSeconds: Int64) -> Bool {
        guard sweepSeconds > 0 else { return false }
        return last.map { now - $0.beganAt >= sweepSeconds } ?? true
    }

    /// There was none yet, or the next one should have ended long ago.
    package func isLate(at now: Instant, every sweepSeconds: Int64) -> Bool {
        last.map { now - $0.endedAt >= 2 * sweepSeconds } ?? true
    }

    /// All lists were walked, what moved was found, and too much is missing to be buried without being told to. From
    /// here on nothing more comes to be missing, so a consent is for what is missing now.
    package func isDoubtful(of stream: StreamSpec) -> Bool {
        guard let begun, !isAccepted, begun.part >= SweepCourse(of: stream).confirmsAt else { return false }
        return begun.isDoubtful(missing: missing)
    }
}

/// A sweep that came to its end.
package struct FinishedSweep: Hashable, Sendable {
    package var beganAt: Instant
    package var endedAt: Instant
    package var shown: Int
    package var gone: Int
    package var newer: Int

    package init(beganAt: Instant, endedAt: Instant, shown: Int, gone: Int, newer: Int) {
        self.beganAt = beganAt
        self.endedAt = endedAt
        self.shown = shown
        self.gone = gone
        self.newer = newer
    }
}
