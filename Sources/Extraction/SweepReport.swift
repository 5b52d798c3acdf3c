package import Planning

/// How a stream's sweeps stand: what `run` and `status` say of them.
package struct SweepReport: Sendable, Encodable {
    package var stream: String
    package var state: State
    /// When the last complete sweep ended; nil before the first.
    package var lastEndedAt: String?
    /// Of the sweep under way, or else of the last one: when it began, and what it did.
    package var beganAt: String?
    package var shown = 0
    /// Of how many records that were known when it began; nil when it has ended.
    package var known: Int?
    package var missing = 0
    package var gone = 0
    /// Records that became ones of another stream and are not gone: leads that became deals.
    package var moved = 0
    /// Records found newer at the source than here, in time that was covered, and mended. There should be none.
    package var newer = 0
    /// Why it did not go on in this run.
    package var failure: String?

    package enum State: String, Sendable, Encodable {
        case never, due, underway, held, done
    }

    package init(_ stream: StreamSpec, _ book: SweepBook, isHeld: Bool, isDue: Bool = false, failure: String? = nil) {
        self.stream = stream.name
        self.failure = failure
        lastEndedAt = book.last?.endedAt.description
        moved = book.moved
        if let begun = book.begun {
            state = isHeld ? .held : .underway
            beganAt = begun.beganAt.description
            (shown, known, missing) = (begun.shown, begun.known, book.missing)
            (gone, newer) = (begun.gone, begun.newer)
        } else if let last = book.last {
            state = isDue ? .due : .done
            beganAt = last.beganAt.description
            (shown, gone, newer) = (last.shown, last.gone, last.newer)
        } else {
            state = .never
        }
    }

    /// What must be said at every run until it is settled; nil when all is well.
    package var notice: String? {
        if state == .held {
            return "the sweep of \(stream) misses \(missing) of \(known ?? 0) records, more than a tenth, and buries "
                + "none of them; if they were really deleted run once with --accept-deletions, else give the token "
                + "back its rights"
        }
        guard newer > 0 else { return nil }
        return "the sweep of \(stream) found \(newer) records newer at the source than in covered time here; they were "
            + "written, but this should not happen: please report it"
    }
}
