import Pipedrive
import Planning
import Storage

/// What answers show beside their records: members that come and go, headers of farewell, and custom fields that no
/// definition knows. None of it makes a run fail.
struct Noticing: Sendable {
    /// By path.
    var books: [String: MemberBook] = [:]
    /// Of which an earlier run has seen records.
    var pathsSeenBefore: Set<String> = []
    var changedPaths: Set<String> = []
    var notices: Set<APINotice> = []
    /// By the stream whose records they are; none before its definitions were listed.
    var watches: [String: FieldWatch] = [:]
    /// Uses that no definition knew, by stream; settled when the definitions have been listed anew.
    var unknown: [String: Set<FieldUse>] = [:]
    /// Told of in an earlier run: the definitions do not have them, however often they are listed.
    var undefined: [String: Set<String>] = [:]
    /// Definitions that were made stale in this run: each once.
    var madeStale: Set<String> = []
}

extension Extractor {
    /// What earlier runs have noticed.
    func beginNoticing(_ marks: [String: Mark]) throws {
        noticing.books = try keeping { try store.memberBooks() }
        noticing.pathsSeenBefore = Set(noticing.books.keys)
        for told in try keeping({ try store.notices() }) where told.notice.kind == .undefinedField {
            noticing.undefined[told.notice.stream, default: []].insert(told.notice.name)
        }
        for entity in Set(Catalogue.definitions.map(\.entity)) { try watch(entity) }
        for index in situation.lists.indices where marks[MarkName.stale(situation.lists[index].stream.name)] != nil {
            makeStale(index)
        }
    }

    /// Beside its records, what does the answer say?
    func notice(_ answer: PageAnswer, _ page: Page, _ look: PageLook, _ index: Int) throws {
        let list = situation.lists[index]
        // A record alone has other members than in its list, and one that is asked where it came from has one more.
        guard list.spec.selection != .single, !list.purpose.looksForMoves else { return }
        let path = list.spec.path
        if let header = answer.farewell.deprecation { notice(index, .deprecation, "", header) }
        if let header = answer.farewell.sunset { notice(index, .sunset, "", header) }
        for name in page.strangers { notice(index, .envelopeMember, name) }
        let before = noticing.books[path] ?? MemberBook()
        var book = before
        let changes = book.take(
            look.sample, isWholeList: list.isWhole(page), wasSeenBefore: noticing.pathsSeenBefore.contains(path))
        for (kind, name) in changes { notice(index, kind, name) }
        if book != before {
            noticing.books[path] = book
            noticing.changedPaths.insert(path)
        }
        try notice(look.unknown, of: list.stream)
    }

    /// Something of the list's API is not as it was.
    func notice(_ index: Int, _ kind: APINotice.Kind, _ name: String, _ detail: String = "") {
        let list = situation.lists[index]
        noticing.notices.insert(
            APINotice(stream: list.stream.name, path: list.spec.path, kind: kind, name: name, detail: detail))
    }

    /// Definitions that do not know what records use are out of date, however young their copy is.
    private func notice(_ uses: Set<FieldUse>, of stream: StreamSpec) throws {
        let undefined = noticing.undefined[stream.name] ?? []
        let news = uses.filter { !undefined.contains($0.description) }
        guard !news.isEmpty else { return }
        noticing.unknown[stream.name, default: []].formUnion(news)
        for definitions in Catalogue.definitions(of: stream.name) where !noticing.madeStale.contains(definitions) {
            guard let index = situation.lists.firstIndex(where: { $0.stream.name == definitions }) else { continue }
            let mark = Mark(
                until: now + (situation.lists[index].spec.timeToLiveSeconds ?? 0), baseURL: job.baseURL,
                detail: "unknown fields in \(stream.name)")
            // Remembered, so that a run that is killed before it could ask leaves it to the next one.
            try keeping { try store.setMark(MarkName.stale(definitions), mark) }
            makeStale(index)
        }
    }

    private func makeStale(_ index: Int) {
        situation.lists[index].refresh = .wanted
        noticing.madeStale.insert(situation.lists[index].stream.name)
    }

    /// A whole list was listed to its end.
    func endedListing(of index: Int) throws {
        let list = situation.lists[index]
        if list.refresh == .underWay { situation.lists[index].refresh = .none }
        guard let entity = list.stream.definesFieldsOf else { return }
        if list.refresh == .underWay, noticing.madeStale.contains(list.stream.name) {
            let over = Mark(until: now, baseURL: job.baseURL, detail: "")
            try keeping { try store.setMark(MarkName.stale(list.stream.name), over) }
        }
        // Leads have the fields of deals.
        for reader in Set([entity, "leads"]) where Catalogue.definitions(of: reader).contains(list.stream.name) {
            try watch(reader)
            settleUnknown(of: reader)
        }
    }

    private func watch(_ entity: String) throws {
        let coverage = store.coverage()
        let definitions = Catalogue.definitions(of: entity)
        let listed = definitions.compactMap { coverage[$0]?.intervals.last?.until }
        guard let since = listed.min(), listed.count == definitions.count else { return }
        let fields = try keeping { try definitions.flatMap { try store.fields(of: $0) } }
        let options = fields.map { ($0.key, Set($0.options.map(\.id))) }
        noticing.watches[entity] = FieldWatch(
            since: since, options: Dictionary(options, uniquingKeysWith: { $0.union($1) }))
    }

    /// What the definitions do not have even now is told, and not looked for again.
    private func settleUnknown(of entity: String) {
        let isOpen = situation.lists.contains {
            Catalogue.definitions(of: entity).contains($0.stream.name) && $0.refresh != .none
        }
        guard !isOpen, let watch = noticing.watches[entity], let uses = noticing.unknown.removeValue(forKey: entity)
        else { return }
        let path = Catalogue.stream(named: entity)?.lists.first?.path ?? ""
        for use in uses where !watch.knows(use) {
            noticing.undefined[entity, default: []].insert(use.description)
            noticing.notices.insert(
                APINotice(stream: entity, path: path, kind: .undefinedField, name: use.description))
        }
    }

    func rememberNotices() throws {
        let books = noticing.books.filter { noticing.changedPaths.contains($0.key) }
        guard !books.isEmpty || !noticing.notices.isEmpty else { return }
        try keeping { try store.remember(books, noticing.notices) }
    }
}

extension ListState {
    /// The page that comes is all that the stream has: where its lists are several they share what is known of members.
    fileprivate func isWhole(_ page: Page) -> Bool {
        purpose == .changes && stream.isWholeList && stream.lists.count == 1 && active?.position == nil
            && page.next == nil
    }
}
