import Foundation
import Planning

@testable import Pipedrive

/// What must hold of any bytes whatever: shared by the fuzzer and by the replay of what it found.
enum SlicerOracle {
    /// What is wrong; nil when nothing is.
    static func complaint(about bytes: [UInt8]) -> String? {
        complaintAboutValidity(bytes) ?? complaintAboutPage(bytes, Pages.stream)
            ?? complaintAboutPage(bytes, Pages.stream(key: "code", updateTime: nil))
            ?? complaintAboutPage(page(holding: bytes), Pages.stream)
    }

    /// The bytes as the only record of a page.
    static func page(holding record: [UInt8]) -> [UInt8] {
        Array(#"{"success":true,"data":["#.utf8) + record + Array("]}".utf8)
    }

    /// Ours and another parser must agree on what is JSON, but where their rules are known to differ.
    private static func complaintAboutValidity(_ bytes: [UInt8]) -> String? {
        let fault = Result { () throws(JSONFault) in try PageSlicer.validate(bytes) }.failure
        let isKnownToOther = (try? parsed(bytes)) != nil
        if fault == nil, !isKnownToOther, !OtherParser.isStricter(about: bytes) {
            return "accepted, though another parser refuses it"
        }
        if let fault, isKnownToOther, fault.reason != .depth, !OtherParser.isLaxer(about: bytes) {
            return "refused (\(fault)), though another parser accepts it"
        }
        return nil
    }

    private static func complaintAboutPage(_ bytes: [UInt8], _ stream: StreamSpec) -> String? {
        guard let page = try? PageSlicer.page(bytes, of: stream) else { return nil }
        if (try? PageSlicer.validate(bytes)) == nil { return "a page that is not JSON" }
        var end = 0
        for record in page.records {
            guard record.bytes.lowerBound > end, record.bytes.upperBound < bytes.count else {
                return "records overlap, or lie outside the page"
            }
            end = record.bytes.upperBound
            if let complaint = complaint(about: record, Array(bytes[record.bytes]), stream) { return complaint }
        }
        return complaintAboutCount(page, bytes)
    }

    /// A slice alone, and the slice without its white space, must be the same record.
    private static func complaint(about record: RecordSlice, _ slice: [UInt8], _ stream: StreamSpec) -> String? {
        var compact: [UInt8] = []
        slice.withUnsafeBytes { compactJSON($0, into: &compact) }
        if record.isCompact != (compact == slice) { return "wrong about white space" }
        if compact.contains(UInt8(ascii: "\n")) || compact.contains(UInt8(ascii: "\r")) { return "not one line" }
        for text in [slice, compact] {
            let again = text.withUnsafeBufferPointer { try? PageSlicer.record($0, of: stream) }
            guard let again, again.key == record.key, again.updateTime == record.updateTime,
                again.updateTime?.description == record.updateTime?.description,
                again.isDeleted == record.isDeleted, again.bytes == 0..<text.count
            else { return "read again, the record is another" }
        }
        guard let object = try? parsed(slice) as? NSDictionary, let dense = try? parsed(compact) as? NSDictionary
        else { return OtherParser.isStricter(about: slice) ? nil : "a record that another parser refuses" }
        if !object.isEqual(dense) { return "another record without its white space" }
        return complaintAboutKey(record.key, object, slice, stream)
    }

    private static func complaintAboutKey(
        _ key: RecordKey, _ object: NSDictionary, _ slice: [UInt8], _ stream: StreamSpec
    ) -> String? {
        // Which of two members of one name another parser takes is its own affair.
        guard !OtherParser.mayRepeat(stream.keyMember, in: slice) else { return nil }
        switch object[stream.keyMember] {
        case let text as String: return RecordKey(text) == key ? nil : "the key is \(text), not \(key)"
        case let number as NSNumber: return number.stringValue == "\(key)" ? nil : "the key is \(number), not \(key)"
        default: return "another parser finds no key"
        }
    }

    private static func complaintAboutCount(_ page: Page, _ bytes: [UInt8]) -> String? {
        guard !OtherParser.mayRepeat("data", in: bytes), let envelope = try? parsed(bytes) as? NSDictionary else {
            return nil
        }
        let count = (envelope["data"] as? NSArray)?.count ?? 0
        return count == page.records.count ? nil : "\(page.records.count) records where another parser finds \(count)"
    }

    private static func parsed(_ bytes: [UInt8]) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
}

/// Where Foundation's parser has rules of its own.
enum OtherParser {
    /// It leaves this out where a text begins with it.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// It cannot hold half a surrogate pair or a number beyond its range, and counts depth otherwise.
    static func isStricter(about bytes: [UInt8]) -> Bool {
        let text = bytes.map { $0 | 0x20 }
        if text.contains(Array(#"|ud"#.utf8)) || mayOverflow(bytes) { return true }
        return bytes.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } >= 400
    }

    /// It reads UTF-16 and UTF-32, skips a byte order mark, and lets a comma stand before a closing bracket.
    static func isLaxer(about bytes: [UInt8]) -> Bool {
        if bytes.prefix(4).contains(0) || (bytes.first ?? 0) >= 0xEF { return true }
        let dense = bytes.filter { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
        return dense.contains(Array(",]".utf8)) || dense.contains(Array(",}".utf8))
    }

    /// The name stands there twice, or escapes or a mark before it could hide it.
    static func mayRepeat(_ name: String, in bytes: [UInt8]) -> Bool {
        bytes.ranges(of: Array("\"\(name)\"".utf8)).count > 1 || bytes.contains(Array(#"\u"#.utf8))
            || bytes.contains(byteOrderMark)
    }

    private static func mayOverflow(_ bytes: [UInt8]) -> Bool {
        var digits = 0
        for (index, byte) in bytes.enumerated() {
            digits = (48...57).contains(byte) ? digits + 1 : 0
            if digits > 15 { return true }
            // An exponent: a digit, then e.
            if byte | 0x20 == 0x65, index > 0, (48...57).contains(bytes[index - 1]) { return true }
        }
        return false
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
