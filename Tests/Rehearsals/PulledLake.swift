import CZlib
import Crypto
import Foundation
import Planning

/// What a loader finds in the output folder, read without any of the program's own code.
package struct PulledLake {
    /// One line of a snapshot: one version of a record.
    package struct Line: Hashable {
        package var stream: String
        package var file: String
        package var seq: Int64
        package var isDelete: Bool
        package var reason: String?
        package var run: String
        package var key: String
        /// The API's object as it stands in the line.
        package var object: String
        package var updateTime: String?
        /// Under which record it stands, of a child.
        package var parent: String?
    }

    /// One published file.
    package struct File {
        package var path: String
        package var bytes: Int
        package var uncompressedBytes: Int
        package var sha256: String
        package var lines: [Line]
    }

    package let folder: String
    package private(set) var files: [String: File] = [:]
    package private(set) var manifests: [String: ManifestText] = [:]
    /// What cannot be read at all.
    package private(set) var damage: [String] = []
    /// Versions that repeat the one before them.
    package private(set) var twice: [String] = []
    /// Tombstones that nobody has judged yet.
    private var newTombstones: [Line] = []
    private var heads: [String: [String: Line]] = [:]

    package init(_ folder: String) { self.folder = folder }

    /// Reads what is new. A published file never changes, so what was read once stands.
    package mutating func refresh() throws {
        let found = try Set(names(below: "snapshots"))
        for path in files.keys where !found.contains(path) { damage.append("\(path) is gone") }
        for path in found.sorted() {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
            guard let known = files[path] else {
                take(read(path, bytes))
                continue
            }
            if known.bytes != bytes.count { damage.append("\(path) has changed") }
        }
        try refreshManifests(names(below: "manifests"))
    }

    /// Reads what is new among the files of the newest days; a long simulation cannot look at all of them every night.
    package mutating func refreshNewest() throws {
        let account = "snapshots/account=acme"
        for stream in listed(account) {
            for day in listed("\(account)/\(stream)").sorted().suffix(3) {
                for name in listed("\(account)/\(stream)/\(day)").sorted() {
                    let path = "\(account)/\(stream)/\(day)/\(name)"
                    guard files[path] == nil else { continue }
                    take(read(path, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))))
                }
            }
        }
        try refreshManifests(listed("manifests/account=acme").map { "manifests/account=acme/\($0)" })
    }

    private func listed(_ part: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
    }

    private mutating func take(_ file: File) {
        files[file.path] = file
        newTombstones += file.lines.filter(\.isDelete)
        for line in file.lines {
            let head = heads[line.stream]?[line.key]
            // A file that a killed run had not sealed comes after younger ones; `repetitions` looks at those.
            if let head, head.seq > line.seq { continue }
            if let head, head.isDelete == line.isDelete, head.object == line.object {
                twice.append("\(line.stream) \(line.key) stands twice, as \(head.seq) and \(line.seq)")
            }
            heads[line.stream, default: [:]][line.key] = line
        }
    }

    private mutating func refreshManifests(_ paths: [String]) throws {
        let decoder = JSONDecoder()
        for path in paths where manifests[path] == nil {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
            manifests[path] = try decoder.decode(ManifestText.self, from: bytes)
        }
    }

    /// The tombstones that were read since this was last asked.
    mutating func takeTombstones() -> [Line] {
        defer { newTombstones = [] }
        return newTombstones
    }

    /// All lines in the order of their numbers.
    package var lines: [Line] { files.values.flatMap(\.lines).sorted { $0.seq < $1.seq } }

    /// The newest line of every record of a stream, by its key.
    package func latest(_ stream: String) -> [String: Line] {
        heads[stream] ?? [:]
    }

    package func names(below part: String) throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(part)")
        return paths.map { "\(part)/\($0)" }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    private mutating func read(_ path: String, _ bytes: Data) -> File {
        let text = gunzip(Array(bytes))
        if text == nil { damage.append("\(path) is not one whole gzip member") }
        let stream = path.firstMatch(of: /stream=([a-z_]+)/).map { String($0.1) } ?? ""
        var lines: [Line] = []
        for line in (text ?? []).split(separator: UInt8(ascii: "\n")) {
            if let parsed = Line(Array(line), stream: stream, file: path) {
                lines.append(parsed)
            } else {
                damage.append("\(path): \(String(decoding: line.prefix(120), as: UTF8.self))")
            }
        }
        if text?.last != UInt8(ascii: "\n") { damage.append("\(path) has no line feed at its end") }
        let hash = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        return File(
            path: path, bytes: bytes.count, uncompressedBytes: text?.count ?? 0, sha256: hash, lines: lines)
    }
}

extension PulledLake.Line {
    private static let keyMembers = [
        "currencies": "code", "lead_sources": "name", "lead_fields": "key", "note_fields": "key",
        "deal_followers": "user_id", "person_followers": "user_id", "organization_followers": "user_id",
        "product_followers": "user_id", "role_assignments": "user_id", "permission_set_assignments": "user_id",
        "note_comments": "uuid",
    ]

    /// Of what has a key in no member: entries of a log by their bytes, those of a flow by what they are.
    package static func ownKey(of stream: String, _ object: String) -> String? {
        if stream.hasSuffix("_changelog") {
            let digest = SHA256.hash(data: Data(object.utf8)).prefix(8).reversed()
            return digest.map { String(format: "%02x", $0) }.joined()
        }
        guard stream == "deal_flow" || stream == "mail_messages",
            let entry = try? JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any],
            let data = entry["data"] as? [String: Any], let kind = entry["object"], let id = data["id"]
        else { return nil }
        return "\(kind)/\(id)"
    }

    package static func keyMember(of stream: String) -> String {
        keyMembers[stream] ?? (stream.hasSuffix("_fields") ? "field_code" : "id")
    }

    /// Nil when the line does not begin with our own members in their order.
    package init?(_ line: [UInt8], stream: String, file: String) {
        let members = topLevelMembers(line)
        let names = members.map(\.name)
        let hasReason = names.contains("_reason")
        let saysParent = names.dropFirst(hasReason ? 5 : 4).first == "_parent"
        let ours =
            ["_op", "_seq", "_run", "_fetched_at"] + (hasReason ? ["_reason"] : []) + (saysParent ? ["_parent"] : [])
        guard Array(names.prefix(ours.count)) == ours, members.count > ours.count,
            let seq = Int64(members[1].value)
        else { return nil }
        let keyMember = Self.keyMember(of: stream)
        let own = members.dropFirst(ours.count)
        let start = members[ours.count].start
        let object = "{" + String(decoding: line[start...], as: UTF8.self)
        let found = Self.ownKey(of: stream, object) ?? own.first { $0.name == keyMember }?.value
        guard let found else { return nil }
        let key = saysParent ? "\(members[ours.count - 1].value)/\(found)" : found
        self.stream = stream
        self.file = file
        self.seq = seq
        isDelete = members[0].value == "delete"
        run = members[2].value
        reason = hasReason ? members[4].value : nil
        self.key = key
        self.object = object
        let timeMember = ["users": "modified", "deal_discounts": "updated_at"][stream] ?? "update_time"
        let time = own.first { $0.name == timeMember }?.value
        updateTime = time == "null" ? nil : time
        let parentMember = Catalogue.stream(named: stream)?.parent?.member
        parent =
            saysParent
            ? members[ours.count - 1].value : own.first { parentMember != nil && $0.name == parentMember }?.value
    }
}

/// The names and values of an object's own members, strings without their quotes; what lies deeper is passed over.
private func topLevelMembers(_ object: [UInt8]) -> [(name: String, value: String, start: Int)] {
    var members: [(name: String, value: String, start: Int)] = []
    var (depth, isInside, isEscaped, start, colon) = (0, false, false, 1, -1)
    func text(_ range: Range<Int>) -> String {
        let text = String(decoding: object[range], as: UTF8.self)
        return text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }
    func end(_ place: Int) {
        if colon > start { members.append((text(start..<colon), text(colon + 1..<place), start)) }
        (start, colon) = (place + 1, -1)
    }
    object.withUnsafeBufferPointer { bytes in
        for place in bytes.indices {
            let byte = bytes[place]
            if isInside {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInside = false
                }
                continue
            }
            switch byte {
            case 0x22: isInside = true
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                depth -= 1
                if depth == 0 { end(place) }
            case 0x3A where depth == 1 && colon < start: colon = place
            case 0x2C where depth == 1: end(place)
            default: break
            }
        }
    }
    return members
}

/// The text of exactly one gzip member; nil for anything else.
private func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    return bytes.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = uInt(input.count)
        var status = Z_OK
        while status == Z_OK {
            let count = piece.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                status = inflate(&stream, Z_NO_FLUSH)
                return output.count - Int(stream.avail_out)
            }
            text.append(contentsOf: piece[..<count])
        }
        return status == Z_STREAM_END && stream.avail_in == 0 ? text : nil
    }
}
