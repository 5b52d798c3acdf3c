import Extraction
import Planning
import Platform
import Rehearsals
import Simulator
import Synchronization
import TestSupport
import Testing

/// A night ends in the middle of a list; by the next one the cursor that it kept is too old. Nobody has written down
/// what the live service answers then.
@Suite("Cursors that are too old")
struct OldCursorTests {
    enum Refusal: Hashable, CaseIterable {
        case badRequest, notFound, gone, tooLongAnAddress, unprocessable, serverError, unavailable, silence

        func answer() throws -> TransportResponse {
            let status =
                switch self {
                case .badRequest: 400
                case .notFound: 404
                case .gone: 410
                case .tooLongAnAddress: 414
                case .unprocessable: 422
                case .serverError: 500
                case .unavailable: 503
                case .silence: throw TransportFailure.timedOut(seconds: 30)
                }
            return TransportResponse(status: status, headers: [], body: Array(#"{"success":false}"#.utf8))
        }
    }

    /// In front of the company: writes into each cursor on which day it was handed out.
    private final class Clerk: HTTPTransport {
        private let company: SimulatorTransport
        private let refusal: Refusal
        private let day = Mutex(0)
        private let refused = Mutex(0)

        init(_ company: SimulatorTransport, _ refusal: Refusal) { (self.company, self.refusal) = (company, refusal) }

        var refusals: Int { refused.withLock { $0 } }

        func nextDay() { day.withLock { $0 += 1 } }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            let today = "day\(day.withLock { $0 })."
            var request = request
            if let cursor = request.url.firstMatch(of: /[?&]cursor=(day\d+\.)/)?.1 {
                guard cursor == today else {
                    refused.withLock { $0 += 1 }
                    return try refusal.answer()
                }
                request.url.replace(today, with: "")
            }
            var answer = try await company.send(request)
            let text = String(decoding: answer.body, as: UTF8.self)
            answer.body = Array(text.replacing(#""next_cursor":""#, with: #""next_cursor":"\#(today)"#).utf8)
            return answer
        }

        func reach(_ url: String) async throws {}
    }

    @Test("A walk goes on from its last key", arguments: Refusal.allCases)
    func ofAWalk(refusal: Refusal) async throws {
        var size = AccountSize(deals: 10)
        (size.persons, size.cluster) = (60, 6)
        try await expectWhole("persons", size, refusal, tokens: 30)
    }

    @Test("A list as a whole begins anew", arguments: Refusal.allCases)
    func ofAListing(refusal: Refusal) async throws {
        var size = AccountSize(deals: 10)
        size.side[.projects] = 30
        try await expectWhole("projects", size, refusal, tokens: 20)
    }

    /// A first night that ends in the middle, and a second one without the cursors of the first.
    private func expectWhole(_ stream: String, _ size: AccountSize, _ refusal: Refusal, tokens: Int) async throws {
        let rehearsal = try Rehearsal([stream], AccountOptions(size: size)) {
            $0.cutPages(to: 10)
            $0.concurrency = 1
        }
        let clerk = Clerk(rehearsal.company, refusal)
        let first = try await rehearsal.night(RunOptions(maxTokens: tokens), transport: clerk)
        #expect(first.code == .allowanceUsedUp && first.records > 0)
        rehearsal.sleep(hours: 24)
        clerk.nextDay()
        let second = try await rehearsal.night(transport: clerk)
        #expect(second.code == .complete, "\(second.sentence ?? "")")
        #expect((1...4).contains(clerk.refusals))
        var promises = Promises(rehearsal.folder.path)
        #expect(try promises.broken(rehearsal) == [])
    }
}
