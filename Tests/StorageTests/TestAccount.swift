import CZlib
import Foundation
import GRDB
import Planning
import Platform
import TestSupport

@testable import Storage

/// An account's output in a folder of its own, and what a reader finds there.
final class TestAccount {
    static let started: Int64 = 1_795_399_200_000
    let clock = ManualClock(milliseconds: started)
    let folder: TemporaryFolder
    var output: String { folder("output") }
    var folders: Folders { Folders(output: output, account: "acme") }

    init() throws { folder = try TemporaryFolder() }

    /// A copy of another one as it lies on the disk; its clock goes on from there.
    init(copying other: TestAccount) throws {
        folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: other.output, toPath: folder("output"))
        clock.set(milliseconds: other.clock.nowMilliseconds)
    }

    func vault(_ disk: any FileSystem = LocalDisk()) throws -> Vault {
        try Vault(account: "acme", output: output, disk: disk, clock: clock)
    }

    func index() throws -> Index { try Index(reading: folders.index) }

    var reader: VersionReader {
        get throws { VersionReader(index: try index(), account: "acme", output: output, disk: LocalDisk()) }
    }

    /// The rows of a query as text, `null` for nothing.
    func rows(_ sql: String) throws -> [String] {
        try index().read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    value.isNull ? "null" : String(describing: value.storage.value ?? "")
                }.joined(separator: "|")
            }
        }
    }

    func columns(of view: String) throws -> [String] {
        try index().read { db in try db.columns(in: view).map(\.name) }
    }

    /// Files below a folder of the output, relative to the output.
    func paths(below name: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: output + "/" + name)?.compactMap { $0 as? String } ?? []
        return found.map { name + "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: output + "/" + path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    var snapshots: [String] { paths(below: "snapshots") }

    func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: output + "/" + path)))
    }

    func lines(of path: String) throws -> [String] {
        guard let text = Gzip.onlyMember(try bytes(path)) else { return ["not one gzip member"] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    /// All published lines, by their number.
    func lines() throws -> [String] {
        try snapshots.flatMap { try lines(of: $0) }.sorted { (Line.seq($0) ?? 0) < (Line.seq($1) ?? 0) }
    }

    func manifest(_ run: String) throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(bytes("manifests/account=acme/\(run).json")))
    }
}

enum Line {
    static func seq(_ line: String) -> Int? {
        line.firstMatch(of: /"_seq":(\d+)/).flatMap { Int($0.1) }
    }

    /// Without the name of the run and the time of the answer.
    static func timeless(_ line: String) -> String {
        line.replacing(/"_run":"[^"]*","_fetched_at":"[^"]*"/, with: "")
    }
}

enum Gzip {
    /// What the bytes hold when they are one whole gzip member and nothing else; zlib itself checks the trailer.
    static func onlyMember(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: 1 << 22)
        let room = uInt(output.count)
        let status = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = uInt(input.count)
                stream.next_out = target.baseAddress
                stream.avail_out = room
                return inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, stream.avail_in == 0 else { return nil }
        return Array(output.prefix(Int(stream.total_out)))
    }
}
