/// Of some records of a page how many had each member.
package struct MemberSample: Hashable, Sendable {
    /// So many records of a page are looked at, spread over it, however many it has: as many as tell that a member is
    /// gone.
    static let mostRecords = MemberBook.goneAfterRecords
    /// And so many as long as the list is strange.
    static let mostOfStrangeRecords = MemberBook.baselineRecords

    package var records = 0
    package var counts: [String: Int] = [:]

    package init() {}
}

/// Which members the records of one list have, as far as samples have shown.
///
/// What no earlier night has shown is new, in one record: where a list was never seen before, only what the first
/// hundred records had not. Pipedrive leaves members out where they say nothing: an open deal has no `won_time`, so a
/// night of open deals shows none. Whether such a member is gone, nobody can tell. Only one that was in every record
/// counts as gone: when a listing of the whole has it in none of its records any more, or where only what changed is
/// read, when the next twenty in a row, of a page or of several nights, have none of it.
package struct MemberBook: Hashable, Sendable {
    /// Records that must have been seen in a first night before anything is a change.
    static let baselineRecords = 100
    /// Records in a row without a member, after as many with it.
    static let goneAfterRecords = 20
    /// The same where a whole list was shown: one record alone may have lost what says nothing.
    static let goneAfterOfWholeList = 2
    /// A list has some fifty members; what a broken server may invent is not remembered without end.
    static let mostMembers = 500

    package struct Member: Hashable, Sendable {
        /// Records that had it, counted up to the baseline.
        package var seen = 0
        /// The last so many records in a row had it not, counted up to the limit.
        package var missed = 0
        /// Some record had it not, and a later one had.
        package var isOptional = false
        package var isGone = false

        package init(seen: Int = 0, missed: Int = 0, isOptional: Bool = false, isGone: Bool = false) {
            (self.seen, self.missed, self.isOptional, self.isGone) = (seen, missed, isOptional, isGone)
        }
    }

    /// Records looked at, counted up to the baseline: a list that stays as it is changes nothing here.
    package var records = 0
    package var members: [String: Member] = [:]

    package init() {}

    /// How many records of the next page are to be looked at.
    package var recordsToSample: Int {
        records < Self.baselineRecords ? MemberSample.mostOfStrangeRecords : MemberSample.mostRecords
    }

    /// Takes in what a page showed.
    /// - Parameters:
    ///   - isWholeList: the page is the whole list.
    ///   - wasSeenBefore: an earlier run has seen records of the list.
    /// - Returns: what has changed.
    package mutating func take(_ sample: MemberSample, isWholeList: Bool = false, wasSeenBefore: Bool = false) -> [(
        kind: APINotice.Kind, name: String
    )] {
        guard sample.records > 0 else { return [] }
        let isNews = records >= Self.baselineRecords || (wasSeenBefore && records > 0)
        let appeared = sample.counts.keys.filter { members[$0] == nil }.sorted()
        for name in appeared where members.count < Self.mostMembers {
            members[name] = Member(isOptional: records > 0 && !isNews)
        }
        var gone: [String] = []
        for name in members.keys {
            let isGone = members[name]?.take(sample.counts[name] ?? 0, of: sample.records, isWholeList: isWholeList)
            if isGone == true { gone.append(name) }
        }
        records = min(records + sample.records, Self.baselineRecords)
        return (isNews ? appeared.map { (.memberAppeared, $0) } : []) + gone.sorted().map { (.memberGone, $0) }
    }
}

extension MemberBook.Member {
    /// - Returns: whether it counts as gone from now on.
    fileprivate mutating func take(_ count: Int, of records: Int, isWholeList: Bool) -> Bool {
        if count < records && count > 0 || count > 0 && missed > 0 { isOptional = true }
        // Nothing more is to be learnt of it, and nothing has to be written.
        if isOptional { (missed, isGone) = (0, false) }
        guard !isOptional else { return false }
        seen = min(seen + count, MemberBook.baselineRecords)
        missed = count > 0 ? 0 : min(missed + records, MemberBook.goneAfterRecords)
        if count > 0 { isGone = false }
        let enough = isWholeList ? MemberBook.goneAfterOfWholeList : MemberBook.goneAfterRecords
        guard !isGone, seen >= enough, missed >= enough else { return false }
        isGone = true
        return true
    }
}
