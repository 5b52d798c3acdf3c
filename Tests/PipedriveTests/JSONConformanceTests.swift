import Foundation
import Testing

@testable import Pipedrive

/// The public cases for JSON parsers, where they lie beside the project. They say nothing of pages.
@Suite struct JSONConformanceTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/json-conformance").path

    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder))?
        .filter { $0.hasSuffix(".json") }.sorted() ?? []

    @Test func allCases() throws {
        guard !Self.names.isEmpty else {
            print("skipped: no JSON conformance cases in shared/json-conformance")
            return
        }
        for name in Self.names {
            let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: Self.folder + "/" + name)))
            let wrapped = Array(#"{"success":true,"data":[{"id":1,"x":"#.utf8) + bytes + Array("}]}".utf8)
            let alone = (try? PageSlicer.validate(bytes)) != nil
            let inside = (try? PageSlicer.page(wrapped, of: Pages.stream)) != nil
            if name.hasPrefix("y_") { #expect(alone && inside, "\(name)") }
            if name.hasPrefix("n_") { #expect(!alone && !inside, "\(name)") }
        }
    }

    @Test func depthHasALimit() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try PageSlicer.validate(nested(JSONScanner.depthLimit)) }
        let fault = #expect(throws: JSONFault.self) { try PageSlicer.validate(nested(JSONScanner.depthLimit + 1)) }
        #expect(fault?.reason == .depth)
        #expect(throws: JSONFault.self) { try PageSlicer.validate(nested(100_000)) }
    }

    /// At every distance from the eight-byte steps, each special byte must be seen.
    @Test func stringsAtEveryOffset() {
        let specials: [([UInt8], Bool)] = [
            ([], true), ([0x1F], false), ([0x00], false), ([0x20], true), ([0x7F], true), (Array(#"\""#.utf8), true),
            (Array(#"\x"#.utf8), false), (Array(#"\u12G4"#.utf8), false), (Array("é€😀".utf8), true),
            ([0xC0, 0x80], false),
            ([0xED, 0xA0, 0x80], false), ([0xF4, 0x90, 0x80, 0x80], false), ([0xE2, 0x82], false), ([0x80], false),
            ([0xF0, 0x8F, 0xBF, 0xBF], false), ([0xE0, 0x9F, 0xBF], false), ([0xFF], false), ([0xC1, 0xBF], false),
        ]
        for (special, isValid) in specials {
            for before in 0..<18 {
                for after in 0..<18 {
                    let a = [UInt8](repeating: 0x61, count: before)
                    let text = [0x22] + a + special + [UInt8](repeating: 0x7A, count: after) + [0x22]
                    let accepted = (try? PageSlicer.validate(text)) != nil
                    #expect(accepted == isValid, "\(special) after \(before), before \(after)")
                }
            }
        }
    }
}
