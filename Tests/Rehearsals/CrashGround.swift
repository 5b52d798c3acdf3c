import Extraction
import Foundation
import Planning
import TestSupport

/// One work that is broken off at every place: after each the program is simply run again, and what there is then is
/// compared with what it comes to undisturbed. The order of tasks is the seed's, so a place is the same in every run.
package struct CrashGround: Sendable {
    /// What came of a number of crashes.
    package struct Tally: Sendable {
        package var points = 0
        package var versionsCompared = 0
        package var requestsAgain = 0
        package var mostRequestsAgain = 0
        package var tokensAgain = 0
        package var complaints: [String] = []

        package init() {}

        package static func += (sum: inout Tally, other: Tally) {
            sum.points += other.points
            sum.versionsCompared += other.versionsCompared
            sum.requestsAgain += other.requestsAgain
            sum.mostRequestsAgain = max(sum.mostRequestsAgain, other.mostRequestsAgain)
            sum.tokensAgain += other.tokensAgain
            sum.complaints += other.complaints
        }
    }

    /// Both the undisturbed work and each broken one are gone on with at this time after their beginning. Their windows
    /// end alike, so that no request is spared by a crash.
    private static let goesOnAfterSeconds: Int64 = 900
    private static let seed: UInt64 = 1

    private let work: CrashWork
    private let evening: Rehearsal
    private let options: RunOptions
    private let undisturbed: CrashEnding

    package init(_ work: CrashWork) async throws {
        self.work = work
        evening = try await work.evening()
        options = work.isSwept ? RunOptions() : RunOptions(until: evening.now - evening.job.window.lagSeconds)
        // A power cut that never comes: so the disk keeps account of what it would take.
        undisturbed = await Self.play(try evening.copy(), options, [.powerCut(effect: .max, .everything)], TrueTexts())
    }

    package var effects: Int { undisturbed.effects.count }
    package var versions: Int { undisturbed.outcome?.versionCount ?? 0 }
    package var tombstones: Int {
        undisturbed.outcome?.versions.values.count { $0.last?.hasPrefix("delete") ?? false } ?? 0
    }
    package var complaints: [String] { undisturbed.complaints }
    /// The most requests that a crash may cost.
    package var inFlight: Int { evening.job.concurrency }

    /// Breaks it off at every place where this way is one of its own, on all processors at once.
    package func breakOff(_ way: CrashWay) async throws -> Tally {
        let effects = undisturbed.effects.enumerated().filter { way.isOfItsOwn($0.element) }.map { $0.offset + 1 }
        let requests = Array(1...max(1, undisturbed.requestsUntilBroken))
        var places = (way.isAtRequests ? requests : effects).makeIterator()
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            func begin() {
                guard let place = places.next() else { return }
                group.addTask { try await breakOff([way.mishap(at: place)]) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { begin() }
            var tally = Tally()
            while let one = try await group.next() {
                tally += one
                begin()
            }
            return tally
        }
    }

    /// Breaks it off, and then the runs that were to go on with it.
    package func breakOff(_ mishaps: [Mishap]) async throws -> Tally {
        let ending = await Self.play(try evening.copy(), options, mishaps, undisturbed.texts)
        var complaints = ending.complaints
        if mishaps.count == 1, !ending.hasStruck { complaints.append("the mishap was not met") }
        if case .signal(_, let request)? = mishaps.last, ending.wasComplete,
            request + 2 * inFlight <= undisturbed.requestsUntilBroken
        {
            complaints.append("goes on after a signal")
        }
        if let outcome = ending.outcome, let expected = undisturbed.outcome {
            complaints += outcome.complaints(against: expected)
        }
        let again = max(0, ending.requests - undisturbed.requests)
        if again > inFlight * mishaps.count {
            complaints.append("\(ending.requests) requests instead of \(undisturbed.requests), \(inFlight) in flight")
        }
        var tally = Tally()
        (tally.points, tally.versionsCompared) = (1, ending.outcome?.versionCount ?? 0)
        (tally.requestsAgain, tally.mostRequestsAgain) = (again, again)
        tally.tokensAgain = max(0, ending.tokens - undisturbed.tokens)
        tally.complaints = complaints.map { "\(work), \(mishaps): \($0)" }
        return tally
    }

    private static func play(
        _ rehearsal: Rehearsal, _ options: RunOptions, _ mishaps: [Mishap], _ texts: TrueTexts
    ) async -> CrashEnding {
        await SeededExecutor.run(seed: seed) {
            var ending = CrashEnding()
            ending.texts = texts
            do {
                try await play(rehearsal, options, mishaps, &ending)
            } catch {
                ending.complaints.append("\(error)")
            }
            return ending
        }
    }

    private static func play(
        _ rehearsal: Rehearsal, _ options: RunOptions, _ mishaps: [Mishap], _ ending: inout CrashEnding
    ) async throws {
        let before = rehearsal.asked
        let goesOnAt = rehearsal.clock.nowMilliseconds + goesOnAfterSeconds * 1000
        var promises = Promises(rehearsal.folder.path)
        promises.texts = ending.texts
        defer { ending.texts = promises.texts }
        for mishap in mishaps {
            let ended = try await run(rehearsal, options, mishap, &promises)
            ending.complaints += ended.complaints + (try promises.brokenLeavings(rehearsal))
            (ending.effects, ending.requestsUntilBroken) = (ended.effects, ended.requests.count)
            (ending.hasStruck, ending.wasComplete) = (ended.hasStruck, ended.code == .complete)
            // What befalls a sweep changes no exit code.
            let isRight = ended.isRightEnd(of: mishap) || (options.until == nil && ended.code == .complete)
            if !isRight { ending.complaints.append("ended with \(ended.code)") }
            rehearsal.sleep(seconds: 61)
        }
        rehearsal.clock.set(milliseconds: goesOnAt)
        let last = try await run(rehearsal, options, .none, &promises)
        if last.code != .complete { ending.complaints.append("goes on to \(last.code): \(last.sentence)") }
        ending.complaints += last.complaints + (try promises.broken(rehearsal))
        ending.outcome = try CrashEnding.Outcome(promises.warehouse, IndexViews(rehearsal.folder.path))
        let asked = rehearsal.asked
        (ending.requests, ending.tokens) = (asked.requests - before.requests, asked.tokens - before.tokens)
    }

    private static func run(
        _ rehearsal: Rehearsal, _ options: RunOptions, _ mishap: Mishap, _ promises: inout Promises
    ) async throws -> EndedNight {
        var (refusals, random) = (Refusals(), SeededRandom(seed: seed))
        let night = WatchedNight(job: rehearsal.job, options: options, mishap: mishap)
        let ended = try await rehearsal.watched(night, &refusals, chance: random.fractions())
        promises.note(ended.report)
        return ended
    }
}
