import Pipedrive
import Planning
import Storage

/// Pages of children. A batch is done with its last page, in the same transaction as that page's versions and the
/// tombstones of what it no longer shows.
extension Extractor {
    /// Answers of 404 for parents that are there, in a row and none other, before the list itself counts as missing.
    package static let mostUnknownParents = 5

    private var childStreams: [StreamSpec] {
        situation.lists.filter { $0.purpose == .children && $0.lane == 0 }.map(\.stream)
    }

    /// Begins the child streams that are new, and learns what is left of all.
    func beginChildren() throws {
        guard !childStreams.isEmpty else { return try store.beginChildren([]) }
        try store.beginChildren(childStreams)
        try refreshChildren()
        for stream in childStreams {
            situation.waitingParents[stream.name] = try keeping { try store.parentsToRead(of: stream) }
        }
        for index in situation.lists.indices { try failWithoutParents(index) }
    }

    /// Nobody pulls the parents, so there would never be a child: that is a mistake in the job file.
    private func failWithoutParents(_ index: Int) throws {
        let stream = situation.lists[index].stream
        guard situation.lists[index].purpose == .children, let parent = stream.parent?.stream,
            !job.streams.contains(where: { $0.stream.name == parent }),
            store.coverage()[Catalogue.stream(named: parent)?.lists.first?.name ?? ""] == nil
        else { return }
        situation.lists[index].isOut = true
        logs[index].failure = ListFailure(
            code: .wrongJobFile,
            reason: "no job of this account pulls \(parent), for which it is read: add it to streams")
    }

    func refreshChildren() throws {
        for stream in childStreams {
            let most = stream.lists[0].selection.most * job.concurrency
            // As many as all lanes can ask for, beside those that are under way.
            situation.children[stream.name] = try keeping { try store.childBook(of: stream, limit: 2 * most) }
        }
    }

    func acceptChildren(_ prepared: PreparedPage, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        guard let walk = list.active, let page = try joinedChildren(prepared.page, walk, index) else { return }
        hasEverSucceeded = true
        forgetUnknownParents(of: list.stream)
        if walk.position == nil { (logs[index].shown, logs[index].cursorsMet) = (ShownRows(), []) }
        if let doubt = try childDoubt(page, walk, index) {
            situation.lists[index].pagesInHand -= 1
            return try retry(index, .badData, doubt)
        }
        var after = walk.advanced(past: page, of: list.spec)
        logs[index].shown.add(page, after)
        var isDone = page.next == nil
        if meets(page, walk, after, index) { (after, isDone) = (restart(after, index), false) }
        if isCut(page, walk, list) { (after, isDone) = (after.halved, false) }
        let change = ChildPage(
            walk: after, shown: page.records.map(\.key), isFirst: walk.position == nil,
            done: isDone ? walk.parents : [])
        let gone = isDone ? try unshown(walk, list.stream, change.shown) : []
        if isDone { (logs[index].wasEmpty, logs[index].tries) = (false, Tries()) }
        try enqueueChildren(change, prepared, burying: gone, index, &group)
    }

    private func enqueueChildren(
        _ change: ChildPage, _ page: PreparedPage, burying gone: [RecordKey], _ index: Int,
        _ group: inout TaskGroup<Event>
    ) throws {
        let list = situation.lists[index]
        let numbered = try keeping { try store.pass(page, of: list.stream, burying: gone) }
        // Also a batch that is done keeps its parents from the other lanes until they have left the queue.
        situation.lists[index].active = change.walk
        enqueue(
            PageEntry(
                stream: list.stream, list: list.spec, page: numbered, block: nil, walkBefore: nil, walkAfter: nil,
                covered: nil, children: change), index, &group)
    }

    /// A list that is not paged can say that more follows all the same. It is asked; where it only shows the same
    /// again, that was all.
    private func joinedChildren(_ page: Page, _ walk: Walk, _ index: Int) throws -> Page? {
        guard var page = try joined(page, walk, index) else { return nil }
        let isUnpaged = situation.lists[index].spec.paging == .none
        if isUnpaged, walk.position != nil, page.records.isEmpty || logs[index].shown.holdsAll(of: page) {
            page.next = nil
        }
        return page
    }

    private func unshown(_ walk: Walk, _ stream: StreamSpec, _ shown: [RecordKey]) throws -> [RecordKey] {
        try keeping { try store.unshownChildren(of: walk, stream: stream, alsoShown: shown) }
    }

    /// Why a page is asked for again: what a batch leaves out is buried at its end. Entries of a log that are alike can
    /// be told apart by nothing, so only a page of nothing else is one that was shown before.
    private func childDoubt(_ page: Page, _ walk: Walk, _ index: Int) throws -> String? {
        let (list, shown) = (situation.lists[index], logs[index].shown)
        let repeats = list.stream.isHistory ? shown.holdsAll(of: page) : shown.repeats(page, of: walk)
        if list.spec.paging == .cursor, repeats { return "a page that was shown before" }
        if walk.parents.count > 1, page.records.contains(where: { $0.parent == nil }) {
            return "a record that does not name its parent"
        }
        return try emptyDoubt(page, walk, index)
    }

    /// A batch without a single child, under whose parents children are known, has to be said twice.
    private func emptyDoubt(_ page: Page, _ walk: Walk, _ index: Int) throws -> String? {
        guard walk.position == nil, page.records.isEmpty, !logs[index].wasEmpty else { return nil }
        let missing = try unshown(walk, situation.lists[index].stream, [])
        guard !missing.isEmpty else { return nil }
        logs[index].wasEmpty = true
        return "an empty list, of which records are known"
    }

    /// A list that does not say whether more follows may have been cut at a full page.
    private func isCut(_ page: Page, _ walk: Walk, _ list: ListState) -> Bool {
        list.spec.endsSilently && list.spec.paging == .cursor && page.next == nil && walk.parents.count > 1
            && page.records.count >= list.spec.pageLimit
    }

    // MARK: A parent that the list does not know

    /// 404 or 410 in answer to one parent. Its children are buried if it is known to be deleted itself: a list that
    /// is missing altogether answers just so, and buries nothing.
    func acceptGone(_ parent: ParentMark, _ answer: PageAnswer, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        guard let walk = list.active else { return }
        let isPresent = try keeping { try store.isPresent(parent.key, stream: list.stream.parent?.stream ?? "") }
        if isPresent { logs[index].unknownParents += 1 }
        let unknown = situation.lists.indices.filter { situation.lists[$0].stream.name == list.stream.name }
            .reduce(0) { $0 + logs[$1].unknownParents }
        if unknown >= Self.mostUnknownParents {
            situation.lists[index].pagesInHand -= 1
            return try markUnavailable(index, "404 for \(unknown) records in a row")
        }
        let nothing = PreparedPage(
            Page(body: [], records: [], next: nil), answeredAtMilliseconds: answer.answeredAtMilliseconds)
        let gone = isPresent ? [] : try unshown(walk, list.stream, [])
        let change = ChildPage(walk: walk, shown: [], isFirst: true, done: walk.parents)
        try enqueueChildren(change, nothing, burying: gone, index, &group)
    }

    private func forgetUnknownParents(of stream: StreamSpec) {
        for index in situation.lists.indices where situation.lists[index].stream.name == stream.name {
            logs[index].unknownParents = 0
        }
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

extension Walk {
    /// The first half of a batch whose answer did not fit; the others stay in the queue.
    fileprivate var halved: Walk {
        var walk = self
        walk.parents = Array(parents.prefix(parents.count / 2))
        (walk.position, walk.seam) = (nil, [])
        return walk
    }
}

extension Situation {
    /// Each child stream has as many lanes as requests can be under way.
    static func childLists(of streams: [StreamSpec], lanes: Int) -> [ListState] {
        streams.filter { $0.parent != nil }.flatMap { stream in
            (0..<lanes).map { lane in
                var list = ListState(spec: stream.lists[0], stream: stream, predecessor: nil, purpose: .children)
                list.lane = lane
                return list
            }
        }
    }
}
