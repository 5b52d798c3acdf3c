import Testing

@testable import Planning

/// What a page of a sweep vouches for. Cannot see whether a server sorts as it is asked to.
@Suite struct SweepTests {
    private static let byCursor = ListSpec(
        name: "persons (sweep)", path: "/api/v2/persons", priceTokens: 10, paging: .cursor, pageLimit: 500,
        timeFilter: .none)
    private static let byOffset = ListSpec(
        name: "notes (sweep)", path: "/v1/notes", priceTokens: 20, paging: .offset, pageLimit: 500, timeFilter: .none)

    private func keys(_ numbers: Int64...) -> [RecordKey] { numbers.map(RecordKey.integer) }

    private let fresh = Sweep(stream: "persons", beganAt: Instant(seconds: 1000), known: 1000)

    @Test func slicesFollowEachOther() throws {
        let (first, slice) = try #require(
            fresh.advanced(past: keys(1, 2, 5), to: .cursor("a"), of: Self.byCursor))
        #expect(slice == KeySlice(after: nil, through: .integer(5)))
        let (second, next) = try #require(first.advanced(past: keys(7, 9), to: nil, of: Self.byCursor))
        #expect(next == KeySlice(after: .integer(5), through: nil), "the last page vouches for all that follows")
        #expect(second.part == 1 && second.position == nil && second.lastKey == nil && second.shown == 5)
    }

    @Test func anEmptyListVouchesForItsAbsence() throws {
        let (after, slice) = try #require(fresh.advanced(past: [], to: nil, of: Self.byCursor))
        #expect(slice == KeySlice(after: nil, through: nil) && after.part == 1)
    }

    @Test func whatIsNotInOrderVouchesForNothing() throws {
        #expect(fresh.advanced(past: keys(2, 1), to: .cursor("a"), of: Self.byCursor) == nil)
        #expect(fresh.advanced(past: keys(1, 1), to: .cursor("a"), of: Self.byCursor) == nil)
        let (first, _) = try #require(fresh.advanced(past: keys(1, 5), to: .cursor("a"), of: Self.byCursor))
        #expect(first.advanced(past: keys(1, 5), to: .cursor("b"), of: Self.byCursor) == nil, "the page again")
        #expect(first.advanced(past: keys(5, 6), to: nil, of: Self.byCursor) == nil)
    }

    @Test func offsetsReachBack() throws {
        let (first, _) = try #require(fresh.advanced(past: keys(1, 5, 8), to: .start(500), of: Self.byOffset))
        #expect(first.position == .start(480))
        let (second, slice) = try #require(first.advanced(past: keys(5, 8, 9), to: .start(980), of: Self.byOffset))
        #expect(slice == KeySlice(after: .integer(8), through: .integer(9)) && second.shown == 4)
        #expect(second.advanced(past: keys(5, 8), to: .start(980), of: Self.byOffset) == nil, "no step forward")
    }

    @Test func aTenthIsDoubtful() {
        #expect(!fresh.isDoubtful(missing: 100) && fresh.isDoubtful(missing: 101))
        func isHeld(_ missing: Int, of known: Int) -> Bool {
            Sweep(stream: "persons", beganAt: Instant(seconds: 0), known: known).isDoubtful(missing: missing)
        }
        #expect(isHeld(4, of: 30) && !isHeld(3, of: 30) && isHeld(25, of: 30))
        #expect(isHeld(2, of: 19) && !isHeld(2, of: 20))
        #expect(!isHeld(1, of: 5) && isHeld(2, of: 5), "a single one, as long as others are shown")
        #expect(isHeld(1, of: 1) && !isHeld(0, of: 0))
    }

    @Test func numbersSortBeforeTexts() {
        let keys: [RecordKey] = [.text("b"), .integer(10), .text("B"), .integer(-3), .integer(9)]
        #expect(keys.sorted() == [.integer(-3), .integer(9), .integer(10), .text("B"), .text("b")])
    }
}
