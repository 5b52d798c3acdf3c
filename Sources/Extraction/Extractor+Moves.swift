import Pipedrive
import Planning
import Storage

/// What became of the records that a sweep misses: a lead that became a deal is not gone. The deals that changed since
/// the missing leads were last seen are looked through for those that name one; nothing of them is written.
extension Extractor {
    func acceptMoves(
        _ page: Page, _ prepared: PreparedPage, _ index: Int, _ place: Int, _ group: inout TaskGroup<Event>
    ) throws {
        let list = situation.lists[index]
        let course = SweepCourse(of: list.stream)
        guard let successor = Catalogue.successor(of: list.stream.name),
            let begun = situation.sweeps[list.stream.name]?.begun, begun.part == course.movesAt + place,
            case (var sweep, _)? = begun.advanced(past: page.records.map(\.key), to: page.next, of: list.spec)
        else {
            return try retryPage(index, "a page that is not the next one by key")
        }
        guard let origins = page.origins(in: successor.member) else {
            situation.lists[index].pagesInHand -= 1
            return try leaveMoves(index, "\(successor.stream) do not say \(successor.member)")
        }
        // They are no records of the stream that is swept.
        sweep.shown = begun.shown
        let isLast = sweep.part >= course.endsAt
        let named = Set(origins.map(\.origin))
        let gone = isLast ? try keeping { try store.missing(of: list.stream) }.filter { !named.contains($0) } : []
        let numbered = try keeping { try store.pass(prepared.withoutRecords, of: list.stream, burying: gone) }
        sweep.gone += gone.count
        let moves = origins.map { SweepPage.Move(key: $0.origin, successor: $0.record) }
        let news = SweepPage.News.moves(moves, to: successor.stream, isLast: isLast)
        enqueueUpkeep(SweepPage(sweep: sweep, endsAt: course.movesAt, news: news), numbered, index, &group)
    }

    /// It cannot be told whether what is missing was deleted or moved, so nothing is buried. Asked again a day later.
    func leaveMoves(_ index: Int, _ reason: String) throws {
        let stream = situation.lists[index].stream.name
        let mark = Mark(
            until: now + Self.unavailableSeconds, baseURL: job.baseURL, access: client.credentials.name, detail: reason)
        try keeping { try store.setMark(MarkName.moves(stream), mark) }
        logger.warning(
            """
            it cannot be told which missing \(stream) were deleted and which became \
            \(Catalogue.successor(of: stream)?.stream ?? "others") (\(reason)): none of them is buried
            """)
        leaveMoves(of: stream, reason)
    }

    /// What earlier runs have found out about it.
    func leaveMoves(_ marks: [String: Mark]) {
        for stream in Set(situation.lists.filter(\.purpose.looksForMoves).map(\.stream.name)) {
            if let mark = marks[MarkName.moves(stream)] { leaveMoves(of: stream, mark.detail) }
        }
    }

    private func leaveMoves(of stream: String, _ reason: String) {
        for index in situation.lists.indices
        where situation.lists[index].purpose.looksForMoves && situation.lists[index].stream.name == stream {
            situation.lists[index].isOut = true
            logs[index].upkeepFailure = reason
        }
    }
}
