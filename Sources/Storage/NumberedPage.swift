package import Planning

/// A page that has passed the turnstile: it is settled which of its records become versions, and under which
/// `_seq`. Pages are committed in the order in which they passed.
package struct NumberedPage: Sendable {
    let stream: String
    let definesFields: Bool
    let keyMember: String
    /// The lines say under which record they stand.
    let saysParent: Bool
    let run: String
    /// What the lines are made of; the index needs the rest alone.
    package private(set) var body: [UInt8]
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
        /// Under which record it hangs, as far as that is known.
        var parent: RecordKey?
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

    package mutating func dropBody() { body = [] }

    /// The lines of this page, deflated. Costly, and independent of all other pages.
    package func encoded(level: Int) throws -> GzipBlock? {
        guard !versions.isEmpty else { return nil }
        let expectedBytes = versions.reduce(0) { $0 + Self.mostOwnBytes + ($1.bytes?.count ?? 0) }
        return try GzipBlock(level: level, expectedBytes: expectedBytes) { deflater in
            try forEachLine { own, object in
                try deflater.add(own)
                try deflater.add(object)
                try Self.lineEnd.withUnsafeBytes { try deflater.add($0) }
            }
        }
    }

    /// Our own members of one line, however great its number, but for `_parent`.
    private static let mostOwnBytes = 160
    private static let lineEnd = [UInt8(ascii: "\n")]

    /// One line a version, without its end: our own members, then the API's object byte for byte but for its opening
    /// brace, which ours took the place of.
    private func forEachLine(_ take: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void) rethrows {
        let origin = Array(#","_run":"\#(run)","_fetched_at":"\#(Instant(milliseconds: answeredAtMilliseconds))""#.utf8)
        var own: [UInt8] = []
        own.reserveCapacity(Self.mostOwnBytes)
        try body.withUnsafeBytes { body in
            for version in versions {
                own.removeAll(keepingCapacity: true)
                own.append(contentsOf: version.operation == .upsert ? Self.upsert : Self.delete)
                own.append(contentsOf: String(version.seq).utf8)
                own.append(contentsOf: origin)
                if let reason = version.reason { own.append(contentsOf: #","_reason":"\#(reason.rawValue)""#.utf8) }
                own.append(contentsOf: parentMember(of: version).utf8)
                own.append(UInt8(ascii: ","))
                try own.withUnsafeBytes { own in
                    if let bytes = version.bytes {
                        try take(own, UnsafeRawBufferPointer(rebasing: body[bytes.dropFirst()]))
                    } else {
                        let object = Array(tombstone(of: version).utf8.dropFirst())
                        try object.withUnsafeBytes { try take(own, $0) }
                    }
                }
            }
        }
    }

    private static let upsert = Array(#"{"_op":"upsert","_seq":"#.utf8)
    private static let delete = Array(#"{"_op":"delete","_seq":"#.utf8)

    /// Empty where the stream's lines say no parent.
    private func parentMember(of version: Version) -> String {
        guard saysParent, let parent = version.key.withinParent?.parent else { return "" }
        return #","_parent":\#(jsonText(parent))"#
    }

    private func tombstone(of version: Version) -> String {
        keyObject(keyMember, saysParent ? version.key.withinParent?.own ?? version.key : version.key)
    }
}

/// `{"id":4711}`: all that is known of a record that a complete listing no longer has.
func keyObject(_ member: String, _ key: RecordKey) -> String { #"{"\#(member)":\#(jsonText(key))}"# }

func jsonText(_ key: RecordKey) -> String {
    switch key {
    case .integer(let number): String(number)
    case .text(let text): #""\#(escapedJSON(text))""#
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
