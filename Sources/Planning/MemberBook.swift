/// Of some records of a page how many had each member.
package struct MemberSample: Hashable, Sendable {
    /// So many records of a page are looked at, spread over it, however many it has.
    package static let mostRecords = 10

    package var records = 0
    package var counts: [String: Int] = [:]

    package init() {}
}

/// Which members the records of one list have, as far as samples have shown.
///
/// Pipedrive leaves members out where they say nothing: an open deal has no `won_time`, so that a night of open deals
/// shows none. Whether such a member is gone, nobody can tell. Only one that was in every record, of a hundred or
/// more, counts as gone when the next twenty in a row have none of it. For the same reason a member is new only when
/// a hundred records had not shown it.
package struct MemberBook: Hashable, Sendable {
    /// Records that must have been seen before anything is a change.
    static let baselineRecords = 100
    /// Records in a row without a member.
    static let goneAfterRecords = 20
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

    /// Takes in what a page showed.
    /// - Returns: what has changed.
    package mutating func take(_ sample: MemberSample) -> [(kind: APINotice.Kind, name: String)] {
        guard sample.records > 0 else { return [] }
        let appeared = sample.counts.keys.filter { members[$0] == nil }.sorted()
        for name in appeared where members.count < Self.mostMembers {
            let wasWanting = (1..<Self.baselineRecords).contains(records)
            members[name] = Member(isOptional: wasWanting)
        }
        var gone: [String] = []
        for name in members.keys {
            if members[name]?.take(sample.counts[name] ?? 0, of: sample.records) == true { gone.append(name) }
        }
        let isNews = records >= Self.baselineRecords
        records = min(records + sample.records, Self.baselineRecords)
        return (isNews ? appeared.map { (.memberAppeared, $0) } : []) + gone.sorted().map { (.memberGone, $0) }
    }
}

extension MemberBook.Member {
    /// - Returns: whether it counts as gone from now on.
    fileprivate mutating func take(_ count: Int, of records: Int) -> Bool {
        if count < records && count > 0 || count > 0 && missed > 0 { isOptional = true }
        // Nothing more is to be learnt of it, and nothing has to be written.
        if isOptional { (missed, isGone) = (0, false) }
        guard !isOptional else { return false }
        seen = min(seen + count, MemberBook.baselineRecords)
        missed = count > 0 ? 0 : min(missed + records, MemberBook.goneAfterRecords)
        if count > 0 { isGone = false }
        guard !isGone, seen >= MemberBook.baselineRecords, missed >= MemberBook.goneAfterRecords else {
            return false
        }
        isGone = true
        return true
    }
}
