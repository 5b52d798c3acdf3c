// What these tests cannot catch: a misreading of the official descriptions that simulator and tests share, and
// whatever the live service does that nobody has written down.
import Foundation
import Platform
import Simulator
import Synchronization

/// Asks one account, one request after another, a hundred milliseconds apart.
struct Asker {
    static let start = AccountOptions.defaultStartMilliseconds

    var account: SimulatedAccount
    var now = Asker.start
    var stepMilliseconds: Int64 = 100

    init(_ options: AccountOptions = AccountOptions()) { account = SimulatedAccount(options: options) }

    mutating func ask(_ target: String, token: String? = AccountOptions.defaultToken) -> SimulatedResponse {
        now += stepMilliseconds
        let headers = token.map { [(name: "X-Api-Token", value: $0)] } ?? []
        return account.answer(SimulatedRequest(target: target, headers: headers), atMilliseconds: now)
    }

    /// All pages of a v2 list, as the pages came.
    mutating func walk(_ target: String, between: (inout SimulatedAccount) -> Void = { _ in }) throws -> [[Seen]] {
        var pages: [[Seen]] = []
        var cursor: String?
        repeat {
            let separator = target.contains("?") ? "&" : "?"
            let response = ask(target + (cursor.map { "\(separator)cursor=\($0)" } ?? ""))
            guard response.status == 200 else { throw Unexpected(status: response.status, body: response.text) }
            let body = try response.object()
            pages.append(Seen.rows(body))
            cursor = (body["additional_data"] as? [String: Any])?["next_cursor"] as? String
            between(&account)
        } while cursor != nil
        return pages
    }

    struct Unexpected: Error {
        var status: Int
        var body: String
    }
}

/// What the tests look at in a record.
struct Seen: Hashable {
    var id: String
    var update: String?
    var status: String?

    static func rows(_ body: [String: Any]) -> [Seen] {
        (body["data"] as? [[String: Any]] ?? []).map { row in
            Seen(
                id: (row["id"] as? Int).map { String($0) } ?? row["id"] as? String ?? "",
                update: row["update_time"] as? String,
                status: row["status"] as? String)
        }
    }
}

extension SimulatedResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }

    func seen() throws -> [Seen] { Seen.rows(try object()) }

    func number(_ header: String) -> Int? { self.header(header).flatMap { Int($0) } }
}

/// Time that moves when somebody sleeps.
final class StillClock: WallClock {
    private let now = Mutex(Asker.start)

    var nowMilliseconds: Int64 { now.withLock { $0 } }

    func sleep(milliseconds: Int64) async throws { now.withLock { $0 += milliseconds } }
}
