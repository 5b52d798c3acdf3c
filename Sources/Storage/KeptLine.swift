package import Planning

/// Reads the key and the update time of one of the API's objects as they were read when it came. It is lent by a
/// caller who knows the API; this room does not.
package typealias ObjectReader = (UnsafeBufferPointer<UInt8>) throws -> RecordSlice

/// A line of a snapshot file, read again.
struct KeptLine {
    var operation: RecordOperation
    var reason: String?
    var seq: Int64
    /// The name of the run that committed it. It lies in the line and is gone with it.
    var run: UnsafeBufferPointer<UInt8>
    var fetchedAt: Instant
    var key: RecordKey
    var updateTime: UpdateTime?
    /// Under which record it hangs, as far as the line says so.
    var parent: RecordKey?
    /// As it was taken when the version was judged.
    var hash: Int64
    /// `RecordSlice.names`.
    var names: [FieldName]

    /// Reads the line, and puts the API's opening brace back into it on the way. Throws `FileDamage`.
    /// - Parameter saysParent: as the line's stream does.
    init(_ line: UnsafeMutableBufferPointer<UInt8>, saysParent: Bool, reader: ObjectReader) throws {
        var members = OwnMembers(line: UnsafeBufferPointer(line))
        operation = try members.operation()
        seq = try members.seq()
        run = try members.text(after: Self.runName)
        guard let time = UpdateTime(inPlace: try members.text(after: Self.fetchedName)), time.fractionDigits == 0 else {
            throw FileDamage("the line with _seq \(seq) has no time in _fetched_at")
        }
        fetchedAt = time.instant
        if operation == .delete { reason = try members.reason(of: seq) }
        let within = saysParent ? try members.parent(of: seq) : nil
        guard members.skip(Self.comma) else { throw FileDamage("the line with _seq \(seq) holds nothing of the API") }
        line[members.place - 1] = UInt8(ascii: "{")
        let object = UnsafeBufferPointer(rebasing: line[(members.place - 1)...])
        do {
            let slice = try reader(object)
            hash = recordHash(UnsafeRawBufferPointer(object))
            key = slice.key.settled(hash: hash, parent: within)
            (updateTime, parent) = (slice.updateTime, within ?? slice.parent)
            names = operation == .upsert ? slice.names : []
        } catch {
            throw FileDamage("the line with _seq \(seq): \(error)")
        }
    }

    /// As reports name it: where it stands among the lines of its file nobody has counted.
    var name: String { "the line with _seq \(seq) (record \(key))" }

    /// The number of a line, nothing else being asked of it.
    static func seq(of line: UnsafeBufferPointer<UInt8>) -> Int64? {
        var members = OwnMembers(line: line)
        _ = try? members.operation()
        return try? members.seq()
    }

    /// The API's object without its opening brace, behind what the line says of its parent; nil when the line is none
    /// of ours.
    static func object(of line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var members = OwnMembers(line: line)
        guard members.skipOurs(), members.skip(comma) else { return nil }
        return UnsafeBufferPointer(rebasing: line[members.place...])
    }

    /// Whether this is the line that the index tells of, member by member of ours, and with the hash of the API's
    /// object. Why a record is gone is told by the line alone.
    static func isLine(_ line: [UInt8], told: Told) -> Bool {
        line.withUnsafeBufferPointer { line in
            var members = OwnMembers(line: line)
            do {
                guard try members.operation() == told.operation, try members.seq() == told.seq,
                    try members.text(after: runName).elementsEqual(told.run.utf8),
                    try members.text(after: fetchedName).elementsEqual(told.fetchedAt.description.utf8)
                else { return false }
                if told.operation == .delete { _ = try members.reason(of: told.seq) }
                guard try told.parent == nil || members.parent(of: told.seq) == told.parent, members.skip(comma)
                else { return false }
            } catch {
                return false
            }
            return ([UInt8(ascii: "{")] + line[members.place...]).withUnsafeBytes { recordHash($0) } == told.hash
        }
    }

    /// What the index tells of a line.
    struct Told {
        var operation: RecordOperation
        var seq: Int64
        var run: String
        var fetchedAt: Instant
        /// Nil where the line does not say it.
        var parent: RecordKey?
        var hash: Int64
    }

    fileprivate static let runName = Array(#","_run":""#.utf8)
    fileprivate static let fetchedName = Array(#","_fetched_at":""#.utf8)
    private static let comma = Array(",".utf8)
}

/// Our members stand first, always in the same order and form, so no parser is needed for them.
private struct OwnMembers {
    let line: UnsafeBufferPointer<UInt8>
    var place = 0

    private static let upsert = Array(#"{"_op":"upsert","_seq":"#.utf8)
    private static let delete = Array(#"{"_op":"delete","_seq":"#.utf8)
    private static let parentName = Array(#","_parent":"#.utf8)
    private static let reasonName = Array(#","_reason":""#.utf8)
    private static let reasons = ["status", "absent", "webhook"]

    mutating func operation() throws -> RecordOperation {
        if skip(Self.upsert) { return .upsert }
        if skip(Self.delete) { return .delete }
        throw FileDamage("holds a line that does not begin with our own fields")
    }

    mutating func seq() throws -> Int64 {
        let digits = line[place...].prefix { 48...57 ~= $0 }
        guard digits.first != UInt8(ascii: "0"), let seq = Int64(String(decoding: digits, as: UTF8.self)) else {
            throw FileDamage("holds a line without a number in _seq")
        }
        place += digits.count
        return seq
    }

    mutating func text(after name: [UInt8]) throws -> UnsafeBufferPointer<UInt8> {
        guard skip(name), let end = line[place...].firstIndex(of: UInt8(ascii: "\"")) else {
            throw FileDamage("holds a line whose own fields are not in their order")
        }
        defer { place = end + 1 }
        return UnsafeBufferPointer(rebasing: line[place..<end])
    }

    mutating func reason(of seq: Int64) throws -> String {
        let reason = String(decoding: try text(after: Self.reasonName), as: UTF8.self)
        guard Self.reasons.contains(reason) else {
            throw FileDamage("the line with _seq \(seq) has an unknown _reason")
        }
        return reason
    }

    /// A number, or a text in which nothing has to be escaped.
    mutating func parent(of seq: Int64) throws -> RecordKey {
        guard skip(Self.parentName) else { throw FileDamage("the line with _seq \(seq) does not say its parent") }
        let end = line[place...].firstIndex(of: UInt8(ascii: ",")) ?? line.endIndex
        let value = String(decoding: line[place..<end], as: UTF8.self)
        place = end
        let isText = value.count > 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
        guard isText || Int64(value) != nil else {
            throw FileDamage("the line with _seq \(seq) has an unknown _parent")
        }
        return RecordKey(isText ? String(value.dropFirst().dropLast()) : value)
    }

    /// Goes behind our members, of which `_parent` is none; false when they are not all there.
    mutating func skipOurs() -> Bool {
        do {
            let (operation, seq) = (try operation(), try seq())
            _ = try text(after: KeptLine.runName)
            _ = try text(after: KeptLine.fetchedName)
            if operation == .delete { _ = try reason(of: seq) }
            return true
        } catch {
            return false
        }
    }

    mutating func skip(_ text: [UInt8]) -> Bool {
        guard line[place...].starts(with: text) else { return false }
        place += text.count
        return true
    }
}
