import Pipedrive
import Planning
import Storage

/// Pages of children. A batch is done with its last page, in the same transaction as that page's versions and the
/// tombstones of what it no longer shows.
extension Extractor {
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
        for index in situation.lists.indices { failWithoutParents(index) }
    }

    private func failWithoutParents(_ index: Int) {
        let list = situation.lists[index]
        guard list.purpose == .children,
            let parentless = ParentlessStream(list.stream, in: job, coverage: store.coverage())
        else { return }
        situation.lists[index].isOut = true
        logs[index].failure = ListFailure(code: .wrongJobFile, reason: parentless.reason)
    }

    func refreshChildren() throws {
        for stream in childStreams {
            let most = stream.lists[0].selection.most * job.concurrency
            let unknown = unknownParents[stream.name]?.asked ?? []
            // As many as all lanes can ask for, beside those that are under way.
            let book = try keeping { try store.childBook(of: stream, limit: 2 * most + unknown.count) }
            situation.children[stream.name] = book.without(unknown)
        }
    }

    func acceptChildren(_ prepared: PreparedPage, _ index: Int, _ group: inout TaskGroup<Event>) throws {
        let list = situation.lists[index]
        guard let walk = list.active, let page = try joinedChildren(prepared.page, walk, index) else { return }
        hasEverSucceeded = true
        if walk.position == nil { (logs[index].shown, logs[index].cursorsMet) = (ShownRows(), []) }
        if !list.stream.isHistory, try beginsAnew(page, walk, index) { return }
        if let doubt = try childDoubt(page, walk, index) {
            return try retryPage(index, doubt)
        }
        var after = walk.advanced(past: page, of: list.spec)
        logs[index].shown.add(page, after)
        var isDone = page.next == nil
        if meets(page, walk, after, index) { (after, isDone) = (restart(after, index), false) }
        if isCut(page, walk, list) { (after, isDone) = (after.halved, false) }
        let change = ChildPage(
            walk: after, shown: page.records.map(\.key), isFirst: walk.position == nil,
            done: isDone ? walk.parents : [], gone: takeUnknownParents(of: list.stream))
        let gone = isDone ? try unshown(walk, list.stream, change.shown) : []
        if isDone { (logs[index].wasEmpty, logs[index].tries) = (false, Tries()) }
        try enqueueChildren(change, prepared, burying: gone, index, &group)
    }

    func enqueueChildren(
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

    func unshown(_ walk: Walk, _ stream: StreamSpec, _ shown: [RecordKey]) throws -> [RecordKey] {
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
