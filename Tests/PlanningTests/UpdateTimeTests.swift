import Foundation
import TestSupport
import Testing

@testable import Planning

/// Every form of time stamp the API is known to use. Cannot see a form that it has never shown.
@Suite struct UpdateTimeTests {
    @Test(
        arguments: [
            ("2026-09-30T14:05:09Z", "2026-09-30T14:05:09Z"),
            ("2026-09-30T14:05:09.852Z", "2026-09-30T14:05:09.852Z"),
            ("2026-09-30T14:05:09.000Z", "2026-09-30T14:05:09.000Z"),
            ("2026-09-30T14:05:09.5Z", "2026-09-30T14:05:09.5Z"),
            ("2026-09-30T14:05:09.050000001Z", "2026-09-30T14:05:09.050000001Z"),
            ("2026-09-30 14:05:09", "2026-09-30T14:05:09Z"),
            ("2026-09-30 14:05:09.120", "2026-09-30T14:05:09.120Z"),
            ("2026-09-30T14:05:09+02:00", "2026-09-30T12:05:09Z"),
            ("2026-09-30T14:05:09.852-0530", "2026-09-30T19:35:09.852Z"),
            ("2026-12-31t23:59:59z", "2026-12-31T23:59:59Z"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"),
            ("1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"),
        ])
    func reads(sent: String, written: String) throws {
        let time = try #require(UpdateTime(sent))
        #expect(time.description == written)
        #expect(UpdateTime(written) == time)
        let bytes = Array(sent.utf8)
        #expect(bytes.withUnsafeBufferPointer { UpdateTime(inPlace: $0) } == time)
    }

    @Test(
        arguments: [
            "", "0000-00-00 00:00:00", "0000-00-00T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-30T00:00:00Z",
            "2026-09-30", "2026-09-30T24:00:00Z", "2026-09-30T14:60:09Z", "2026-09-30T14:05:61Z",
            "2026-09-30T14:05:09.Z", "2026-09-30T14:05:09Zx", "2026-09-30T14:05:09Z+01:00", "2026-09-30T14:05:09+1:00",
            "2026-09-30T14:05:09+25:00", "2026-9-30T14:05:09Z", "14:05:09", "null", "2026-09-30T14:05Z",
            "2026-09-30T14:05:09 Z", "٢٠٢٦-09-30T14:05:09Z",
        ])
    func refuses(text: String) {
        #expect(UpdateTime(text) == nil)
    }

    @Test func ordersByTimeAlone() throws {
        let plain = try #require(UpdateTime("2026-09-30T14:05:09Z"))
        let zeros = try #require(UpdateTime("2026-09-30T14:05:09.000Z"))
        let later = try #require(UpdateTime("2026-09-30T14:05:09.001Z"))
        #expect(plain == zeros && plain.hashValue == zeros.hashValue)
        #expect(zeros < later && plain < later)
        #expect(later.instant == plain.instant)
    }

    /// More than nine digits are beyond what is kept: the rest is cut off, not rounded up into the next moment.
    @Test func cutsLongFractions() throws {
        let time = try #require(UpdateTime("2026-09-30T14:05:09.9999999999Z"))
        #expect(time.description == "2026-09-30T14:05:09.999999999Z")
    }

    @Test func keepsEveryFractionDigitByDigit() {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let digits = (0..<Int.random(in: 1...9, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
            let whole = Instant(seconds: Int64.random(in: -1_000_000_000...4_000_000_000, using: &random)).description
            let text = "\(whole.dropLast()).\(digits.map(String.init).joined())Z"
            #expect(UpdateTime(text)?.description == text, "seed \(seed)")
        }
    }

    @Test func compactsWithoutTouchingStrings() {
        func compact(_ text: String) -> String {
            var target: [UInt8] = []
            Array(text.utf8).withUnsafeBytes { compactJSON($0, into: &target) }
            return String(decoding: target, as: UTF8.self)
        }
        #expect(compact("{ \"a b\" : [ 1.10 ,\n\t2e5\r\n] }") == #"{"a b":[1.10,2e5]}"#)
        #expect(compact(#"{"a":" \" : \\"}"#) == #"{"a":" \" : \\"}"#)
        #expect(compact(#"{"a": "\\" , "b": "\u0020" }"#) == #"{"a":"\\","b":"\u0020"}"#)
        #expect(compact("  ") == "")
    }
}
