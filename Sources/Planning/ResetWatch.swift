/// Learns when the company's budget day begins: what is left of its tokens jumps up at that moment. It goes by the
/// server's clock alone, so a wrong clock of ours teaches nothing wrong.
package struct ResetWatch: Hashable, Sendable {
    /// What an answer said was left.
    package struct Count: Hashable, Sendable {
        package var at: Instant
        package var remaining: Int
        package var limit: Int

        package init(at: Instant, remaining: Int, limit: Int) {
            (self.at, self.remaining, self.limit) = (at, remaining, limit)
        }

        fileprivate var slot: Int64 { at.seconds / ResetWatch.slotSeconds }
    }

    /// Somewhere in this time, both ends included, tokens came back.
    package struct Sighting: Hashable, Sendable {
        package var earliest: Instant
        package var latest: Instant
        /// A tenth of the limit or more came back, and hardly anything was missing then.
        package var isNearlyFull: Bool

        package init(earliest: Instant, latest: Instant, isNearlyFull: Bool) {
            (self.earliest, self.latest, self.isNearlyFull) = (earliest, latest, isNearlyFull)
        }
    }

    /// An answer is given up after 30 s, so the counts of two slots that are no neighbours were made in this order,
    /// however their answers overtook each other.
    static let slotSeconds: Int64 = 31
    static let keptSlots = 3
    /// Two counts further apart say next to nothing; and two shorter spans meet in one place of the day only.
    static let longestSeconds: Int64 = 12 * 3600 - 1
    static let rememberedSeconds: Int64 = 8 * 86_400
    /// The server's clock does not go back by so much, unless it was wrong before.
    static let clockSeconds: Int64 = 600

    /// The last one of each of the latest slots, oldest first.
    package private(set) var counts: [Count]
    /// Oldest first.
    package private(set) var sightings: [Sighting]

    package init(counts: [Count] = [], sightings: [Sighting] = []) {
        (self.counts, self.sightings) = (counts, sightings)
    }

    /// Takes in what an answer said.
    /// - Returns: whether there is something to be remembered now: a new slot, or a sighting.
    package mutating func see(remaining: Int, limit: Int, at now: Instant) -> Bool {
        let count = Count(at: now, remaining: remaining, limit: limit)
        // With another limit tokens come as well, and no day begins.
        counts.removeAll { $0.limit != limit || $0.at > now + Self.clockSeconds }
        sightings.removeAll { $0.latest > now + Self.clockSeconds || $0.latest < now - Self.rememberedSeconds }
        let before = sightings
        if let older = counts.last(where: { $0.slot <= count.slot - 2 }) { compare(older, count) }
        let isNewSlot = !counts.contains { $0.slot == count.slot }
        keep(count)
        return isNewSlot || sightings != before
    }

    private mutating func keep(_ count: Count) {
        if counts.contains(where: { $0.slot == count.slot && $0.at > count.at }) { return }
        counts.removeAll { $0.slot == count.slot }
        counts.insert(count, at: counts.firstIndex { $0.at > count.at } ?? counts.count)
        counts.removeFirst(max(0, counts.count - Self.keptSlots))
    }

    private mutating func compare(_ older: Count, _ newer: Count) {
        let rise = newer.remaining - older.remaining
        guard rise > 0, rise * 100 >= newer.limit else { return }
        // The older count may have been made long before its answer left.
        let earliest = older.at - Self.slotSeconds
        guard newer.at - earliest <= Self.longestSeconds else { return }
        let isNearlyFull = rise * 10 >= newer.limit && newer.remaining * 10 >= newer.limit * 9
        var sighting = Sighting(earliest: earliest, latest: newer.at, isNearlyFull: isNearlyFull)
        // The counts of the next slots tell of the same moment once more.
        if let last = sightings.last, last.latest >= earliest, last.earliest <= newer.at {
            sighting.earliest = max(earliest, last.earliest)
            sighting.latest = min(newer.at, last.latest)
            sighting.isNearlyFull = isNearlyFull || last.isNearlyFull
            sightings.removeLast()
        }
        sightings.append(sighting)
    }
}

extension ResetWatch {
    /// When the budget day begins as far as that is sure: on two days tokens came back at the same time of day, or once
    /// nearly all of them. The newest reading counts.
    package func seen(_ calendar: BudgetCalendar) -> SeenReset? {
        let spans = sightings.compactMap { LocalSpan($0, calendar) }
        for newest in spans.reversed() {
            var (span, days, isSure) = (newest, Set([Int64(0)]), newest.isNearlyFull)
            for other in spans.reversed() where other != newest {
                guard let (common, day) = span.meeting(other) else { continue }
                span = common
                days.insert(day)
                isSure = isSure || other.isNearlyFull
            }
            guard isSure || days.count > 1 else { continue }
            return SeenReset(
                earliestSeconds: span.earliest, latestSeconds: span.latest, dayCount: days.count, calendar: calendar)
        }
        return nil
    }
}

/// A sighting by the clock on the wall of the account's zone, in seconds since 1970: there the reset does not move when
/// clocks are put forward or back.
private struct LocalSpan: Hashable {
    static let daySeconds: Int64 = 86_400

    var earliest: Int64
    var latest: Int64
    var isNearlyFull: Bool

    init?(_ sighting: ResetWatch.Sighting, _ calendar: BudgetCalendar) {
        earliest = calendar.localSeconds(of: sighting.earliest)
        latest = calendar.localSeconds(of: sighting.latest)
        isNearlyFull = sighting.isNearlyFull
        guard earliest <= latest else { return nil }
    }

    /// What both have in common where the other is moved by whole days, and by how many.
    func meeting(_ other: LocalSpan) -> (LocalSpan, day: Int64)? {
        let distance = Double(earliest + latest - other.earliest - other.latest) / 2
        let day = Int64((distance / Double(Self.daySeconds)).rounded())
        var common = self
        common.earliest = max(earliest, other.earliest + day * Self.daySeconds)
        common.latest = min(latest, other.latest + day * Self.daySeconds)
        return common.earliest <= common.latest ? (common, day) : nil
    }
}
