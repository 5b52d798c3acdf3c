/// Children of the parents that changed: in batches as large as the API allows, the newest changes first.
extension Planner {
    /// The batch that a lane reads next: one that was begun, or the next ones of the queue.
    static func batch(of index: Int, in situation: Situation) -> Walk? {
        let list = situation.lists[index]
        guard list.pagesInHand == 0, let book = situation.children[list.stream.name] else { return nil }
        let lanes = situation.lists.filter { $0.purpose == .children && $0.stream.name == list.stream.name }
        let underWay = lanes.compactMap(\.active)
        let begun = book.begun.filter { walk in !underWay.contains { $0.listing == walk.listing } }
        // Lanes with nothing to do stand in line, so that no two take the same parents.
        let place = situation.lists[..<index].count { lane in
            lane.purpose == .children && lane.stream.name == list.stream.name && lane.active == nil && !lane.isOut
        }
        if place < begun.count { return begun[place] }
        let taken = Set((underWay + begun).flatMap { $0.parents.map(\.key) })
        let free = book.waiting.filter { !taken.contains($0.key) }
        let most = list.spec.selection.most
        let parents = Array(free.dropFirst((place - begun.count) * most).prefix(most))
        guard !parents.isEmpty, parents.count == most || !mayHaveMore(list.stream, in: situation) else { return nil }
        var walk = Walk(list: list.spec.name, interval: nil, order: .unordered, beganAt: situation.serverNow)
        walk.parents = parents
        return walk
    }

    /// Every child of every parent that is known was read. A batch leaves the queue with its last page.
    static func areChildrenRead(of stream: StreamSpec, in situation: Situation) -> Bool {
        situation.children[stream.name]?.waiting.isEmpty ?? true
    }

    /// More parents may come in this run, with which a batch could be filled.
    private static func mayHaveMore(_ stream: StreamSpec, in situation: Situation) -> Bool {
        situation.lists.indices.contains { index in
            let list = situation.lists[index]
            guard list.purpose == .changes, list.stream.name == stream.parent?.stream else { return false }
            return list.pagesInHand > 0 || hasStep(index, in: situation)
        }
    }
}
