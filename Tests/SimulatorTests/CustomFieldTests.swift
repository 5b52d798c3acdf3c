import Foundation
import Simulator
import Testing

@Suite("Custom fields come, go and are renamed")
struct CustomFieldTests {
    private func definition(_ asker: inout Asker, _ key: String, _ list: String = "dealFields") throws -> [String: Any]?
    {
        let rows = Asker.rows(try asker.ask("/api/v2/\(list)?limit=500").object())
        return rows.first { $0["field_code"] as? String == key }
    }

    private func value(_ asker: inout Asker, _ deal: Int, _ key: String) throws -> Any? {
        let row = try asker.ask("/api/v2/deals/\(deal)").object()["data"] as? [String: Any]
        return (row?["custom_fields"] as? [String: Any])?[key]
    }

    @Test("A new field is in every record at once, and used by what is edited then")
    func adding() throws {
        var asker = Asker()
        let deals = asker.account.truth(.deals).filter { !$0.isDeleted }
        let key = asker.account.addField(.deals, name: "Mood", type: "enum", options: ["Good", "Bad"])
        asker.account.edit(.deals, deals[0].id)
        #expect(try value(&asker, deals[0].id, key) is Int)
        #expect(try value(&asker, deals[1].id, key) is NSNull)
        let shown = try definition(&asker, key)
        let found = try #require(shown)
        #expect(found["field_name"] as? String == "Mood" && (found["options"] as? [Any])?.count == 2)
        #expect(asker.account.truth(.leadFields).contains { $0.key == key })
        // Nothing else in those records has changed: the null is all they have more.
        let old = SimulatedAccount().truth(.deals)[deals[1].id - 1]
        let now = asker.account.truth(.deals)[deals[1].id - 1]
        #expect(now.json.replacing(#","\#(key)":null"#, with: "") == old.json && now.json != old.json)
        #expect(now.updateTime == old.updateTime)
    }

    @Test("Where fields show in later records only, no record changes without an edit")
    func quietly() throws {
        var options = AccountOptions()
        options.showsNewFieldsAtOnce = false
        var account = SimulatedAccount(options: options)
        let before = account.truth(.deals)
        let key = account.addField(.deals, name: "Mood", type: "varchar")
        account.deleteField(.deals, account.fieldKeys(.deals)[3])
        #expect(account.truth(.deals) == before)
        account.edit(.deals, 1)
        #expect(account.truth(.deals)[0].json.contains(key))
    }

    @Test("Hostile names arrive as they are, the same one twice, and nothing else of a record changes")
    func hostileNames() throws {
        var options = AccountOptions()
        options.hasHostileNames = true
        let hostile = SimulatedAccount(options: options)
        let keys = Set(hostile.fieldKeys(.deals))
        let names = try hostile.truth(.dealFields).filter { keys.contains($0.key) }.compactMap {
            try (JSONSerialization.jsonObject(with: Data($0.json.utf8)) as? [String: Any])?["field_name"] as? String
        }
        for name in ["", "select", "it's; DROP TABLE deals; --", "two\nlines\tand tabs", #"back\slash"#, "🦊🦊"] {
            #expect(HostileNames.fields.contains(name), "\(name)")
        }
        for name in HostileNames.fields {
            let count = HostileNames.fields.count { $0 == name }
            #expect(names.count { $0 == name } == count, "\(name)")
        }
        #expect(names.count { $0 == "Budget" } == 2 && names.contains { $0.count > 200 })
        #expect(hostile.truth(.persons) == SimulatedAccount().truth(.persons))
    }

    @Test("Renamed, a field keeps its key; deleted, it is in no list and no record")
    func renaming() throws {
        var asker = Asker()
        let key = asker.account.fieldKeys(.persons)[0]
        asker.account.renameField(.persons, key, to: "Budget")
        #expect(try definition(&asker, key, "personFields")?["field_name"] as? String == "Budget")
        asker.account.deleteField(.persons, key)
        #expect(try definition(&asker, key, "personFields") == nil)
        #expect(!asker.ask("/api/v2/persons?limit=500").text.contains(key))
    }

    @Test("A new option is used at once; a renamed one keeps its id and the field its name")
    func options() throws {
        var asker = Asker()
        let key = try #require(asker.account.fieldKeys(.deals, type: "set").first)
        let name = try definition(&asker, key)?["field_name"] as? String
        let deal = try #require(asker.account.truth(.deals).first { !$0.isDeleted }).id
        let added = asker.account.addOption(.deals, key, label: "Brand new")
        let option = try #require(added)
        asker.account.edit(.deals, deal)
        #expect((try value(&asker, deal, key) as? [Int])?.first == option)
        asker.account.renameOption(.deals, key, option, to: "Old hat")
        let shown = try definition(&asker, key)
        let found = try #require(shown)
        let labels = (found["options"] as? [[String: Any]] ?? []).map { "\($0["id"] ?? "")=\($0["label"] ?? "")" }
        #expect(labels.contains("\(option)=Old hat"))
        #expect(found["field_name"] as? String == name)
    }
}
