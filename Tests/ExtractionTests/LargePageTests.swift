import Extraction
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import TestSupport
import Testing

/// Records with pictures in them: so many in one answer would be more than the program takes.
@Suite("Pages that are too large")
struct LargePageTests {
    /// Cuts off any answer with more records of that list than it lets through.
    private final class Narrows: HTTPTransport {
        private let company: SimulatorTransport
        private let path: String
        private let most: Int
        private let refused = Mutex(0)

        init(_ company: SimulatorTransport, _ path: String, most: Int) {
            (self.company, self.path, self.most) = (company, path, most)
        }

        var refusals: Int { refused.withLock { $0 } }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            let limit = request.url.firstMatch(of: /[?&]limit=(\d+)/).flatMap { Int($0.1) }
            if request.url.contains(path), let limit, limit > most {
                refused.withLock { $0 += 1 }
                throw TransportFailure.tooLarge(limitBytes: 64 << 20)
            }
            return try await company.send(request)
        }

        func reach(_ url: String) async throws {}
    }

    private func rehearsal(_ stream: String, concurrency: Int) throws -> Rehearsal {
        var size = AccountSize(deals: 60)
        size.cluster = 6
        size.side[.projects] = 40
        return try Rehearsal(["deals", stream], AccountOptions(size: size)) {
            $0.cutPages(to: 16)
            $0.concurrency = concurrency
        }
    }

    @Test(
        "Fewer records are asked for at a time, and none is missed",
        arguments: [
            ("persons", "/api/v2/persons"), ("notes", "/v1/notes"), ("projects", "/projects"),
            ("deal_products", "/deals/products"),
        ], [1, 4])
    func fewer(list: (stream: String, path: String), concurrency: Int) async throws {
        let rehearsal = try rehearsal(list.stream, concurrency: concurrency)
        let narrows = Narrows(rehearsal.company, list.path, most: 5)
        let report = try await rehearsal.night(transport: narrows)
        #expect(report.code == .complete, "\(report.sentence ?? "")")
        // 16, 8 and then 4; of several that were under way at once, or lists of one path, each.
        #expect((2...2 * max(2, concurrency)).contains(narrows.refusals))
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }

    @Test("A single record that is too large fails its stream alone")
    func notEvenOne() async throws {
        let rehearsal = try rehearsal("persons", concurrency: 2)
        let narrows = Narrows(rehearsal.company, "/api/v2/persons", most: 0)
        let report = try await rehearsal.night(transport: narrows)
        #expect(report.code == .someStreamsFailed)
        let persons = report.streams.first { $0.stream == "persons" }
        #expect(persons?.state == .failed && persons?.reason?.contains("64 MB") == true, "\(report.streams)")
        #expect(narrows.refusals <= 4 + 5 + 2)
    }
}
