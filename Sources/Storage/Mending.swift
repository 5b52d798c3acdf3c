import Foundation
import Planning
import Platform

/// What has to be put aside, and what of the coverage has to be forgotten with it, so that the next runs pull it
/// again. It is written before anything is touched; while it lies there, whoever opens the account for writing
/// carries it out first, so a mending that was killed is ended by the next command.
struct Mending: Codable, Hashable {
    /// By path, relative to the output folder.
    var files: [String: Lost] = [:]
    /// Runs whose manifests cannot be believed; the whole files of such a run are taken in without it.
    var manifests: Set<String> = []
    var forgotten: [Forgotten] = []

    /// What was known of a file that is put aside; empty for one that nobody knew.
    struct Lost: Codable, Hashable {
        var told: Manifest.File?
    }

    /// Without times, all of the stream.
    struct Forgotten: Codable, Hashable {
        var stream: String
        var since: String?
        var until: String?
    }

    var isEmpty: Bool { files.isEmpty && manifests.isEmpty && forgotten.isEmpty }

    /// What a lost file vouched for lies between its oldest and its newest update time. What has no update time
    /// lies in no interval: a stream that is listed as a whole, be it in part, is forgotten altogether, one of children
    /// too, whose intervals are those of their parents, and a record without a time in any other is met by the next key
    /// sweep.
    mutating func lose(_ path: String, _ told: Manifest.File?) {
        files[path] = Lost(told: told)
        guard let told else { return }
        guard let stream = Catalogue.stream(named: told.stream), !stream.lists.isEmpty,
            stream.parent == nil,
            stream.lists.allSatisfy({ $0.timeFilter != .none })
        else { return forgetAll(of: told.stream) }
        let times = [told.minUpdateTime, told.maxUpdateTime].map { $0.flatMap { UpdateTime($0) }?.instant }
        guard let first = times[0], let last = times[1] else { return }
        forgotten.append(Forgotten(stream: told.stream, since: "\(first)", until: "\(last + 1)"))
    }

    /// - Returns: false where there is nothing in `other` that is not in it.
    mutating func add(_ other: Mending) -> Bool {
        let before = self
        files.merge(other.files) { known, _ in known }
        manifests.formUnion(other.manifests)
        forgotten += other.forgotten.filter { !forgotten.contains($0) }
        return self != before
    }

    mutating func forgetAll(of stream: String) { forgotten.append(Forgotten(stream: stream)) }

    /// The coverage that is left of `stream`.
    func remaining(_ coverage: Coverage, of stream: String) -> Coverage {
        var rest = coverage
        for span in forgotten where span.stream == stream {
            guard let since = span.since.flatMap({ Instant($0) }), let until = span.until.flatMap({ Instant($0) })
            else { return Coverage() }
            if let interval = Interval(since: since, until: until) { rest.remove(interval) }
        }
        return rest
    }
}

extension Folders {
    /// Where damaged files lie; nobody reads them.
    var damaged: String { "\(output)/damaged/account=\(account)" }
    var mending: String { "\(damaged)/mending.json" }

    /// The place among the damaged of what lay at `path`: its way from the account's folder is in its name.
    func damaged(_ path: String) -> String {
        "\(damaged)/" + path.split(separator: "/").dropFirst(2).joined(separator: ",")
    }

    fileprivate static let lostEnding = ".lost.json"

    /// What was told of the files that were put aside.
    func lostFiles(on disk: any FileSystem) throws -> [Manifest.File] { try lost(on: disk).compactMap(\.told) }

    /// What was told of the files that were put aside, with the path of where it stands; nil where that cannot be read.
    func lost(on disk: any FileSystem) throws -> [(path: String, told: Manifest.File?)] {
        try disk.storing {
            try disk.list(damaged).filter { $0.hasSuffix(Self.lostEnding) }.map { name in
                let path = "\(damaged)/\(name)"
                do {
                    let bytes = try FileDamage.finding { try disk.read(path, offset: 0, count: .max) }
                    return (relative(path), SelfChecked.value(Manifest.File.self, in: bytes))
                } catch is FileDamage {
                    return (relative(path), nil)
                }
            }
        }
    }
}

/// Carries out a mending. Every step may be done again.
struct Mender {
    let folders: Folders
    let disk: any FileSystem

    /// Nil when none is under way.
    func underWay() throws -> Mending? {
        try disk.storing {
            guard try disk.size(folders.mending) != nil else { return nil }
            let bytes = try disk.read(folders.mending, offset: 0, count: .max)
            guard let mending = SelfChecked.value(Mending.self, in: bytes) else {
                throw Stop(
                    .badData, "\(folders.mending) cannot be read",
                    hint: "remove it, and run pipesnap verify --refetch again")
            }
            return mending
        }
    }

    /// From here on the mending is carried out by whoever comes.
    func begin(_ mending: Mending) throws {
        try disk.storing {
            try disk.createDirectory(folders.damaged)
            for folder in ["\(folders.output)/damaged", folders.output] { try disk.syncDirectory(folder) }
        }
        try write(SelfChecked.bytes(of: mending), to: folders.mending)
    }

    /// Puts the files aside, then corrects the manifests: a file is told of until it is out of the way. Throws
    /// `UnfitFile` for a manifest that was damaged since the plan was made.
    func carryOut(_ mending: Mending) throws {
        for (path, lost) in mending.files.sorted(by: { $0.key < $1.key }) {
            if let told = lost.told {
                try write(SelfChecked.bytes(of: told), to: folders.damaged(path) + Folders.lostEnding)
            }
            try putAside(path)
        }
        for run in mending.manifests.sorted() { try putAside(folders.relative(folders.manifest(run: run))) }
        for run in try folders.manifestRuns(on: disk) {
            let manifest = try Manifest(mendable: run, folders: folders, disk: disk)
            let corrected = manifest.without(mending, in: folders)
            if corrected != manifest { try write(corrected.bytes(), to: folders.manifest(run: run)) }
        }
    }

    func end() throws {
        try disk.storing {
            try disk.remove(folders.mending)
            try disk.syncDirectory(folders.damaged)
        }
    }

    private func putAside(_ path: String) throws {
        try disk.storing {
            let (source, target) = (folders.absolute(path), folders.damaged(path))
            guard try disk.isTaken(source) else { return }
            var free = target
            var number = 1
            while try disk.isTaken(free) {
                number += 1
                free = "\(target).\(number)"
            }
            try disk.rename(source, to: free)
            try disk.syncDirectory(folders.damaged)
            try disk.syncDirectory(String(source[..<(source.lastIndex(of: "/") ?? source.startIndex)]))
        }
    }

    private func write(_ bytes: [UInt8], to target: String) throws {
        try disk.storing { try disk.replace(target, with: bytes, draft: "\(folders.staging)/mending") }
    }
}

extension Manifest {
    /// The manifest without the lost files and what is forgotten.
    fileprivate func without(_ mending: Mending, in folders: Folders) -> Manifest {
        var manifest = self
        manifest.retire(in: folders) { mending.files.keys.contains($0.path) }
        var streams: [String: Coverage] = [:]
        for (stream, interval) in intervals() { streams[stream, default: Coverage()].add(interval) }
        let rest = streams.reduce(into: [String: Coverage]()) {
            $0[$1.key] = mending.remaining($1.value, of: $1.key)
        }
        guard rest != streams else { return manifest }
        manifest.coverage = rest.sorted { $0.key < $1.key }.flatMap { stream, coverage in
            coverage.intervals.map {
                Manifest.Span(stream: stream, since: $0.since.description, until: $0.until.description)
            }
        }
        return manifest
    }
}
