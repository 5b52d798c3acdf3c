import Planning

/// What one version says of its record.
package enum RecordOperation: Int, Hashable, Sendable {
    case upsert = 0
    case delete = 1
}

/// Why a record is known to be gone.
package enum DeleteReason: String, Hashable, Sendable {
    /// The API itself says so.
    case status
    /// A complete listing no longer has it.
    case absent
}

/// The newest version of a record, as far as it must be known to judge the next one.
struct Head: Hashable, Sendable {
    var seq: Int64
    var operation: RecordOperation
    var updateTime: UpdateTime?
    var hash: Int64
    /// When the server answered with it; nil for a version of an earlier run, which is older than any answer now.
    var answeredAtMilliseconds: Int64?
}

/// A version as it arrives.
struct Arrival: Hashable, Sendable {
    var operation: RecordOperation
    var updateTime: UpdateTime?
    var hash: Int64
    var answeredAtMilliseconds: Int64
}

/// Whether an arriving version is written.
enum Admission: Hashable, Sendable {
    case accepted
    /// The same operation and bytes as the newest version.
    case known
    /// Older than the newest version: an answer that was overtaken.
    case stale

    /// By update time, then by the time of the answer. A version without an update time can be judged by its
    /// answer alone.
    static func judge(_ arrival: Arrival, against head: Head?) -> Admission {
        guard let head else { return .accepted }
        if head.operation == arrival.operation && head.hash == arrival.hash { return .known }
        if let old = head.updateTime, let new = arrival.updateTime, old != new {
            return new < old ? .stale : .accepted
        }
        guard let answered = head.answeredAtMilliseconds else { return .accepted }
        return arrival.answeredAtMilliseconds < answered ? .stale : .accepted
    }
}
