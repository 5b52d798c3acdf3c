/// How the streams are swept: by which lists, and how single records are asked for.
extension Catalogue {
    /// A record of v1 asked for by itself costs as much on every such path.
    private static let singlePriceTokens = 2

    /// Only what a stream's own lists do not tell needs a sweep. Streams that are read as a whole tell it all.
    package static func isSwept(_ stream: StreamSpec) -> Bool { stream.group == .core }

    /// Nobody says in which order the UUIDs of leads are sorted.
    package static func isKeyOrderKnown(of stream: StreamSpec) -> Bool { stream.name != "leads" }

    /// What records of the stream can become. A lead that became a deal answers like one that was deleted, and the
    /// deal alone tells of it.
    package static func successor(of stream: String) -> Successor? {
        stream == "leads" ? Successor(stream: "deals", member: "source_lead_id") : nil
    }

    /// The lists of which it is asked, one after the other, what became of missing records: by what was changed since
    /// these were last seen, and after each was asked for by its key by what was changed since the sweep began. A deal
    /// that is taken out of the archive meanwhile is met when the live ones are looked through again.
    package static func moveLists(of stream: StreamSpec) -> (before: [ListSpec], after: [ListSpec]) {
        guard let successor = successor(of: stream.name), let target = self.stream(named: successor.stream) else {
            return ([], [])
        }
        let lists = target.lists.map { list in
            var list = list
            list.name = "\(list.name) (from \(stream.name))"
            list.parameters.append(.init("include_fields", successor.member))
            return list
        }
        return (lists + lists.prefix(1), lists)
    }

    /// The lists to be walked by key.
    package static func sweepLists(of stream: StreamSpec) -> [ListSpec] {
        stream.lists.map { list in
            var list = list
            list.name = sweepName(list.name)
            list.timeFilter = .none
            return list
        }
    }

    /// The lists of which a missing record is asked, one after the other. The record itself, where it can be had
    /// alone, is the same whichever list shows it.
    package static func confirmationLists(of stream: StreamSpec) -> [ListSpec] {
        if let first = stream.lists.first, first.paging == .offset {
            return [
                ListSpec(
                    name: confirmationName(first.name), path: "\(first.path)/{id}", priceTokens: singlePriceTokens,
                    paging: .none, pageLimit: 0, timeFilter: .none, selection: .single)
            ]
        }
        return stream.lists.map { list in
            var list = list
            list.name = confirmationName(list.name)
            list.timeFilter = .none
            list.selection = .parameter("ids")
            return list
        }
    }

    /// The list whose readings tell how many pages such a list has.
    static func readList(of move: ListSpec) -> ListSpec? {
        streams.lazy.flatMap(\.lists).first { $0.path == move.path && $0.timeFilter == move.timeFilter }
    }

    private static func sweepName(_ list: String) -> String { "\(list) (sweep)" }
    private static func confirmationName(_ list: String) -> String { "\(list) (missing)" }
}

/// A record of one stream that became one of another: it is gone from its own lists, and lives on.
package struct Successor: Hashable, Sendable {
    /// What it becomes.
    package var stream: String
    /// The member by which that names what it was.
    package var member: String
}

/// The parts of a stream's sweep, in the order in which they are done: its lists are walked by key, then it is looked
/// for what moved, then what is missing is asked for by its key, and then once more for what moved.
package struct SweepCourse: Sendable {
    private let stream: StreamSpec
    private let moves: (before: [ListSpec], after: [ListSpec])

    package init(of stream: StreamSpec) { (self.stream, moves) = (stream, Catalogue.moveLists(of: stream)) }

    package var moveLists: [ListSpec] { moves.before + moves.after }
    /// From here on it is looked for what moved.
    package var movesAt: Int { stream.lists.count }
    /// Here what is missing is asked for by its key.
    package var confirmsAt: Int { movesAt + moves.before.count }
    package var endsAt: Int { confirmsAt + moves.after.count }
    /// What no list has by its key is not yet gone: it may have moved.
    package var asksAgain: Bool { !moves.after.isEmpty }
}
