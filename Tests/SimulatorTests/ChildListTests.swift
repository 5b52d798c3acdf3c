import Foundation
import Simulator
import Testing

@Suite("Children, histories and single records")
struct ChildListTests {
    private static let children = RecordKind.children

    private func asker(_ deals: Int = 200) -> Asker {
        var options = AccountOptions(size: AccountSize(deals: deals))
        options.dailyBudgetTokens = 10_000_000
        options.burstRequests = 1_000_000
        return Asker(options)
    }

    @Test("There are some of each, and not too many", arguments: children)
    func counts(kind: RecordKind) throws {
        let account = asker().account
        let parents = account.truth(try #require(kind.parent)).filter { !$0.isDeleted }.count
        let count = account.truth(kind).count
        #expect(count > 0 && count <= parents * 4, "\(count) of \(parents)")
    }

    @Test("Children change with their parent and never without it", arguments: children)
    func changeWithParent(kind: RecordKind) throws {
        var asker = asker()
        let parent = try #require(kind.parent)
        let before = asker.account.truth(kind)
        asker.now += 86_400_000
        asker.account.advance(to: asker.now)
        #expect(asker.account.truth(kind) == before)
        // A relationship is in two lists, so its other organization's list changes along.
        guard kind != .organizationRelationships else { return }
        for _ in 0..<8 { asker.account.edit(parent, 1) }
        let after = asker.account.truth(kind)
        #expect(after.filter { $0.parent != 1 } == before.filter { $0.parent != 1 })
    }

    @Test(
        "Many edits later some children are gone and others have come",
        arguments: [RecordKind.dealProducts, .noteComments])
    func comeAndGo(kind: RecordKind) throws {
        var asker = asker()
        let parent = try #require(kind.parent)
        let before = Set(asker.account.truth(kind).map(\.key))
        for id in 1...40 { for _ in 0..<6 { asker.account.edit(parent, id) } }
        let after = Set(asker.account.truth(kind).map(\.key))
        #expect(!before.subtracting(after).isEmpty && !after.subtracting(before).isEmpty)
    }

    @Test("A log only grows, newest first", arguments: ["deals", "persons", "organizations"])
    func logs(list: String) throws {
        var asker = asker()
        let parent = try #require(RecordKind(rawValue: list))
        let id = try #require(asker.account.truth(parent).first { !$0.isDeleted }).id
        let target = "/v1/\(list)/\(id)/changelog"
        let before = try asker.everything(target, limit: 500)
        for _ in 0..<5 {
            asker.now += 5000
            asker.account.advance(to: asker.now)
            asker.account.edit(parent, id)
        }
        let after = try asker.everything(target, limit: 2)
        #expect(after.count >= before.count + 5)
        #expect(NSArray(array: after.suffix(before.count)) == NSArray(array: before))
        let times = after.compactMap { $0["time"] as? String }
        #expect(times == times.sorted(by: >))
        // `start` is taken and disregarded: the first page again.
        #expect(asker.ask(target + "?limit=2&start=2").body == asker.ask(target + "?limit=2").body)
    }

    @Test("A hundred parents at a time, of unknown and deleted ones not a word")
    func parents() throws {
        var asker = asker()
        let all = try asker.everything("/api/v2/deals/products?deal_ids=1,2,3,4,5,6,7,8,9,10", limit: 500)
        let gone = try #require(all.first?["deal_id"] as? Int)
        asker.account.delete(.deals, gone)
        let left = try asker.everything("/api/v2/deals/products?deal_ids=1,2,3,4,5,6,7,8,9,10,99999", limit: 500)
        #expect(left.count == all.filter { $0["deal_id"] as? Int != gone }.count)
        let many = (1...101).map { String($0) }.joined(separator: ",")
        #expect(asker.ask("/api/v2/deals/products?deal_ids=\(many)").status == 400)
        #expect(asker.ask("/api/v2/deals/products?deal_ids[]=1").status == 400)
        #expect(asker.ask("/api/v2/deals/\(gone)/followers").status == 404)
        #expect(asker.ask("/v1/deals/\(gone)/flow").status == 404)
    }

    @Test(
        "Line items sort and page by every field", arguments: ["id", "deal_id", "add_time", "update_time", "order_nr"])
    func sorts(field: String) throws {
        var asker = asker()
        let ids = (1...90).map { String($0) }.joined(separator: ",")
        let target = "/api/v2/deals/products?deal_ids=\(ids)&sort_by=\(field)&sort_direction=desc"
        let seen = try asker.everything(target, limit: 7).compactMap { $0["id"] as? Int }
        #expect(seen.count > 50 && Set(seen).count == seen.count)
        #expect(seen.count == asker.account.truth(.dealProducts).filter { ($0.parent ?? 0) <= 90 }.count)
    }

    @Test("Installments say nothing of a next page when there is none")
    func installments() throws {
        var asker = asker()
        let ids = (1...90).map { String($0) }.joined(separator: ",")
        let whole = try asker.ask("/api/v2/deals/installments?deal_ids=\(ids)&limit=500").object()
        #expect(whole["additional_data"] == nil)
        let seen = try asker.everything("/api/v2/deals/installments?deal_ids=\(ids)&sort_by=billing_date", limit: 4)
        let days = seen.compactMap { $0["billing_date"] as? String }
        #expect(days == days.sorted() && seen.count == Asker.rows(whole).count)
    }

    @Test("A flow shows custom fields and single kinds of entries only when asked")
    func flow() throws {
        var asker = asker()
        for id in 1...30 { for _ in 0..<6 { asker.account.edit(.deals, id) } }
        let deal = try #require(asker.account.truth(.dealFlow).first { ($0.parent ?? 0) <= 30 }?.parent)
        func objects(_ query: String) throws -> [String] {
            try asker.everything("/v1/deals/\(deal)/flow?\(query)", limit: 2).compactMap { $0["object"] as? String }
        }
        let plain = try objects("")
        let all = try objects("all_changes=1")
        #expect(all.count == asker.account.children(.dealFlow, of: deal).count && plain.count <= all.count)
        #expect(try objects("items=mailMessage").allSatisfy { $0 == "mailMessage" })
        #expect(try objects("all_changes=1&items=dealChange,mailMessage").count == all.count)
    }

    @Test("A relationship is told from both sides under one id")
    func relationships() throws {
        var asker = asker()
        let one = try #require(asker.account.truth(.organizationRelationships).first)
        let row = try #require(
            try JSONSerialization.jsonObject(with: Data(one.json.utf8)) as? [String: Any])
        let other = try #require(row["calculated_related_org_id"] as? Int)
        let rows = Asker.rows(try asker.ask("/v1/organizationRelationships?org_id=\(other)").object())
        #expect(rows.contains { $0["id"] as? Int == one.id })
        asker.account.delete(.organizations, other)
        let left = Asker.rows(try asker.ask("/v1/organizationRelationships?org_id=\(one.parent ?? 0)").object())
        #expect(!left.contains { $0["id"] as? Int == one.id })
    }

    @Test(
        "One record by its id, as its list has it; gone is 404",
        arguments: [RecordKind.deals, .persons, .organizations, .activities, .products, .leads, .notes])
    func singles(kind: RecordKind) throws {
        var asker = asker()
        let prefix = kind == .leads || kind == .notes ? "/v1" : "/api/v2"
        let record = try #require(asker.account.truth(kind).first { !$0.isDeleted && !$0.isArchived })
        let target = "\(prefix)/\(kind.rawValue)/\(record.key)"
        #expect(asker.ask(target).text == #"{"success":true,"data":\#(record.json)}"#)
        asker.account.delete(kind, record.id)
        let answer = asker.ask(target)
        #expect(answer.status == 404)
        #expect(try answer.object()["error_info"] as? String == "Object was not found.")
        #expect(asker.ask("\(prefix)/\(kind.rawValue)/9999999").status == 404)
    }
}
