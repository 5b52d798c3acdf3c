import Foundation
import Simulator
import Testing

@Suite("Records look like the real ones")
struct ShapeTests {
    private let account = SimulatedAccount(options: AccountOptions(size: AccountSize(deals: 400)))

    @Test(
        "Every record of every kind is one line of valid JSON with its key and its time", arguments: RecordKind.allCases
    )
    func validity(kind: RecordKind) throws {
        let records = account.truth(kind)
        #expect(!records.isEmpty)
        #expect(Set(records.map { "\($0.parent ?? 0) \($0.key)" }).count == records.count)
        // Entries of a log have no key of their own.
        let hasKey = ![
            .dealChangelog, .personChangelog, .organizationChangelog, .projectChangelog, .dealFlow, .mailMessages,
        ].contains(
            kind)
        for record in records {
            #expect(!record.json.contains("\n"))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(record.json.utf8)) as? [String: Any])
            let keys = ["id", "field_code", "key", "code", "name", "uuid", "user_id"].compactMap {
                object[$0].map { "\($0)" }
            }
            #expect(keys.contains(record.key) || !hasKey)
            if let time = record.updateTime, kind != .users, hasKey {
                #expect((object["update_time"] ?? object["updated_at"]) as? String == time)
            }
        }
    }

    @Test("Numbers and escapes would not survive a decoding and a re-encoding")
    func awkwardness() {
        let text = account.truth(.deals).map(\.json).joined()
        let awkward = [
            "18400.50", "1.10", ":1e3", "2.5E+2", #"\u00e9"#, #"\/"#, "🦊", #"\ud83d\ude00"#, #"\\"#, ":\"\"",
            #"{\"id\":1"#,
        ]
        let missing = awkward.filter { !text.contains($0) }
        #expect(missing == [])
    }

    @Test("A deal has about two kilobytes; absent is not null")
    func sizes() throws {
        let deals = account.truth(.deals).map(\.json)
        let average = deals.reduce(0) { $0 + $1.utf8.count } / deals.count
        #expect((1500...2800).contains(average), "\(average)")
        let open = try #require(deals.first { $0.contains(#""status":"open""#) })
        let closed = try #require(deals.first { $0.contains(#""status":"won""#) })
        #expect(!open.contains("lost_time"))
        #expect(closed.contains(#""lost_time":null"#))
    }

    @Test("Custom field keys are the account's own")
    func customKeys() {
        let other = SimulatedAccount(options: AccountOptions(seed: 2))
        let keys = account.truth(.dealFields).map(\.key).filter { $0.count == 40 }
        #expect(keys.count == 24)
        #expect(Set(keys).isDisjoint(with: other.truth(.dealFields).map(\.key)))
    }
}
