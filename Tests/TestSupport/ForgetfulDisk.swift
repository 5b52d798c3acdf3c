import Foundation
package import Platform
import Synchronization

/// A coat around a disk that can lose its power: then bytes that were not synced are gone, and so is every name
/// whose folder was not synced. What SQLite writes passes it by and counts as durable, as long as its folder is.
/// It is the strictest reading of POSIX; most file systems keep more.
package final class ForgetfulDisk: FileSystem {
    /// What a power cut takes of what was not flushed.
    package enum Loss: Sendable, Hashable {
        case everything
        /// Every name is there, as after a rename that overtook its file, and of no file more than was synced.
        case bytes
        /// Every byte had arrived, and no new name or rename whose folder was not synced.
        case names
        /// Disks keep some of it and lose the rest, in no order: the seed decides for each file and each name.
        case some(seed: UInt64)
    }

    private enum Undoing {
        case remove(String)
        case renameBack(source: String, target: String, replaced: Replaced?)
    }

    private struct Replaced {
        var bytes: [UInt8]
        /// Its mode among them.
        var attributes: [FileAttributeKey: any Sendable]
    }

    private struct State {
        /// Of files with bytes that were not synced: the length that was.
        var durableLengths: [String: Int64] = [:]
        /// Names that are not durable yet, with the folder that holds each, oldest first.
        var names: [(folder: String, undoing: Undoing)] = []
    }

    private let disk: any FileSystem
    private let state = Mutex(State())

    package init(_ disk: any FileSystem) { self.disk = disk }

    /// Whether a power cut could take something now.
    package var unflushed: (bytes: Bool, names: Bool) {
        state.withLock { (!$0.durableLengths.isEmpty, !$0.names.isEmpty) }
    }

    /// The world after the power came back.
    package func losePower(_ loss: Loss = .everything) throws {
        var dice: SeededRandom?
        if case .some(let seed) = loss { dice = SeededRandom(seed: seed) }
        func isKept() -> Bool {
            guard var rolled = dice else { return false }
            defer { dice = rolled }
            return Bool.random(using: &rolled)
        }
        let lost = state.withLock { state in
            defer { state = State() }
            return state
        }
        for (path, length) in lost.durableLengths.sorted(by: { $0.key < $1.key }) where loss != .names {
            guard let size = try disk.size(path), size > length else { continue }
            try disk.truncate(path, to: isKept() ? (length + size) / 2 : length)
        }
        for name in lost.names.reversed() where loss != .bytes && !isKept() {
            switch name.undoing {
            case .remove(let path): try? FileManager.default.removeItem(atPath: path)
            case .renameBack(let source, let target, let replaced):
                guard try disk.size(target) != nil else { continue }
                try disk.rename(target, to: source)
                guard let replaced else { continue }
                try disk.append(replaced.bytes, to: target)
                try FileManager.default.setAttributes(replaced.attributes, ofItemAtPath: target)
            }
        }
    }

    private func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private func remember(_ undoing: Undoing, of path: String) {
        state.withLock { $0.names.append((folder(of: path), undoing)) }
    }

    package func createDirectory(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try createDirectory(folder(of: path))
        try disk.createDirectory(path)
        remember(.remove(path), of: path)
    }

    package func createPrivate(_ path: String) throws {
        try disk.createPrivate(path)
        remember(.remove(path), of: path)
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        let size = try disk.size(path)
        try disk.append(bytes, to: path)
        // SQLite syncs the folder of its own files.
        if path.hasSuffix(".sqlite") { return }
        if size == nil { remember(.remove(path), of: path) }
        state.withLock { $0.durableLengths[path] = $0.durableLengths[path] ?? size ?? 0 }
    }

    package func truncate(_ path: String, to length: Int64) throws {
        try disk.truncate(path, to: length)
        state.withLock { state in
            if let durable = state.durableLengths[path] { state.durableLengths[path] = min(durable, length) }
        }
    }

    package func sync(_ path: String) throws {
        try disk.sync(path)
        state.withLock { $0.durableLengths[path] = nil }
    }

    package func syncDirectory(_ path: String) throws {
        try disk.syncDirectory(path)
        let path = path.hasSuffix("/..") ? folder(of: String(path.dropLast(3))) : path
        state.withLock { $0.names.removeAll { $0.folder == path } }
    }

    package func rename(_ source: String, to target: String) throws {
        let replaced = try disk.size(target).map { size in
            let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
            return Replaced(
                bytes: try disk.read(target, offset: 0, count: Int(size)),
                attributes: [.posixPermissions: mode ?? 0o640])
        }
        try disk.rename(source, to: target)
        remember(.renameBack(source: source, target: target, replaced: replaced), of: target)
        state.withLock { $0.durableLengths[target] = $0.durableLengths.removeValue(forKey: source) }
    }

    package func remove(_ path: String) throws {
        try disk.remove(path)
        state.withLock { $0.durableLengths[path] = nil }
    }

    package func list(_ directory: String) throws -> [String] { try disk.list(directory) }
    package func size(_ path: String) throws -> Int64? { try disk.size(path) }
    package func read(_ path: String, offset: Int64, count: Int) throws -> [UInt8] {
        try disk.read(path, offset: offset, count: count)
    }
    package func lock(_ path: String) throws -> (any FileLock)? { try disk.lock(path) }
}
