import Foundation
import Planning
import Testing

@testable import Pipedrive

/// Answers that no honest server sends: each is read as what it says, or refused with one clear sentence.
@Suite struct HostileAnswerTests {
    private func fault(_ bytes: [UInt8]) -> JSONFault? {
        #expect(throws: JSONFault.self) { try PageSlicer.page(bytes, of: Pages.stream) }
    }

    private func page(_ record: [UInt8]) throws -> Page {
        try PageSlicer.page(SlicerOracle.page(holding: record), of: Pages.stream)
    }

    private func record(_ page: Page) throws -> [UInt8] {
        Array(page.body[try #require(page.records.first).bytes])
    }

    /// In a record, in the envelope, in the pagination block, open or closed: never deeper than the limit.
    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"]) func depthBombs(opening: String) throws {
        let bomb = Array(String(repeating: opening, count: 100_000).utf8)
        let places = [
            (#"{"success":true,"data":[{"id":1,"x":"#, "}]}"), (#"{"data":"#, "}"), ("", ""),
            (#"{"data":[],"additional_data":"#, "}"), (#"{"data":[],"x":"#, "}"),
        ]
        for (before, after) in places where before != #"{"data":"# || opening == "{\"a\":" {
            let fault = fault(Array(before.utf8) + bomb + Array(after.utf8))
            let isDepth = fault?.reason == .depth || fault?.reason == .dataShape
            #expect(isDepth, "\(before)\(opening)…: \(String(describing: fault))")
        }
        let text = try #require(fault(Array(#"{"success":true,"data":[{"id":1,"x":"#.utf8) + bomb)).description
        #expect(text.hasPrefix("nested too deeply at byte "))
    }

    /// One record of twenty megabytes, in one member and in a million.
    @Test func hugeRecords() throws {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000_000)
        let one = Array(#"{"id":7,"note":""#.utf8) + text + Array(#"","update_time":"2024-01-01T00:00:00Z"}"#.utf8)
        let page = try page(one)
        #expect(page.records.first?.key == .integer(7))
        #expect(page.records.first?.updateTime?.description == "2024-01-01T00:00:00Z")
        #expect(try record(page) == one)
        let members = (0..<1_000_000).map { "\"member\($0)\":\($0)" }.joined(separator: ",")
        let many = Array("{\(members),\"id\":8}".utf8)
        #expect(many.count > 20_000_000)
        #expect(try self.page(many).records.first?.key == .integer(8))
    }

    /// The last of two members of one name counts, as in JavaScript, Python and DuckDB. It is safe, since the bytes
    /// are kept as they came, and the key is looked for by the same rule when a line is read again. A list that is
    /// there twice is refused: the one that does not count may be the one with the records.
    @Test func keysTwice() throws {
        let twice = Array(#"{"id":1,"update_time":null,"id":2,"update_time":"2024-01-01T00:00:00Z"}"#.utf8)
        let page = try page(twice)
        #expect(page.records.first?.key == .integer(2))
        #expect(page.records.first?.updateTime?.description == "2024-01-01T00:00:00Z")
        #expect(try record(page) == twice)
        let again = try twice.withUnsafeBufferPointer { try PageSlicer.record($0, of: Pages.stream) }
        #expect(again.key == .integer(2))
        for lists in [#""data":[{"id":1}],"data":[]"#, #""data":[],"d\u0061ta":[{"id":1}]"#] {
            #expect(fault(Array("{\(lists)}".utf8))?.reason == .twice)
        }
        let blocks = #""additional_data":{"next_cursor":"a"},"additional_data":{"next_cursor":null}"#
        #expect(fault(Array(#"{"data":[],\#(blocks)}"#.utf8))?.reason == .twice)
        #expect(try Pages.slice(#"{"success":false,"data":[],"success":true}"#).records.isEmpty)
        #expect(fault(Array(#"{"success":true,"data":[],"success":false}"#.utf8))?.reason == .success)
        let cursors = #"{"data":[],"additional_data":{"next_cursor":"a","next_cursor":"b"}}"#
        #expect(try Pages.slice(cursors).next == .cursor("b"))
    }

    /// No text can hold one, but the bytes can, and no warehouse is ours to mend. As a key it is refused.
    @Test func loneSurrogates() throws {
        for half in [#"\ud800"#, #"\uDFFF"#, #"\ud83d\ud83d"#, #"\ud83dx"#] {
            let kept = Array(#"{"id":1,"x":"\#(half)","\#(half)":0}"#.utf8)
            #expect(try record(page(kept)) == kept)
            #expect(fault(SlicerOracle.page(holding: Array(#"{"id":"\#(half)"}"#.utf8)))?.reason == .key)
        }
    }

    @Test func bytesThatAreNoText() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(fault(mark + Array(Pages.full.utf8))?.description == "not JSON at byte 0")
        let inside = Array(#"{"id":1,"x":""#.utf8) + mark + Array(#""}"#.utf8)
        #expect(try record(page(inside)) == inside)
        for place in [0, 5, 40, Pages.full.utf8.count] {
            var bytes = Array(Pages.full.utf8)
            bytes.insert(0, at: place)
            #expect(throws: JSONFault.self, "NUL at \(place)") { try PageSlicer.page(bytes, of: Pages.stream) }
        }
        for character in ["é", "€", "😀"] {
            for length in 1..<character.utf8.count {
                let half = Array(#"{"id":1,"x":"a"#.utf8) + character.utf8.prefix(length) + Array(#""}"#.utf8)
                #expect(fault(SlicerOracle.page(holding: half))?.reason == .utf8)
            }
        }
        #expect(fault(Array(#"{"data":[{"id":1,"x":"é"#.utf8).dropLast())?.reason == .utf8)
    }

    /// A number is kept digit by digit; as a key it must fit 64 bits.
    @Test func longNumbers() throws {
        let digits = String(repeating: "9", count: 1000)
        for number in [digits, "-\(digits)", "0.\(digits)", "1e\(digits)", "\(digits).\(digits)E-\(digits)"] {
            let kept = Array(#"{"id":1,"value":\#(number)}"#.utf8)
            #expect(try record(page(kept)) == kept)
            #expect(fault(SlicerOracle.page(holding: Array(#"{"id":\#(number)}"#.utf8)))?.reason == .key)
        }
        let next =
            #"{"data":[],"additional_data":{"pagination":{"more_items_in_collection":true,"next_start":\#(digits)}}}"#
        #expect(fault(Array(next.utf8))?.reason == .pagination)
    }

    /// v1 says null for nothing; where v2 does, something is wrong, and an end of the list would lose the rest.
    @Test func nullInPlaceOfData() throws {
        let bytes = Array(#"{"success":true,"data":null}"#.utf8)
        #expect(try PageSlicer.page(bytes, of: Pages.stream, nullIsEmpty: true).records.isEmpty)
        let fault = #expect(throws: JSONFault.self) {
            try PageSlicer.page(bytes, of: Pages.stream, nullIsEmpty: false)
        }
        #expect(fault?.reason == .dataShape)
    }

    /// All that the fuzzer has found, one input a line, and its seeds, judged again.
    @Test func corpus() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let packed = try String(contentsOf: tests.appending(path: "Corpus/slicer.base64"), encoding: .utf8)
        let seeds = tests.deletingLastPathComponent().appending(path: "Fuzzing/Seeds")
        let inputs =
            try packed.split(separator: "\n").map { try #require(Data(base64Encoded: String($0))) }
            + FileManager.default.contentsOfDirectory(at: seeds, includingPropertiesForKeys: nil)
            .map { try Data(contentsOf: $0) }
        #expect(inputs.count > 1000)
        for input in inputs {
            let complaint = SlicerOracle.complaint(about: Array(input))
            #expect(complaint == nil, "\(input.base64EncodedString())")
        }
    }
}
