import Synchronization

/// Room for the bodies of answers, used again and again. A page is a megabyte that comes and goes among small things.
/// Were it allocated anew each time, its old place would have been broken into by then more often than not, and the
/// heap would grow for as long as a run lasts.
final class BodyPool: Sendable {
    /// Pages of one list differ by a tenth in length: with room in large steps each of them fits where another one lay.
    static let stepBytes = 256 << 10
    /// What lies here unused is no more than a few usual pages. Larger ones have a mapping of their own
    /// (`ProcessMemory.mapThresholdBytes`), which vanishes with them.
    static let mostIdleBytes = 8 << 20
    static let mostBodyBytes = Int(ProcessMemory.mapThresholdBytes)

    /// The one that was given back last stands last: whoever gave it may still be letting go of it.
    private let idle = Mutex<[[UInt8]]>([])

    var idleCapacities: [Int] { idle.withLock { $0.map(\.capacity) } }

    /// An empty body with room for so many bytes.
    func take(bytes: Int) -> [UInt8] {
        var body = idle.withLock { idle in
            idle.isEmpty ? [] : idle.remove(at: idle.firstIndex { $0.capacity >= bytes } ?? 0)
        }
        body.removeAll(keepingCapacity: true)
        guard body.capacity < bytes else { return body }
        // First the old room goes, then the new one is looked for.
        body = []
        body.reserveCapacity((bytes + Self.stepBytes - 1) / Self.stepBytes * Self.stepBytes)
        return body
    }

    /// Takes back a body that nobody reads any more. Somebody who does after all reads what he was given: then its room
    /// is not used again.
    func give(_ body: [UInt8]) {
        guard body.capacity >= Self.stepBytes, body.capacity <= Self.mostBodyBytes else { return }
        idle.withLock { idle in
            guard idle.reduce(body.capacity, { $0 + $1.capacity }) <= Self.mostIdleBytes else { return }
            idle.append(body)
        }
    }
}
