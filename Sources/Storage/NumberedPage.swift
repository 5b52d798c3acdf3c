package import Planning

/// A page that has passed the turnstile: it is settled which of its records become versions, and under which
/// `_seq`. Pages are committed in the order in which they passed.
package struct NumberedPage: Sendable {
    let stream: String
    let definesFields: Bool
    let keyMember: String
    let run: String
    let body: [UInt8]
    /// In the order of their numbers.
    let versions: [Version]
    let answeredAtMilliseconds: Int64

    struct Version: Sendable {
        var seq: Int64
        var key: RecordKey
        var operation: RecordOperation
        var reason: DeleteReason?
        var updateTime: UpdateTime?
        var hash: Int64
        /// Where the API's object lies in the body; nil when only the key is known.
        var bytes: Range<Int>?
        /// The record was known before.
        var replacesHead: Bool
        /// It was not known, or only in a version with an older update time.
        var isNewer = false
        /// `RecordSlice.names`.
        var names: [FieldName] = []
    }

    package var isEmpty: Bool { versions.isEmpty }
    package var count: Int { versions.count }
    /// Versions that came as news though their update time lies in what is covered: they should have been known.
    package func newerCount(in covered: Coverage) -> Int {
        versions.count { version in
            guard version.isNewer, let time = version.updateTime?.instant else { return false }
            return covered.intervals.contains { $0.contains(time) }
        }
    }
    package var deleteCount: Int { versions.count { $0.operation == .delete } }

    /// The lines of this page, deflated. Costly, and independent of all other pages.
    package func encoded(level: Int) throws -> GzipBlock? {
        versions.isEmpty ? nil : try GzipBlock(deflating: lines(), level: level)
    }

    /// One line a version: our own members first, then the API's object byte for byte.
    func lines() -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(versions.reduce(0) { $0 + ($1.bytes?.count ?? 40) + 160 })
        let origin = #","_run":"\#(run)","_fetched_at":"\#(Instant(milliseconds: answeredAtMilliseconds))""#
        body.withUnsafeBytes { body in
            for version in versions {
                lines.append(contentsOf: version.operation == .upsert ? Self.upsert : Self.delete)
                lines.append(contentsOf: String(version.seq).utf8)
                lines.append(contentsOf: origin.utf8)
                if let reason = version.reason { lines.append(contentsOf: #","_reason":"\#(reason.rawValue)""#.utf8) }
                lines.append(UInt8(ascii: ","))
                appendMembers(of: version, from: body, to: &lines)
                lines.append(UInt8(ascii: "\n"))
            }
        }
        return lines
    }

    private static let upsert = Array(#"{"_op":"upsert","_seq":"#.utf8)
    private static let delete = Array(#"{"_op":"delete","_seq":"#.utf8)

    /// The object without its opening brace.
    private func appendMembers(of version: Version, from body: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
        if let bytes = version.bytes {
            lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[bytes.dropFirst()]))
        } else {
            lines.append(contentsOf: keyObject(keyMember, version.key).utf8.dropFirst())
        }
    }
}

/// `{"id":4711}`: all that is known of a record that a complete listing no longer has.
func keyObject(_ member: String, _ key: RecordKey) -> String {
    switch key {
    case .integer(let number): #"{"\#(member)":\#(number)}"#
    case .text(let text): #"{"\#(member)":"\#(escapedJSON(text))"}"#
    }
}

func escapedJSON(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case let control where control.value < 0x20:
            let digits = String(control.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
}
