import Testing

@testable import Platform

/// Whose room is used again. Cannot see what the heap makes of it: benchmarks do.
@Suite struct BodyPoolTests {
    private let pool = BodyPool()

    /// Takes a body, fills it and gives it back; nobody holds it any more after that.
    private func useOnce(bytes: Int) {
        var body = pool.take(bytes: bytes)
        body.append(contentsOf: repeatElement(7, count: bytes))
        pool.give(body)
    }

    /// With its room filled, as a page would.
    private func taken(bytes: Int) -> [UInt8] {
        var body = pool.take(bytes: bytes)
        #expect(body.isEmpty && body.capacity >= bytes)
        body.append(contentsOf: repeatElement(1, count: bytes))
        return body
    }

    @Test func roomServesAgain() {
        useOnce(bytes: 3 << 20)
        let small = pool.take(bytes: 10)
        #expect(small.isEmpty && small.capacity >= 3 << 20)
        #expect(pool.take(bytes: 10).capacity <= BodyPool.stepBytes * 2)
    }

    @Test func theFirstThatIsLargeEnoughServes() {
        let (small, large) = (taken(bytes: 300_000), taken(bytes: 2_000_000))
        pool.give(small)
        pool.give(large)
        #expect(taken(bytes: 1_500_000).capacity == large.capacity)
    }

    @Test func allLengthsOfAStepFit() {
        useOnce(bytes: 5 * BodyPool.stepBytes + 1)
        let room = taken(bytes: 6 * BodyPool.stepBytes).capacity
        #expect(room >= 6 * BodyPool.stepBytes && room < 7 * BodyPool.stepBytes)
    }

    @Test func whatSomebodyStillReadsStays() {
        let read = taken(bytes: 400_000)
        pool.give(read)
        var other = pool.take(bytes: 400_000)
        other.append(contentsOf: repeatElement(2, count: 400_000))
        #expect(read.allSatisfy { $0 == 1 } && other.allSatisfy { $0 == 2 })
    }

    @Test func littleLiesUnused() {
        let pages = (0..<40).map { _ in taken(bytes: 1_000_000) }
        for page in pages { pool.give(page) }
        let keptBytes = pool.idleCapacities.reduce(0, +)
        #expect(keptBytes <= BodyPool.mostIdleBytes && keptBytes > BodyPool.mostIdleBytes / 2)
        pool.give(taken(bytes: BodyPool.mostBodyBytes + 1))
        pool.give(Array("{}".utf8))
        #expect(pool.idleCapacities.allSatisfy { (1_000_000..<2_000_000).contains($0) })
    }
}
