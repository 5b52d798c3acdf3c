import Foundation

/// A place in a v2 list: the sort value and id of the last record given, in the spelling of the official examples,
/// `{"field":"id","fieldValue":7,"sortDirection":"asc","id":7}` as unpadded base64.
struct PageCursor: Sendable, Hashable {
    var field: String
    var value: SortValue
    var isDescending: Bool
    var id: Int32
    /// Makes two cursors for one place look different.
    var nonce: Int?

    init(field: String, value: SortValue, isDescending: Bool, id: Int32, nonce: Int? = nil) {
        self.field = field
        self.value = value
        self.isDescending = isDescending
        self.id = id
        self.nonce = nonce
    }

    init?(text: String) {
        if let log = PageCursor(logText: text) {
            self = log
            return
        }
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard !text.contains("="), let data = Data(base64Encoded: padded),
            let plain = try? JSONDecoder().decode(Plain.self, from: data),
            let value = plain.sortValue, ["asc", "desc"].contains(plain.sortDirection)
        else { return nil }
        self.init(
            field: plain.field, value: value, isDescending: plain.sortDirection == "desc", id: plain.id,
            nonce: plain.nonce)
    }

    var text: String {
        let direction = isDescending ? "desc" : "asc"
        let extra = nonce.map { #","nonce":\#($0)"# } ?? ""
        let plain =
            #"{"field":"\#(field)","fieldValue":\#(json),"sortDirection":"\#(direction)","id":\#(id)\#(extra)}"#
        let base64 = Data(plain.utf8).base64EncodedString()
        return String(base64.prefix { $0 != "=" })
    }

    /// v1 changelogs: `id:544`, newest first.
    var logText: String {
        let plain = "id:\(id)" + (nonce.map { ":\($0)" } ?? "")
        return String(Data(plain.utf8).base64EncodedString().prefix { $0 != "=" })
    }

    private init?(logText: String) {
        let padded = logText + String(repeating: "=", count: (4 - logText.utf8.count % 4) % 4)
        guard !logText.contains("="), let data = Data(base64Encoded: padded) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0] == "id", let id = Int32(parts[1]) else { return nil }
        // Where nothing was shown yet, the place is above everything.
        let value = id == 0 ? SortValue.text("\u{10FFFF}") : .number(Int64(id))
        self.init(field: "id", value: value, isDescending: true, id: id, nonce: parts.count == 3 ? Int(parts[2]) : nil)
    }

    private var json: String {
        switch value {
        case .none: "null"
        case .number(let number) where field.hasSuffix("_time"): #""\#(Stamp.seconds(number))""#
        case .number(let number): String(number)
        case .text(let text): #""\#(text)""#
        }
    }

    private struct Plain: Decodable {
        var field: String
        var sortDirection: String
        var id: Int32
        var nonce: Int?
        var sortValue: SortValue?

        enum CodingKeys: String, CodingKey { case field, fieldValue, sortDirection, id, nonce }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            field = try members.decode(String.self, forKey: .field)
            sortDirection = try members.decode(String.self, forKey: .sortDirection)
            id = try members.decode(Int32.self, forKey: .id)
            nonce = try members.decodeIfPresent(Int.self, forKey: .nonce)
            if try members.decodeNil(forKey: .fieldValue) {
                sortValue = SortValue.none
            } else if let number = try? members.decode(Int64.self, forKey: .fieldValue) {
                sortValue = .number(number)
            } else {
                let text = try members.decode(String.self, forKey: .fieldValue)
                sortValue = field.hasSuffix("_time") ? Stamp.parse(text).map { .number($0) } : .text(text)
            }
        }
    }
}

/// What a record is sorted by; null comes first.
enum SortValue: Sendable, Hashable, Comparable {
    case none
    case number(Int64)
    case text(String)
}
