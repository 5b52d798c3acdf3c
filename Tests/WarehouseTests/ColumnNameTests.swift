import TestSupport
import Testing

@testable import Warehouse

/// Names of columns: readable, unique, and for ever. Cannot tell whether a name reads well.
@Suite struct ColumnNameTests {
    private static func key(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return digits + String(repeating: "0", count: 40 - digits.count)
    }

    private static func field(_ number: Int, _ names: String...) throws -> CustomField {
        let times = names.indices.map { "2026-01-\(10 + $0)T00:00:00Z" }
        return try #require(
            CustomField(
                key: key(number), names: zip(names, times).map { CustomField.Name($0, since: $1) }, type: "varchar"))
    }

    private static func names(_ fields: [CustomField]) -> [[String]] {
        let names = ColumnNames(fields).names
        return fields.map { names[$0.key] ?? [] }
    }

    @Test(arguments: [
        ("Budget (EUR)", "cf_budget_eur"), ("  Größe & Maß ", "cf_grosse_mass"), ("日本語", "cf_日本語"),
        ("Бюджет", "cf_бюджет"),
        ("it's; DROP TABLE deals; --", "cf_it_s_drop_table_deals"), ("select", "cf_select"), ("a__b", "cf_a_b"),
        ("cf_budget", "cf_cf_budget"), ("_seq", "cf_seq"), ("x\u{0}y\nz", "cf_x_y_z"), ("2nd", "cf_2nd"),
    ])
    func bareNames(name: String, column: String) {
        // An `ß` is a letter of its own and no `s` with an accent.
        #expect(ColumnNames.bare(name) == column.replacing("grosse_mass", with: "große_maß"))
    }

    @Test(arguments: ["", " ", "🦊🦊", "\"", "'", "---", "\u{202E}"])
    func namesWithoutLettersAreTheKey(name: String) throws {
        #expect(try Self.names([Self.field(0xabcdef12, name)]) == [["cf__abcdef12"]])
    }

    @Test func longNamesLeaveRoomForThePartsOfAnAddress() throws {
        let long = String(repeating: "very long name ", count: 14)
        let other = try #require(
            CustomField(key: Self.key(2), names: [.init(long, since: "2026-02-01T00:00:00Z")], type: "address"))
        let table = StreamTable(
            .init(name: "deals", group: .core, lists: [], keyMember: "id", updateTimeMember: nil),
            fields: [try Self.field(1, long), other])
        #expect(table.custom.count == 12)
        // PostgreSQL's bound.
        #expect(table.columns.allSatisfy { $0.name.utf8.count <= 63 })
        #expect(Set(table.columns.map(\.name)).count == table.columns.count)
    }

    @Test func sameNamesAreToldApartByTheKey() throws {
        let fields = try [Self.field(3, "Budget"), Self.field(1, "Büdget"), Self.field(2, "BUDGET")]
        // All seen at once: the least key comes first.
        #expect(Self.names(fields) == [["cf_budget__30000000"], ["cf_budget"], ["cf_budget__20000000"]])
    }

    @Test func aRenamedFieldKeepsItsNameAndGetsAnAlias() throws {
        let fields = try [Self.field(1, "Budget", "Spend", "Budget!"), Self.field(2, "Spend")]
        #expect(Self.names(fields) == [["cf_budget", "cf_spend__10000000"], ["cf_spend"]])
    }

    /// A thousand histories, each looked at after every event: what was given stays.
    @Test func whatWasGivenStays() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        let words = ["Budget", "budget", "", "🦊", "Spend", "Budget currency", "x"]
        for _ in 0..<1000 {
            var fields: [CustomField] = []
            var given: [String: [String]] = [:]
            for event in 0..<12 {
                let name = CustomField.Name(
                    words.randomElement(using: &random) ?? "", since: "2026-01-\(10 + event)T00:00:00Z")
                if let index = fields.indices.randomElement(using: &random), Bool.random(using: &random) {
                    fields[index].names.append(name)
                } else {
                    let key = Self.key(Int.random(in: 1...4, using: &random) << 36 | event)
                    fields.append(try #require(CustomField(key: key, names: [name], type: "varchar")))
                }
                fields.shuffle(using: &random)
                let names = ColumnNames(fields).names
                for (key, before) in given {
                    #expect(names[key]?.starts(with: before) == true, "\(before), seed \(seed)")
                }
                let all = names.values.joined()
                #expect(Set(all).count == all.count && names.count == fields.count, "seed \(seed)")
                given = names
            }
        }
    }

    @Test(arguments: ["title", "53C2f18db6a1655d6af8bba77d9679565f975fd8", "'; --", String(repeating: "g", count: 40)])
    func whatIsNoKeyIsNoField(key: String) {
        #expect(CustomField(key: key, names: [.init("x", since: "")], type: "varchar") == nil)
    }
}
