import Pipedrive
import Planning
import Storage

/// Of a child stream: parents that stand as present here and that its list answers with 404.
struct UnknownParents: Sendable {
    /// The list has answered in this run, so it is there.
    var isListThere = false
    /// They stay in the queue, and are not asked for again in this run.
    var asked: Set<ParentMark> = []
    /// Those among them of which nothing is decided yet.
    var undecided: [ParentMark] = []
    /// A parent whose children were read before, asked for to learn whether the list is there.
    var witness: RecordKey?
}

/// A 404 or 410 in answer to one parent. Either the parent is gone, and nobody has told yet, or the list is missing
/// altogether and answers everybody so. An answer of the list in the same run tells the two apart; before it has come,
/// no parent leaves the queue, or what was never read would be taken as read.
extension Extractor {
    /// Such answers in a row, and none other, before the list counts as missing.
    package static let mostUnknownParents = 5

    func acceptGone(_ parent: ParentMark, _ answer: PageAnswer, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        guard let walk = list.active else { return }
        let isPresent = try keeping { try store.isPresent(parent.key, stream: list.stream.parent?.stream ?? "") }
        if isPresent, unknownParents[list.stream.name]?.isListThere != true { return try setAside(parent, index) }
        let nothing = PreparedPage(
            Page(body: [], records: [], next: nil), answeredAtMilliseconds: answer.answeredAtMilliseconds)
        // A parent that stands as present buries nothing; its deletion will be told, and asks for its children again.
        let gone = isPresent ? [] : try unshown(walk, list.stream, [])
        let change = ChildPage(walk: walk, shown: [], isFirst: true, done: walk.parents)
        try enqueueChildren(change, nothing, burying: gone, index, &group)
    }

    private func setAside(_ parent: ParentMark, _ index: Int) throws {
        let stream = situation.lists[index].stream
        situation.lists[index].active = nil
        situation.lists[index].pagesInHand -= 1
        var unknown = unknownParents[stream.name] ?? UnknownParents()
        unknown.asked.insert(parent)
        unknown.undecided.append(parent)
        if unknown.witness == parent.key { unknown.witness = nil }
        let isMissing = unknown.undecided.count >= Self.mostUnknownParents
        if !isMissing, unknown.witness == nil {
            unknown.witness = try keeping { try store.queueWitness(of: stream) }
        }
        unknownParents[stream.name] = unknown
        try refreshChildren()
        // Fewer, and nobody left to ask: they wait in the queue for what a later night tells.
        guard isMissing else { return }
        try markUnavailable(index, 404, "for \(unknown.undecided.count) records in a row")
    }

    /// The list has answered: it is there.
    /// - Returns: the parents that it did not know before. They leave the queue with this page.
    func takeUnknownParents(of stream: StreamSpec) -> [ParentMark] {
        defer {
            unknownParents[stream.name, default: UnknownParents()].isListThere = true
            unknownParents[stream.name]?.undecided = []
        }
        return unknownParents[stream.name]?.undecided ?? []
    }
}

extension ChildBook {
    /// Without those of which nothing is to be asked in this run.
    func without(_ parents: Set<ParentMark>) -> ChildBook {
        guard !parents.isEmpty else { return self }
        var book = self
        book.waiting.removeAll(where: parents.contains)
        book.begun.removeAll { $0.parents.contains(where: parents.contains) }
        return book
    }
}

extension ListState {
    /// The one parent that the request under way is about.
    fileprivate var parentUnderWay: ParentMark? { active.flatMap { $0.parents.count == 1 ? $0.parents.first : nil } }

    /// The same, where the answer can tell that there is no such parent.
    var parentAskedFor: ParentMark? {
        guard purpose == .children else { return nil }
        return switch spec.selection {
        case .path, .value: parentUnderWay
        case .everything, .parameter, .single: nil
        }
    }
}
