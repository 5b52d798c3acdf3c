import Extraction
import Foundation
import Planning
import Platform
import Simulator
import Storage
import Synchronization
import TestSupport

extension Year {
    /// How a night's run ended.
    struct Ended {
        /// Nil when it could not begin.
        var report: RunReport?
        var code: ExitCode
        var sentence: String
        var isKilled: Bool
        var hasStruck: Bool
        var isExhausted: Bool
        var requests: [RequestRecord]
        var startedAt: Instant
        var complaints: [String]
    }

    mutating func run(_ job: Job, _ plan: NightPlan) async throws -> Ended {
        let machine = Machine(plan.mishap, folder: rehearsal.folder.path, account: job.account)
        let (signals, continuation) = AsyncStream<Int32>.makeStream()
        let rivals = Mutex<[String]>([])
        let (rehearsal, folder) = (rehearsal, rehearsal.folder.path)
        // The edits come through the company's own door, since a change of an account under way is its business.
        rehearsal.company.beforeAnswer { [first = rehearsal.asked.requests] number, _, account in
            guard number - first == plan.editsAt else { return }
            account.bulkEdit([.deals, .persons, .products][number % 3], count: plan.edits)
        }
        defer { rehearsal.company.beforeAnswer(nil) }
        let wire = WatchedWire(rehearsal.company, machine, wasExhausted: exhaustedDay == rehearsal.budgetDay) {
            number in
            if case .signal(let signal, number) = plan.mishap {
                machine.strike()
                continuation.yield(signal)
            }
            guard number == plan.rivalAt else { return }
            do {
                try Vault(account: "acme", output: folder, disk: LocalDisk(), clock: rehearsal.clock).close()
                rivals.withLock { $0.append("two runs at once") }
            } catch let stop as Stop {
                if stop.code != .alreadyRunning { rivals.withLock { $0.append("a second run: \(stop)") } }
            } catch {
                rivals.withLock { $0.append("a second run: \(error)") }
            }
        }
        let asked = rehearsal.asked.log.count
        let startedAt = rehearsal.now
        let dice = Mutex(SeededRandom(seed: random.next()))
        var ended = Ended(
            code: .complete, sentence: "", isKilled: false, hasStruck: false, isExhausted: false, requests: [],
            startedAt: startedAt, complaints: [])
        do {
            let report = try await rehearsal.changing { $0 = job }.night(
                plan.options, disk: machine, transport: wire, signals: signals,
                clock: SkewedClock(rehearsal.clock, skewSeconds: plan.skewSeconds), recovery: rehearsal.recovery
            ) { dice.withLock { Double.random(in: 0...1, using: &$0) } }
            (ended.report, ended.code, ended.sentence) = (report, report.code, report.sentence ?? "")
        } catch let stop as Stop {
            (ended.code, ended.sentence) = (stop.code, stop.description)
        }
        try machine.wake()
        (ended.isKilled, ended.hasStruck) = (machine.isKilled, machine.hasStruck)
        ended.isExhausted = wire.isExhausted
        ended.requests = Array(rehearsal.asked.log.dropFirst(asked))
        ended.complaints = wire.complaints + rivals.withLock { $0 }
        return ended
    }

    /// Everything that is promised, as far as it can be judged after this end.
    mutating func judge(_ ended: Ended, _ job: Job, _ plan: NightPlan) throws -> [String] {
        var complaints = ended.complaints
        describe(ended)
        complaints += allowanceComplaints(ended, job, plan)
        if ended.code == .brokenInvariant { complaints.append(ended.sentence) }
        let isUnsettled = ended.isKilled || [.cannotWriteOutput, .cannotCreateOutput].contains(ended.code)
        if isUnsettled {
            complaints += try promises.brokenFiles()
        } else {
            complaints +=
                try night % 25 == 0
                ? promises.broken(rehearsal, without: booksWholeSince)
                : promises.brokenNightly(rehearsal, without: booksWholeSince)
        }
        if !ended.isKilled { complaints += try codeComplaints(ended, job, plan) }
        remember(ended)
        return complaints
    }

    private mutating func describe(_ ended: Ended) {
        let statuses = Dictionary(grouping: ended.requests, by: \.status).mapValues(\.count).sorted { $0.key < $1.key }
        let answers = statuses.map { "\($0.value)x \($0.key)" }.joined(separator: ", ")
        let tokens = ended.requests.reduce(0) { $0 + $1.tokens }
        let report = ended.report
        tell(
            "run        \(report?.run ?? "did not begin"): "
                + (ended.isKilled ? "killed" : "exit \(ended.code.rawValue)")
                + "; \(ended.requests.count) requests (\(answers)), \(tokens) tokens by the server's count; "
                + "\(report?.records ?? 0) versions")
        if !ended.sentence.isEmpty, !ended.isKilled { tell("said       \(ended.sentence)") }
        let covered = (try? IndexViews(rehearsal.folder.path).coverage()) ?? [:]
        let words = covered.sorted { $0.key < $1.key }.map { stream, coverage in
            "\(stream) " + coverage.intervals.map { "\($0.since)..\($0.until)" }.joined(separator: " ")
        }
        tell("coverage   " + words.joined(separator: ", "))
    }

    private mutating func remember(_ ended: Ended) {
        let statuses = Set(ended.requests.map(\.status))
        let now = rehearsal.now
        if statuses.contains(403) { isBlockedUntil = now + 20 * 60 }
        if !statuses.isDisjoint(with: [402, 403, 404]) { isMarkedUntil = now + 25 * 3600 }
        if ended.isExhausted { exhaustedDay = rehearsal.budgetDay }
    }
}
