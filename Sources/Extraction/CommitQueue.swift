import Storage

/// Pages that have passed the turnstile and wait for their block, in the order in which they passed; only from
/// the front may they be committed. Pages that are ready together are committed together.
struct CommitQueue {
    struct Waiting: Sendable {
        var list: Int
        var entry: PageEntry
        fileprivate var isReady: Bool
    }

    private var waiting: [Waiting] = []
    /// The ticket of the first in the queue.
    private var firstTicket = 0

    var isEmpty: Bool { waiting.isEmpty }

    /// - Returns: the ticket under which the block is to be handed in.
    mutating func enter(_ entry: PageEntry, list: Int) -> Int {
        waiting.append(Waiting(list: list, entry: entry, isReady: false))
        return firstTicket + waiting.count - 1
    }

    mutating func hand(_ block: GzipBlock?, ticket: Int) {
        waiting[ticket - firstTicket].entry.block = block
        waiting[ticket - firstTicket].isReady = true
    }

    /// Takes everything that is ready from the front.
    mutating func takeReady() -> [Waiting] {
        let ready = Array(waiting.prefix { $0.isReady })
        waiting.removeFirst(ready.count)
        firstTicket += ready.count
        return ready
    }
}
