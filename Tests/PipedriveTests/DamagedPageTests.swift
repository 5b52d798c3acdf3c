import Foundation
import TestSupport
import Testing

@testable import Pipedrive

/// A damaged page must never pass for a shorter or a different one.
@Suite struct DamagedPageTests {
    private static let compact = #"""
        {"success":true,"data":[{"id":12,"title":"a \"b\" ä 😀","value":-1.50e-2,\#
        "update_time":"2024-01-01T00:00:00Z","label_ids":[1,2],"x":null,"y":{"z":true}},{"id":13,"status":"open"}],\#
        "additional_data":{"next_cursor":"abc"}}
        """#

    @Test(arguments: [compact, Pages.full]) func cutAnywhere(text: String) throws {
        let bytes = Array(text.utf8)
        _ = try PageSlicer.page(bytes, of: Pages.stream)
        for length in 0..<bytes.count {
            #expect(throws: JSONFault.self, "cut at \(length)") {
                try PageSlicer.page(Array(bytes[..<length]), of: Pages.stream)
            }
        }
    }

    /// Random damage, judged by another parser. It is laxer in places, so what it takes and we do not is looked
    /// at no further; what we take it must take too.
    @Test func acceptsNothingThatAnotherParserRefuses() {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        let original = Array(Self.compact.utf8)
        for round in 0..<20_000 {
            let bytes = damaged(original, &random)
            guard (try? PageSlicer.validate(bytes)) != nil else { continue }
            let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(object != nil, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Where nothing but ASCII is put in, the other parser is laxer in one thing: it lets a comma stand before a
    /// closing bracket when there is white space between them.
    @Test func acceptsWhatAnotherParserAccepts() {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        let original = Array(#"[{"a":[1,-2.5e3,true,null,"x\n"],"b":{}},"y",0]"#.utf8)
        let letters = Array(#"{}[]",:0123456789.-+eE\ntruefalse "#.utf8)
        for round in 0..<20_000 {
            var bytes = original
            for _ in 0...Int.random(in: 0...2, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = letters.randomElement(using: &random) ?? 0
            }
            let mine = (try? PageSlicer.validate(bytes)) != nil
            let other = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            let dense = bytes.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
            if dense.contains(Array(",]".utf8)) || dense.contains(Array(",}".utf8)) { continue }
            #expect(mine || !other, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private func damaged(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0...2, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(original.randomElement(using: &random) ?? 0, at: place)
            default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        return bytes
    }
}
