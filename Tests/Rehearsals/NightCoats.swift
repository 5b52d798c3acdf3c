import Foundation
package import Platform
import Simulator
import Synchronization
package import TestSupport

/// What befalls the machine in a night.
package enum Mishap: Sendable, Hashable {
    case none
    /// From this effect on the disk refuses everything; the program lives and has to notice.
    case diskDies(effect: Int, DyingDisk.Death)
    /// The disk is full after so many bytes. By the next night somebody has made room.
    case diskFull(bytes: Int)
    /// SIGKILL before, in the middle of or after an effect, or while the server answers a request.
    case killed(effect: Int, DyingDisk.Death)
    case killedAsking(request: Int)
    /// SIGKILL after an effect, and what was not flushed is gone.
    case powerCut(effect: Int, ForgetfulDisk.Loss)
    /// SIGINT or SIGTERM.
    case signal(Int32, request: Int)
    /// From this request on nobody is to be reached.
    case networkDies(request: Int)
}

/// The machine of one night: a disk and a network that share its mishap. When the program is killed, the index is set
/// aside as it stands and nothing goes out any more; afterwards `wake` makes the folder what the killed one left.
package final class Machine: DiskCoat {
    /// An effect that happened, and what a power cut after it could take; nothing is known of a disk that keeps all.
    package struct Effect: Sendable {
        var isWrite: Bool
        var leavesBytes = false
        var leavesNames = false
    }

    private struct State {
        var effects = 0
        var happened: [Effect] = []
        var requests = 0
        var bytes = 0
        var hasStruck = false
        var isKilled = false
    }

    package let mishap: Mishap
    package let disk: any FileSystem
    /// The signals that the process gets.
    package let signals: AsyncStream<Int32>
    private let signalling: AsyncStream<Int32>.Continuation
    private let forgetful: ForgetfulDisk?
    private let index: String
    private let aside: String
    private let state = Mutex(State())

    package init(_ mishap: Mishap, folder: String, account: String) {
        self.mishap = mishap
        (signals, signalling) = AsyncStream<Int32>.makeStream()
        if case .powerCut = mishap {
            let disk = ForgetfulDisk(LocalDisk())
            (self.disk, forgetful) = (disk, disk)
        } else {
            (disk, forgetful) = (LocalDisk(), nil)
        }
        index = "\(folder)/index/\(account).sqlite"
        aside = "\(folder)/killed.sqlite"
    }

    /// Whether the mishap has happened.
    package var hasStruck: Bool { state.withLock { $0.hasStruck } }
    package var happened: [Effect] { state.withLock { $0.happened } }
    package var isKilled: Bool { state.withLock { $0.isKilled } }

    /// A request is about to be sent.
    /// - Returns: its number of this night.
    package func asks() throws -> Int {
        if isKilled { throw TransportFailure.unreachable("killed") }
        let number = state.withLock { state in
            state.requests += 1
            return state.requests
        }
        switch mishap {
        case .signal(let signal, number):
            strike()
            signalling.yield(signal)
        case .networkDies(let first) where number >= first:
            strike()
            throw TransportFailure.unreachable("nobody answers any more")
        default: break
        }
        return number
    }

    package func kill() {
        let isFirst = state.withLock { state in
            defer { (state.isKilled, state.hasStruck) = (true, true) }
            return !state.isKilled
        }
        guard isFirst else { return }
        for suffix in ["", "-wal"] { try? FileManager.default.copyItem(atPath: index + suffix, toPath: aside + suffix) }
    }

    package func strike() { state.withLock { $0.hasStruck = true } }

    /// The morning after: what a killed process has left.
    package func wake() throws {
        guard isKilled else { return }
        let manager = FileManager.default
        for suffix in ["", "-wal", "-shm"] { try? manager.removeItem(atPath: index + suffix) }
        for suffix in ["", "-wal"] where manager.fileExists(atPath: aside + suffix) {
            try manager.moveItem(atPath: aside + suffix, toPath: index + suffix)
        }
        if case .powerCut(_, let loss) = mishap { try forgetful?.losePower(loss) }
    }

    private func refusal(_ what: String, _ path: String, _ code: Int32) -> FileFailure {
        FileFailure(operation: what, path: path, code: code, reason: code == ENOSPC ? "disk full" : "the disk has died")
    }

    package func effect(_ what: String, _ path: String, torn: () throws -> Void, _ body: () throws -> Void) throws {
        let (number, isKilled) = state.withLock { state in
            state.effects += 1
            return (state.effects, state.isKilled)
        }
        if isKilled { throw refusal(what, path, EIO) }
        func die(at last: Int, _ death: DyingDisk.Death, isKill: Bool) throws {
            if number < last { return try body() }
            if number == last, death == .unheard { try body() }
            if number == last, death == .torn { try torn() }
            if isKill { kill() } else { strike() }
            throw refusal(what, path, EIO)
        }
        switch mishap {
        case .diskDies(let last, let death): try die(at: last, death, isKill: false)
        case .killed(let last, let death): try die(at: last, death, isKill: true)
        case .powerCut(let last, _): try die(at: last, .unheard, isKill: true)
        default: try body()
        }
        let unflushed = forgetful?.unflushed ?? (bytes: false, names: false)
        let effect = Effect(
            isWrite: what == "write to", leavesBytes: unflushed.bytes, leavesNames: unflushed.names)
        state.withLock { $0.happened.append(effect) }
    }

    /// The full disk alone counts bytes.
    package func append(_ bytes: [UInt8], to path: String) throws {
        if case .diskFull(let limit) = mishap {
            let isFull = state.withLock { state in
                state.bytes += bytes.count
                return state.bytes > limit
            }
            if isFull {
                strike()
                try tear(bytes, path)
                throw refusal("write to", path, ENOSPC)
            }
        }
        try appendOrTear(bytes, to: path)
    }
}

/// A clock that goes wrong by so much against the server's.
package struct SkewedClock: WallClock {
    let clock: any WallClock
    let skewMilliseconds: Int64

    package init(_ clock: any WallClock, skewSeconds: Int64) {
        self.clock = clock
        skewMilliseconds = skewSeconds * 1000
    }

    package var nowMilliseconds: Int64 { clock.nowMilliseconds + skewMilliseconds }
    package func sleep(milliseconds: Int64) async throws { try await clock.sleep(milliseconds: milliseconds) }
}
