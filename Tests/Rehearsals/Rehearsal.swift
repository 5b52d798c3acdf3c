package import Extraction
import Foundation
package import Logging
package import Pipedrive
package import Planning
package import Platform
package import Simulator
package import Storage
package import TestSupport

/// Everything that stays from night to night: a company, a clock that both sides follow, a job and its output
/// folder. The whole program below the command line is the real one.
package final class Rehearsal: Sendable {
    package let clock: ManualClock
    package let company: SimulatorTransport
    package let folder: TemporaryFolder
    package let job: Job

    /// Two hours after the company's own beginning.
    package static let firstNight = AccountOptions.defaultStartMilliseconds + 2 * 3_600_000

    package init(
        _ streams: [String] = ["core"], _ options: AccountOptions = AccountOptions(),
        _ change: (inout Job) -> Void = { _ in }
    ) throws {
        clock = ManualClock(milliseconds: Rehearsal.firstNight)
        company = SimulatorTransport(SimulatedAccount(options: options), clock: clock)
        folder = try TemporaryFolder()
        var job = Job.rehearsed(streams, output: folder.path)
        change(&job)
        self.job = job
    }

    /// The same company and folder under another job file.
    private init(_ other: Rehearsal, _ job: Job) {
        (clock, company, folder) = (other.clock, other.company, other.folder)
        self.job = job
    }

    /// The company, the clock and the folder as they are at this instant, to go on from separately.
    package func copy() throws -> Rehearsal {
        let folder = try TemporaryFolder()
        try FileManager.default.removeItem(atPath: folder.path)
        try FileManager.default.copyItem(atPath: self.folder.path, toPath: folder.path)
        var job = job
        job.output.directory = folder.path
        return Rehearsal(ManualClock(milliseconds: clock.nowMilliseconds), company.withAccount { $0 }, folder, job)
    }

    private init(_ clock: ManualClock, _ account: SimulatedAccount, _ folder: TemporaryFolder, _ job: Job) {
        self.clock = clock
        company = SimulatorTransport(account, clock: clock)
        self.folder = folder
        self.job = job
    }

    package func changing(_ change: (inout Job) -> Void) -> Rehearsal {
        var job = job
        change(&job)
        return Rehearsal(self, job)
    }

    /// One run, from taking the lock to letting it go.
    @discardableResult
    package func night(
        _ options: RunOptions = RunOptions(), disk: any FileSystem = LocalDisk(),
        transport: (any HTTPTransport)? = nil, credentials: (any Credentials)? = nil,
        signals: AsyncStream<Int32> = AsyncStream { _ in },
        clock: (any WallClock)? = nil, recovery: Recovery? = nil,
        logger: Logger = Logger(label: "night") { _ in SwiftLogNoOpLogHandler() },
        chance: (@Sendable () -> Double)? = nil
    ) async throws -> RunReport {
        let clock = clock ?? self.clock
        let vault = try Vault(
            account: job.account, output: job.output.directory, disk: disk, clock: clock, recovery: recovery)
        defer { vault.close() }
        let transport = transport ?? company
        let client = PipedriveClient(
            baseURL: job.baseURL, credentials: credentials ?? APIToken(AccountOptions.defaultToken),
            transport: transport, clock: clock, keepFree: job.budget.keepFree)
        let extractor = try Extractor(
            job: job, options: options, client: client, transport: transport, clock: clock,
            store: try vault.beginRun(), logger: logger)
        extractor.chance = chance ?? Self.seededChance()
        return await SeededExecutor.inOrder { await extractor.run(signals: signals) }
    }

    private static func seededChance() -> @Sendable () -> Double {
        var random = SeededRandom(seed: SeededRandom.seed())
        return random.fractions()
    }

    /// What `plan` says now.
    package func plan(_ options: RunOptions = RunOptions(), access: String? = nil) throws -> PlanReport {
        try PlanReport(job: job, options: options, index: try index(), now: now, access: access)
    }

    /// What `status` says now.
    package func status(access: String? = nil) throws -> StatusReport {
        try StatusReport(job: job, index: try index(), now: now, access: access)
    }

    /// What the index has learnt of the lists.
    package func readings() throws -> Readings { try index()?.readings() ?? Readings() }

    private func index() throws -> Index? {
        try AccountFolder(account: job.account, output: job.output.directory, disk: LocalDisk()).index()
    }

    /// Nights, a day apart, until one is complete.
    /// - Returns: how many it took.
    package func nightsUntilComplete(atMost limit: Int = 50) async throws -> Int {
        for night in 1...limit {
            let report = try await self.night()
            if report.code == .complete { return night }
            sleep(hours: 24)
        }
        return limit + 1
    }

    /// What the program hands the vault to make a lost index anew.
    package var recovery: Recovery {
        Recovery(reader: Self.objectReader, doubtUntil: BudgetCalendar(job.budget).nextReset(after: now))
    }

    package static func objectReader(of stream: StreamSpec) -> ObjectReader {
        { object in try PageSlicer.record(object, of: stream) }
    }

    /// What `verify` finds.
    package func verify() throws -> VerifyReport {
        try Verifier(
            account: job.account, output: job.output.directory, disk: LocalDisk(), reader: Self.objectReader
        ).verify()
    }

    /// The budget day of this moment.
    package var budgetDay: String { BudgetCalendar(job.budget).day(of: now) }

    package func sleep(hours: Int64) { clock.advance(milliseconds: hours * 3_600_000) }
    package func sleep(seconds: Int64) { clock.advance(milliseconds: seconds * 1000) }

    package var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }

    /// The ids of living records of the kind that are not archived, oldest first.
    package func living(_ kind: RecordKind, _ count: Int) -> [Int] {
        let records = company.withAccount { $0.truth(kind) }
        return Array(records.filter { !$0.isDeleted && !$0.isArchived }.map(\.id).prefix(count))
    }

    /// What the company's own books say of the requests it received.
    package var asked: AccountCounters { company.withAccount { $0.counters } }

    package func change(_ body: @Sendable (inout SimulatedAccount) -> Void) { company.withAccount { body(&$0) } }

    /// A run, and the requests that the company received from it.
    package func watchedNight(_ options: RunOptions = RunOptions()) async throws -> (RunReport, asked: [RequestRecord])
    {
        let before = asked.log.count
        let report = try await night(options)
        return (report, Array(asked.log.dropFirst(before)))
    }
}

extension AccountOptions {
    /// A small company at work, as a long simulation begins with: its life and its latency are large for its size.
    static func rehearsed(seed: UInt64, deals: Int) -> AccountOptions {
        var options = AccountOptions(seed: seed, size: AccountSize(deals: deals))
        options.size.cluster = 20
        options.life.creates = 3
        options.life.deletes = 1.5
        options.life.archives = 1.5
        options.latencyMilliseconds = 400
        options.latencyJitterMilliseconds = 3000
        if seed.isMultiple(of: 2) { options.retryAfterSeconds = 30 }
        return options
    }
}

extension Job {
    /// Lists come in pages of so many records, so that a small company has many of them.
    package mutating func cutPages(to limit: Int) {
        // A list of a dozen pages is then cut in two as one of thousands is.
        (lanes.pagesPerCut, lanes.leastPages) = (3, 6)
        for place in streams.indices {
            for list in streams[place].stream.lists.indices where streams[place].stream.lists[list].pageLimit > limit {
                streams[place].stream.lists[list].pageLimit = limit
            }
        }
    }

    /// The defaults of a job file, over these streams.
    package static func rehearsed(_ streams: [String], output: String) -> Job {
        let selected = Catalogue.streams.compactMap { stream -> Selected? in
            if streams.contains(stream.name) { return Selected(stream: stream, isNamed: true) }
            return streams.contains(stream.group.rawValue) ? Selected(stream: stream, isNamed: false) : nil
        }
        return Job(
            account: "acme", baseURL: "http://127.0.0.1:8080", access: .token(.environment(variable: "TOKEN")),
            budget: Budget(dailyTokens: 20_000, keepFree: .tokens(0), resetsAtSeconds: 0, timeZone: "UTC"),
            window: Window(
                start: Instant(seconds: 1_420_070_400), lagSeconds: 120, overlapSeconds: 600, sweepSeconds: 0),
            streams: selected, output: Output(directory: output, compressionLevel: 1, rollAtBytes: 96_000_000),
            concurrency: 4)
    }
}

/// A folder for one test, removed with it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = FreeFolder.path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
