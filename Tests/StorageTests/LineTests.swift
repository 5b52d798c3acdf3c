import Planning
import TestSupport
import Testing

@testable import Storage

/// Each line to the byte, as a warehouse would read it. Cannot see whether the slices it is given are right.
@Suite struct LineTests {
    @Test func theWholeLine() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let object = #"{"id":4711,"value":1.10,"big":1e400,"t":"\u00e4 😀 \"_op\" \/","custom":{"b":[],"a":null}}"#
        try store.put([Shown(key: .integer(4711), text: object, time: "2026-11-22T10:00:00Z")])
        try store.endComplete()
        #expect(
            try account.lines() == [
                #"{"_op":"upsert","_seq":1,"_run":"20261123T020000Z","_fetched_at":"2026-11-23T02:00:07Z","#
                    + object.dropFirst()
            ])
        #expect(
            account.snapshots == ["snapshots/account=acme/stream=deals/dt=2026-11-23/20261123T020000Z-0001.ndjson.gz"])
    }

    @Test func aPrettyPrintedObjectIsOneLine() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let pretty = "{\n  \"id\": 1,\r\n\t\"title\" : \"a  b\\n\",\n  \"n\" : [ 1 , 2 ]\n}"
        try store.put([Shown(key: .integer(1), text: pretty, isCompact: false), Shown(2)])
        // The same object, compact: no new version.
        try store.put([Shown(key: .integer(1), text: #"{"id":1,"title":"a  b\n","n":[1,2]}"#)])
        try store.endComplete()
        let lines = try account.lines()
        #expect(lines.count == 2)
        #expect(lines.first?.hasSuffix(#","id":1,"title":"a  b\n","n":[1,2]}"#) == true)
    }

    @Test func deletions() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        let listed = [
            Shown(key: .text("EUR"), text: #"{"code":"EUR"}"#),
            Shown(key: .text("a\"\\\u{1}ä"), text: #"{"code":"?"}"#),
        ]
        try store.put(listed, of: Streams.currencies, PageNews(endsListing: true))
        try store.put([Shown(1, "2026-11-22T10:00:00Z", isDeleted: true)])
        try store.put([], of: Streams.currencies, PageNews(answered: 9000, endsListing: true))
        try store.endComplete()
        let from = #""_run":"20261123T020000Z","_fetched_at":"2026-11-23T02:00:0"#
        let lines = try account.lines()
        #expect(lines.count == 5)
        #expect(
            lines[2] == #"{"_op":"delete","_seq":3,"# + from
                + #"7Z","_reason":"status","id":1,"title":"x","update_time":"2026-11-22T10:00:00Z"}"#)
        let absent = Set(lines.dropFirst(3).map { $0.replacing(/"_seq":\d,/, with: "") })
        #expect(
            absent == [
                #"{"_op":"delete","# + from + #"9Z","_reason":"absent","code":"EUR"}"#,
                #"{"_op":"delete","# + from + #"9Z","_reason":"absent","code":"a\"\\\u0001ä"}"#,
            ])
    }

    @Test func oneFileAStream() throws {
        let account = try TestAccount()
        let store = try account.vault().beginRun()
        try store.commit(
            [store.entry([Shown(1)]), store.entry([Shown(1)], of: Streams.persons), store.entry([Shown(2)])],
            allowance: Tokens.allowance())
        try store.endComplete()
        let seqs = try account.snapshots.map { try account.lines(of: $0).compactMap(Line.seq) }
        #expect(seqs == [[1, 3], [2]])
    }
}
