import Foundation
import Planning
import Platform

extension Manifest {
    /// Reads the manifest of a run. Throws `FileDamage` for anything that we would not have written.
    init(run: String, folders: Folders, disk: any FileSystem) throws {
        let path = folders.manifest(run: run)
        let bytes = try disk.storing {
            guard let size = try disk.sizeOfOurs(path) else { throw FileDamage("is missing") }
            return try FileDamage.finding { try disk.read(path, offset: 0, count: Int(size)) }
        }
        do {
            self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
            try Self.checkText(bytes)
        } catch let damage as FileDamage {
            throw damage
        } catch {
            throw FileDamage("is no manifest (\(Self.words(error)))")
        }
        guard format == Self.currentFormat else { throw FileDamage("has format \(format); this pipesnap knows 1") }
        guard account == folders.account else { throw FileDamage("is of another account, \(account)") }
        guard self.run == run else { throw FileDamage("names another run, \(self.run)") }
        try checkTimes()
        for file in files {
            guard let place = SnapshotPath(file.path, in: folders), place.run == run, place.stream == file.stream,
                file.records > 0, file.deletes <= file.records, file.firstSeq <= file.lastSeq, file.runsAddUp(to: run)
            else { throw FileDamage("describes a file that cannot be one of this run, \(file.path)") }
        }
        try checkRewritten(in: folders)
    }

    /// The intervals of the stream that this run finished.
    func intervals() -> [(stream: String, interval: Interval)] {
        coverage.compactMap { span in
            guard let since = Instant(span.since), let until = Instant(span.until) else { return nil }
            return Interval(since: since, until: until).map { (span.stream, $0) }
        }
    }

    /// A time can be written in several ways, and we write it in one.
    private static func isOurs(_ time: String) -> Bool { Instant(time)?.description == time }

    private func checkTimes() throws {
        guard Self.isOurs(startedAt), Self.isOurs(endedAt) else {
            throw FileDamage("does not say when its run began and ended")
        }
        guard intervals().count == coverage.count,
            coverage.allSatisfy({ Self.isOurs($0.since) && Self.isOurs($0.until) })
        else { throw FileDamage("has a coverage that is no interval") }
        let times = files.flatMap { [$0.minUpdateTime, $0.maxUpdateTime] }.compactMap { $0 }
        guard times.allSatisfy({ UpdateTime($0)?.description == $0 }) else {
            throw FileDamage("has an update time that is none")
        }
        var byStream: [String: Int] = [:]
        for (stream, spent) in tokens.byDay.values.joined() { byStream[stream, default: 0] += spent.tokens }
        guard byStream == tokens.byStream, byStream.values.reduce(0, +) == tokens.spent else {
            throw FileDamage("its sums of tokens disagree")
        }
    }

    /// An older pipesnap wrote no check; then there must be nothing that it did not write either, or a check whose name
    /// was turned would pass for none.
    private static func checkText(_ bytes: [UInt8]) throws {
        let whole = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
        if whole.keys.contains(ManifestCheck.member) {
            guard ManifestCheck.holds(in: bytes) else { throw FileDamage("is not as it was written") }
        } else if let strange = Set(whole.keys).subtracting(CodingKeys.allCases.map(\.rawValue)).min() {
            throw FileDamage("has a member that no manifest has, \(strange)")
        }
        try checkMembers(whole)
    }

    /// Members that may be null must be there all the same, or a loader would have to guess.
    private static func checkMembers(_ whole: [String: Any]) throws {
        guard whole.keys.contains(CodingKeys.exitCode.rawValue) else { throw FileDamage("has no exit_code") }
        for file in whole[CodingKeys.files.rawValue] as? [[String: Any]] ?? [] {
            for key in [File.CodingKeys.minUpdateTime, .maxUpdateTime] where !file.keys.contains(key.rawValue) {
                throw FileDamage("has no \(key.rawValue) for a file")
            }
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            context.codingPath.isEmpty
                ? "not an object"
                : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is not what it should be"
        default: "not JSON"
        }
    }
}

extension Manifest.File {
    /// The shares of a merged file follow one another, the last is that of its own run, and together they are the file.
    fileprivate func runsAddUp(to run: String) -> Bool {
        guard let runs else { return true }
        return runs.count > 1 && runs.last?.run == run && runs.first?.firstSeq == firstSeq
            && runs.last?.lastSeq == lastSeq && runs.reduce(0) { $0 + $1.records } == records
            && runs.reduce(0) { $0 + $1.deletes } == deletes && runs.allSatisfy { $0.firstSeq <= $0.lastSeq }
            && zip(runs, runs.dropFirst()).allSatisfy { $0.run < $1.run && $0.lastSeq < $1.firstSeq }
    }
}
