import Planning
import Testing

@testable import Pipedrive

@Suite struct PageSlicerTests {
    private func page(_ records: String, after: String = "") throws(JSONFault) -> Page {
        try Pages.slice(#"{"success":true,"data":[\#(records)]\#(after)}"#)
    }

    private func next(_ additional: String) throws(JSONFault) -> PagePosition? {
        try page("", after: #","additional_data":\#(additional)"#).next
    }

    @Test func findsRecords() throws {
        let page = try Pages.slice(Pages.full)
        #expect(page.records.map(\.key) == [.integer(1), .integer(2)])
        #expect(page.records.map(\.isDeleted) == [false, true])
        #expect(page.records.map(\.isCompact) == [false, true])
        #expect(
            page.records.map { $0.updateTime?.description } == ["2024-01-01T00:00:00Z", "2024-01-01T00:00:01.250Z"])
        #expect(page.next == .cursor("eyJ9="))
        #expect(
            text(page, 1) == #"{"id":2,"update_time":"2024-01-01T00:00:01.250Z","status":"deleted","value":1e400}"#)
    }

    /// White space outside strings may go; nothing else may change, numbers least of all.
    @Test func compactsWithoutChangingAnything() throws {
        let pretty = try Pages.slice(Pages.full)
        var compact: [UInt8] = []
        Array(Pages.full.utf8).withUnsafeBytes { compactJSON($0, into: &compact) }
        let dense = try PageSlicer.page(compact, of: Pages.stream)
        #expect(dense.records.map(\.key) == pretty.records.map(\.key))
        #expect(dense.records.map(\.updateTime) == pretty.records.map(\.updateTime))
        #expect(dense.records.map(\.isCompact) == [true, true])
        #expect(
            text(dense, 0).hasPrefix(#"{"id":1,"title":"a \"deal\" – \u00e4 😀 \\","value":1.10,"update_time""#))
        var again: [UInt8] = []
        compact.withUnsafeBytes { compactJSON($0, into: &again) }
        #expect(again == compact)
    }

    @Test(arguments: [
        (#"{"id":7}"#, RecordKey.integer(7)), (#"{"id":-7}"#, .integer(-7)), (#"{"id":"7"}"#, .integer(7)),
        (#"{"id":"adf21080-0e10"}"#, .text("adf21080-0e10")), (#"{"id":"a\u0062\n\ud83d\ude00\/"}"#, .text("ab\n😀/")),
        (#"{"\u0069d":8}"#, .integer(8)), (#"{"id":1,"id":2}"#, .integer(2)),
        (#"{"id":1,"\u0069\u0064":3}"#, .integer(3)),
        (#"{"id":9223372036854775807}"#, .integer(.max)), (#"{"id":-9223372036854775808}"#, .integer(.min)),
        (#"{"x":{"id":5},"id":6,"y":[{"id":4}]}"#, .integer(6)), (#"{"ID":1,"id":2,"Id":3}"#, .integer(2)),
    ])
    func readsKeys(record: String, key: RecordKey) throws { #expect(try page(record).records.map(\.key) == [key]) }

    @Test(arguments: [
        #"{}"#, #"{"ID":1}"#, #"{"id":null}"#, #"{"id":true}"#, #"{"id":1.0}"#, #"{"id":1e3}"#, #"{"id":[1]}"#,
        #"{"id":{}}"#,
        #"{"id":""}"#, #"{"id":"\ud800"}"#, #"{"id":9223372036854775808}"#, #"{"id":1,"id":null}"#, "1", "[]", "null",
        "\"id\"",
    ])
    func refusesRecordsWithoutKey(record: String) {
        #expect(throws: JSONFault.self) { try page(record) }
        #expect(throws: JSONFault.self) { try page(#"{"id":1},"# + record) }
    }

    @Test func readsUpdateTimes() throws {
        let values = [
            #""2024-02-03 04:05:06""#, #""2024-02-03T04:05:06\u005a""#, #""0000-00-00 00:00:00""#, "null", "5",
        ]
        let records = values.map { #"{"id":1,"update_time":\#($0)}"# }.joined(separator: ",")
        let times = try page(records + #",{"id":1}"#).records.map { $0.updateTime?.description }
        #expect(times == ["2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z", nil, nil, nil, nil])
        let without = Pages.stream(key: "code", updateTime: nil)
        let currency = try Pages.slice(
            #"{"success":true,"data":[{"id":2,"code":"EUR","":"2024-02-03 04:05:06"}]}"#, without)
        #expect(currency.records.map(\.key) == [.text("EUR")])
        #expect(currency.records.first?.updateTime == nil)
    }

    @Test(arguments: [
        (#""is_deleted":true"#, true), (#""is_deleted":false"#, false), (#""is_deleted":"true""#, false),
        (#""status":"deleted""#, true), (#""status":"delet\u0065d""#, true), (#""status":"won""#, false),
        (#""x":{"is_deleted":true,"status":"deleted"}"#, false), (#""is_deleted":true,"is_deleted":false"#, false),
        (#""is_deleted":true,"status":"open""#, true), (#""is\u005fdeleted":true"#, true),
    ])
    func seesDeletions(members: String, isDeleted: Bool) throws {
        #expect(try page(#"{"id":1,\#(members)}"#).records.map(\.isDeleted) == [isDeleted])
    }

    @Test func findsTheNextPage() throws {
        #expect(try page("").next == nil)
        #expect(try next("null") == nil)
        #expect(try next("{}") == nil)
        #expect(try next(#"{"next_cursor":null}"#) == nil)
        #expect(try next(#"{"next_cursor":""}"#) == nil)
        #expect(try next(#"{"next_cursor":"abc"}"#) == .cursor("abc"))
        let block = #""start":100,"limit":50,"more_items_in_collection""#
        #expect(try next(#"{"pagination":{\#(block):true,"next_start":150}}"#) == .start(150))
        #expect(try next(#"{"pagination":{\#(block):true,"next_start":120}}"#) == .start(120))
        #expect(try next(#"{"pagination":{\#(block):false}}"#) == nil)
        #expect(try next(#"{\#(block):true}"#) == .start(150))
        #expect(try next(#"{"pagination":{"more_items_in_collection":true,"next_start":7}}"#) == .start(7))
        for bad in [
            #"{"next_cursor":5}"#, #"{"next_cursor":"\ud800"}"#, #"{"pagination":{"more_items_in_collection":true}}"#,
            #"{"pagination":{\#(block):"yes","start":"0"}}"#, "[]", "7",
            #"{"start":9223372036854775807,"limit":9,"more_items_in_collection":true}"#,
        ] { #expect(throws: JSONFault.self, "\(bad)") { try next(bad) } }
    }

    @Test func readsTheEnvelope() throws {
        #expect(
            try Pages.slice(#" {"additional_data":{"next_cursor":"c"},"data":[{"id":1}],"success":true} "#).next != nil)
        #expect(try Pages.slice(#"{"success":true,"data":null}"#).records.isEmpty)
        for bad in [
            "", " ", "[]", "null", "{}", #"{"success":true}"#, #"{"success":false,"data":[]}"#,
            #"{"success":1,"data":[]}"#,
            #"{"success":true,"data":{}}"#, #"{"success":true,"data":"x"}"#, #"{"success":true,"data":[]} x"#,
            #"{"success":true,"data":[]}{}"#, "<html></html>", "\u{FEFF}{\"data\":[]}", #"{"data":[],}"#,
            #"{"data":[{"id":1},]}"#,
        ] { #expect(throws: JSONFault.self, "\(bad)") { try Pages.slice(bad) } }
    }

    private func text(_ page: Page, _ index: Int) -> String {
        String(decoding: page.body[page.records[index].bytes], as: UTF8.self)
    }
}
