import Foundation
import Planning
import Platform

extension Manifest {
    /// Reads the manifest of a run. Throws `FileDamage` for anything that we would not have written.
    init(run: String, folders: Folders, disk: any FileSystem) throws {
        let path = folders.manifest(run: run)
        let bytes = try disk.storing { try disk.read(path, offset: 0, count: Int(try disk.size(path) ?? 0)) }
        do {
            self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
        } catch {
            throw FileDamage("is no manifest (\(Self.words(error)))")
        }
        guard format == Self.currentFormat else { throw FileDamage("has format \(format); this pipesnap knows 1") }
        guard account == folders.account else { throw FileDamage("is of another account, \(account)") }
        guard self.run == run else { throw FileDamage("names another run, \(self.run)") }
        try checkTimes()
        for file in files {
            guard let place = SnapshotPath(file.path, in: folders), place.run == run, place.stream == file.stream,
                file.records > 0, file.deletes <= file.records, file.firstSeq <= file.lastSeq
            else { throw FileDamage("describes a file that cannot be one of this run, \(file.path)") }
        }
    }

    /// The intervals of the stream that this run finished.
    func intervals() -> [(stream: String, interval: Interval)] {
        coverage.compactMap { span in
            guard let since = Instant(span.since), let until = Instant(span.until) else { return nil }
            return Interval(since: since, until: until).map { (span.stream, $0) }
        }
    }

    private func checkTimes() throws {
        guard Instant(startedAt) != nil, Instant(endedAt) != nil else {
            throw FileDamage("does not say when its run began and ended")
        }
        guard intervals().count == coverage.count else { throw FileDamage("has a coverage that is no interval") }
        let times = files.flatMap { [$0.minUpdateTime, $0.maxUpdateTime] }.compactMap { $0 }
        guard times.allSatisfy({ UpdateTime($0) != nil }) else { throw FileDamage("has an update time that is none") }
        let spent = tokens.byDay.values.flatMap(\.values).reduce(0) { $0 + $1.tokens }
        guard spent == tokens.spent, tokens.byStream.values.reduce(0, +) == spent else {
            throw FileDamage("its sums of tokens disagree")
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is not what it should be"
        default: "not JSON"
        }
    }
}
