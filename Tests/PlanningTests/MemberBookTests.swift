import TestSupport
import Testing

@testable import Planning

/// When a member counts as new or gone. The shares are drawn; what Pipedrive leaves out, and when, no test knows.
@Suite struct MemberBookTests {
    private func sample(_ records: Int, _ counts: [String: Int]) -> MemberSample {
        var sample = MemberSample()
        (sample.records, sample.counts) = (records, counts)
        return sample
    }

    private func settled() -> MemberBook {
        var book = MemberBook()
        for _ in 0..<10 { #expect(book.take(sample(10, ["id": 10, "title": 10, "won_time": 3])).isEmpty) }
        return book
    }

    @Test func nothingIsNewWhileAListIsStrange() {
        var book = MemberBook()
        #expect(book.take(sample(10, ["id": 10])).isEmpty)
        #expect(book.take(sample(10, ["id": 10, "late": 1])).isEmpty)
    }

    @Test func whatNoEarlierNightHasShownIsNew() {
        var book = MemberBook()
        _ = book.take(sample(3, ["id": 3]))
        #expect(book.take(sample(3, ["id": 3, "mood": 1]), wasSeenBefore: true).map(\.name) == ["mood"])
        #expect(book.take(sample(3, ["id": 3]), wasSeenBefore: true).isEmpty, "two of three never had it")
    }

    @Test func aWholeListTellsAtOnceWhatIsGone() {
        var book = MemberBook()
        _ = book.take(sample(3, ["id": 3, "title": 3, "note": 2]), isWholeList: true)
        let changes = book.take(sample(3, ["id": 3]), isWholeList: true, wasSeenBefore: true)
        #expect(changes.map(\.name) == ["title"] && changes.map(\.kind) == [.memberGone])
        var single = MemberBook()
        _ = single.take(sample(1, ["id": 1, "title": 1]), isWholeList: true)
        _ = single.take(sample(1, ["id": 1, "title": 1]), isWholeList: true, wasSeenBefore: true)
        #expect(single.take(sample(1, ["id": 1]), isWholeList: true, wasSeenBefore: true).isEmpty)
        #expect(single.take(sample(1, ["id": 1]), isWholeList: true, wasSeenBefore: true).map(\.name) == ["title"])
    }

    @Test func aMemberAppearsOnce() {
        var book = settled()
        #expect(book.take(sample(1, ["id": 1, "title": 1, "mood": 1])).map(\.name) == ["mood"])
        #expect(book.take(sample(10, ["id": 10, "title": 10, "mood": 10])).isEmpty)
    }

    @Test func aMemberOfEveryRecordIsGoneAfterTwenty() {
        var book = settled()
        #expect(book.take(sample(10, ["id": 10, "won_time": 1])).isEmpty)
        let changes = book.take(sample(10, ["id": 10]))
        #expect(changes.map(\.name) == ["title"] && changes.map(\.kind) == [.memberGone])
        #expect(book.take(sample(10, ["id": 10])).isEmpty, "told once")
    }

    /// Months of open deals.
    @Test func whatWasEverLeftOutIsNeverGone() {
        var book = settled()
        for _ in 0..<100 { #expect(book.take(sample(10, ["id": 10, "title": 10])).isEmpty) }
    }

    @Test func oneRecordWithoutItDoesNotCount() {
        var book = settled()
        #expect(book.take(sample(10, ["id": 10, "title": 9])).isEmpty)
        for _ in 0..<10 { #expect(book.take(sample(10, ["id": 10])).isEmpty, "optional after all") }
    }

    @Test func aListThatStaysAsItIsChangesNothing() {
        var book = settled()
        let before = book
        for _ in 0..<5 { _ = book.take(sample(10, ["id": 10, "title": 10, "won_time": 5])) }
        #expect(book == before)
    }

    @Test func membersWithoutEndAreNotRemembered() {
        var book = settled()
        for number in 0..<2000 { _ = book.take(sample(1, ["id": 1, "title": 1, "x\(number)": 1])) }
        #expect(book.members.count == MemberBook.mostMembers)
    }
}
