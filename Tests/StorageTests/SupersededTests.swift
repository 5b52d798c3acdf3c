import Planning
import TestSupport
import Testing

@testable import Storage

/// Which versions of a record may go, by plain values.
@Suite struct SupersededTests {
    private static func upsert(_ seq: Int64, at second: Int64, answered: Int64? = nil) -> DatedVersion {
        DatedVersion(
            seq: seq, operation: .upsert, updateTime: UpdateTime(seconds: second),
            answeredAtMilliseconds: (answered ?? second) * 1000)
    }

    private static func delete(_ seq: Int64, at second: Int64) -> DatedVersion {
        DatedVersion(seq: seq, operation: .delete, updateTime: nil, answeredAtMilliseconds: second * 1000)
    }

    private static func gone(_ versions: [DatedVersion], before horizon: Int64) -> [Int64] {
        var judge = Superseded(horizon: Instant(seconds: horizon))
        return versions.reversed().filter { judge.goes($0) }.map(\.seq).reversed()
    }

    @Test func whatStoodAtTheHorizonStays() {
        let versions = [Self.upsert(1, at: 10), Self.upsert(2, at: 20), Self.upsert(3, at: 30)]
        #expect(Self.gone(versions, before: 19) == [])
        #expect(Self.gone(versions, before: 20) == [1])
        #expect(Self.gone(versions, before: 29) == [1])
        #expect(Self.gone(versions, before: 1000) == [1, 2])
    }

    /// The successor is old by its own time and came here only later.
    @Test func aSuccessorCountsOnceItIsHere() {
        let versions = [Self.upsert(1, at: 10), Self.upsert(2, at: 20, answered: 50)]
        #expect(Self.gone(versions, before: 49) == [])
        #expect(Self.gone(versions, before: 50) == [1])
    }

    /// A tombstone that is the newest version stays for ever; one under a record that came back is like others.
    @Test func aTombstoneIsAVersion() {
        let versions = [
            Self.delete(1, at: 10), Self.upsert(2, at: 20), Self.delete(3, at: 30), Self.upsert(4, at: 40),
            Self.upsert(5, at: 50),
        ]
        #expect(Self.gone(versions, before: 60) == [1, 2, 3, 4])
        #expect(Self.gone(versions, before: 35) == [1, 2])
        #expect(Self.gone([Self.upsert(1, at: 10), Self.delete(2, at: 20)], before: 60) == [1])
    }

    /// Histories of a few contents and tombstones, with answers that come late: the newest version and every moment
    /// from the horizon on are as before, and no two equal versions stand side by side.
    @Test func fromTheHorizonOnNothingChanges() {
        let seed = SeededRandom.seed()
        var dice = SeededRandom(seed: seed)
        var goneCount = 0
        for _ in 0..<2000 {
            let (versions, contents) = Self.history(&dice)
            let horizon = Int64.random(in: 0...60, using: &dice)
            let gone = Self.gone(versions, before: horizon)
            let left = versions.filter { !gone.contains($0.seq) }
            goneCount += gone.count
            #expect(left.last == versions.last, "seed \(seed)")
            #expect(left == Array(versions.suffix(left.count)), "seed \(seed)")
            for second in horizon...100 {
                let moment = Instant(seconds: second)
                let before = versions.last { $0.counts(at: moment) }
                #expect(left.last { $0.counts(at: moment) } == before, "seed \(seed), second \(second)")
            }
            let kept = left.map { contents[Int($0.seq)] }
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 != $1 }, "seed \(seed)")
        }
        #expect(goneCount > 1000, "seed \(seed)")
    }

    /// - Returns: the versions, numbered from 0, and what each holds; 0 is a tombstone.
    private static func history(_ dice: inout SeededRandom) -> ([DatedVersion], [Int]) {
        var (versions, contents): ([DatedVersion], [Int]) = ([], [])
        var (updated, answered): (Int64, Int64) = (0, 0)
        for _ in 0..<Int.random(in: 1...8, using: &dice) {
            let content = Int.random(in: 0...2, using: &dice)
            guard content != contents.last else { continue }
            updated += Int64.random(in: 0...10, using: &dice)
            answered = max(answered, updated) + Int64.random(in: 0...5, using: &dice)
            let seq = Int64(versions.count)
            versions.append(content == 0 ? delete(seq, at: answered) : upsert(seq, at: updated, answered: answered))
            contents.append(content)
        }
        return (versions, contents)
    }
}
