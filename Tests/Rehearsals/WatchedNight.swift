import Extraction
import Foundation
import Planning
import Platform
import Simulator
import TestSupport

/// How one run of a long simulation is set up.
struct WatchedNight: Sendable {
    var job: Job
    var options = RunOptions()
    var mishap = Mishap.none
    /// How far the machine's clock is ahead of the server's.
    var skewSeconds: Int64 = 0
    /// When the company's day begins is known to differ from what the job file says.
    var knowsReset = false
    /// Requests are counted from 1 in each night.
    var beforeRequest: @Sendable (_ number: Int) -> Void = { _ in }
    var afterAnswer: @Sendable (_ number: Int, _ response: TransportResponse) -> Void = { _, _ in }
}

/// How it ended.
struct EndedNight {
    /// Nil when it could not begin.
    var report: RunReport?
    var code: ExitCode
    var sentence: String
    var isKilled: Bool
    /// Whether the mishap has happened.
    var hasStruck: Bool
    /// What happened to the disk.
    var effects: [Machine.Effect]
    /// What the company received.
    var requests: [RequestRecord]
    var startedAt: Instant
    var complaints: [String]

    /// The next run has still to tidy up, and what this one was told may not have reached the disk.
    var isUnsettled: Bool { isKilled || isRefusedByDisk }

    private var isRefusedByDisk: Bool { [.cannotWriteOutput, .cannotCreateOutput].contains(code) }

    /// Whether the exit code says what happened. Who is stopped with the last page in hand has ended.
    func isRightEnd(of mishap: Mishap) -> Bool {
        switch mishap {
        case .diskDies: isRefusedByDisk
        case .networkDies: code == .serverRefuses
        case .signal(SIGINT, _): [.interrupted, .complete].contains(code)
        case .signal: [.terminated, .complete].contains(code)
        case .none, .diskFull, .killed, .killedAsking, .powerCut: true
        }
    }
}

extension Rehearsal {
    /// One run of the account, with somebody at the disk and at the wire.
    /// - Parameter refusals: what earlier nights were told, and then what this one was.
    func watched(
        _ night: WatchedNight, _ refusals: inout Refusals, chance: @escaping @Sendable () -> Double
    ) async throws -> EndedNight {
        let machine = Machine(night.mishap, folder: folder.path, account: night.job.account)
        let clock = SkewedClock(clock, skewSeconds: night.skewSeconds)
        let wire = WatchedWire(self, machine, clock, refusals, night)
        let (asked, startedAt) = (asked.log.count, now)
        var report: RunReport?
        var stop: Stop?
        do {
            report = try await changing { $0 = night.job }.night(
                night.options, disk: machine, transport: wire, signals: machine.signals, clock: clock,
                recovery: recovery, chance: chance)
        } catch let stopped as Stop {
            stop = stopped
        }
        try machine.wake()
        let ended = EndedNight(
            report: report, code: report?.code ?? stop?.code ?? .complete,
            sentence: report?.sentence ?? stop?.description ?? "", isKilled: machine.isKilled,
            hasStruck: machine.hasStruck, effects: machine.happened,
            requests: Array(self.asked.log.dropFirst(asked)), startedAt: startedAt,
            complaints: wire.complaints)
        if !ended.isUnsettled { refusals = wire.refusals }
        return ended
    }
}
