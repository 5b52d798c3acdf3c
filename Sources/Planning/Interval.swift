/// A half-open span of update time, `since ..< until`; never empty.
package struct Interval: Hashable, Sendable {
    package let since: Instant
    package let until: Instant

    /// Nil when the span would be empty.
    package init?(since: Instant, until: Instant) {
        guard since < until else { return nil }
        (self.since, self.until) = (since, until)
    }

    package var lengthSeconds: Int64 { until - since }
    package func contains(_ instant: Instant) -> Bool { since <= instant && instant < until }

    package func intersection(_ other: Interval) -> Interval? {
        Interval(since: max(since, other.since), until: min(until, other.until))
    }
}

/// What is done: a set of half-open intervals of update time, kept merged and in order. The work that is
/// left is what this set does not cover.
package struct Coverage: Hashable, Sendable {
    package private(set) var intervals: [Interval] = []

    package init(_ intervals: some Sequence<Interval> = []) {
        for interval in intervals { add(interval) }
    }

    package mutating func add(_ interval: Interval) {
        var (since, until) = (interval.since, interval.until)
        let touching = intervals.filter { $0.since <= until && since <= $0.until }
        for other in touching { (since, until) = (min(since, other.since), max(until, other.until)) }
        intervals.removeAll { touching.contains($0) }
        let place = intervals.firstIndex { $0.since > since } ?? intervals.endIndex
        if let merged = Interval(since: since, until: until) { intervals.insert(merged, at: place) }
    }

    package mutating func remove(_ interval: Interval) {
        intervals = intervals.flatMap { whole in
            [
                Interval(since: whole.since, until: min(whole.until, interval.since)),
                Interval(since: max(whole.since, interval.until), until: whole.until),
            ].compactMap { $0 }
        }
    }

    /// What `within` holds that is not done, oldest first.
    package func gaps(in within: Interval) -> [Interval] {
        var rest = Coverage([within])
        for interval in intervals { rest.remove(interval) }
        return rest.intervals
    }

    package func intersection(_ other: Coverage) -> Coverage {
        Coverage(intervals.flatMap { mine in other.intervals.compactMap { mine.intersection($0) } })
    }

    package func covers(_ interval: Interval) -> Bool { gaps(in: interval).isEmpty }
}
