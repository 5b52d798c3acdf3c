import Extraction
import Pipedrive
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import TestSupport
import Testing

/// A server chooses the rows of a page, and a row is edited before it is read: it stands at its old place and shows its
/// new time. Whether the live service reads so, nobody has written down.
@Suite("Rows that are edited while their page is made")
struct EditedWhileReadTests {
    enum Place: CaseIterable { case first, middle, last, lastTwo }

    struct List: Sendable, CustomTestStringConvertible {
        var stream: String
        var kind: RecordKind
        var path: String
        var testDescription: String { stream }
    }

    private static let lists = [
        List(stream: "persons", kind: .persons, path: "/api/v2/persons"),
        List(stream: "products", kind: .products, path: "/api/v2/products"),
        List(stream: "notes", kind: .notes, path: "/v1/notes"), List(stream: "leads", kind: .leads, path: "/v1/leads"),
        List(stream: "files", kind: .files, path: "/v1/files"),
    ]

    /// In front of the company: edits rows of one page after that was made.
    private final class Editor: HTTPTransport {
        private let company: SimulatorTransport
        private let list: List
        private let place: Place
        private let page: Int
        private let seen = Mutex(0)
        private let edits = Mutex(0)

        init(_ company: SimulatorTransport, _ list: List, _ place: Place, page: Int) {
            (self.company, self.list, self.place, self.page) = (company, list, place, page)
        }

        var edited: Int { edits.withLock { $0 } }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            var answer = try await company.send(request)
            guard request.url.contains("\(list.path)?"), let spec = Catalogue.stream(named: list.stream),
                let shown = try? PageSlicer.page(answer.body, of: spec), shown.records.count > 3
            else { return answer }
            let number = seen.withLock { seen in
                seen += 1
                return seen
            }
            guard number == page else { return answer }
            // From the end, so that the places of the others stay.
            for row in rows(of: shown).reversed() {
                guard let now = edit(row.key) else { continue }
                answer.body.replaceSubrange(row.bytes, with: now.utf8)
                edits.withLock { $0 += 1 }
            }
            return answer
        }

        private func rows(of page: Page) -> [RecordSlice] {
            switch place {
            case .first: Array(page.records.prefix(1))
            case .middle: [page.records[page.records.count / 2]]
            case .last: Array(page.records.suffix(1))
            case .lastTwo: Array(page.records.suffix(2))
            }
        }

        private func edit(_ key: RecordKey) -> String? {
            company.withAccount { [kind = list.kind] account in
                guard let row = account.truth(kind).first(where: { $0.key == key.description }) else { return nil }
                account.edit(kind, row.id)
                return account.truth(kind).first { $0.id == row.id }?.json
            }
        }

        func reach(_ url: String) async throws {}
    }

    @Test("None is missed", arguments: lists, Place.allCases)
    func noneIsMissed(list: List, place: Place) async throws {
        for (page, cluster) in [(1, 1), (1, 25), (2, 25), (3, 6)] {
            var size = AccountSize(deals: 60)
            (size.persons, size.products, size.leads, size.notes, size.cluster) = (60, 60, 60, 60, cluster)
            size.side[.files] = 60
            let rehearsal = try Rehearsal([list.stream], AccountOptions(size: size)) {
                $0.cutPages(to: 10)
                $0.concurrency = 1
            }
            let label: Comment = "page \(page), \(cluster) in a second"
            let editor = Editor(rehearsal.company, list, place, page: page)
            var promises = Promises(rehearsal.folder.path)
            #expect(try await rehearsal.night(transport: editor).code == .complete, label)
            #expect(editor.edited > 0, label)
            #expect(try promises.broken(rehearsal) == [], label)
            rehearsal.sleep(hours: 25)
            #expect(try await rehearsal.night().code == .complete, label)
            #expect(try promises.broken(rehearsal) == [], label)
        }
    }
}
