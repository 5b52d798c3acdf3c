import Glibc
import Planning
import Platform

/// What the place of a snapshot file says of it; see `Folders.snapshot`.
struct SnapshotPath: Hashable {
    var stream: String
    var day: String
    var run: String
    var number: Int

    /// Nil for a path, relative to the output folder, that we would not have made.
    init?(_ path: String, in folders: Folders) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let stream = parts[2].after("stream="), let day = parts[3].after("dt="),
            let dash = parts[4].lastIndex(of: "-"), parts[4].hasSuffix(Self.ending),
            let number = Int(parts[4][dash...].dropFirst().dropLast(Self.ending.count))
        else { return nil }
        (self.stream, self.day, self.number) = (stream, day, number)
        run = String(parts[4][..<dash])
        // Folders are named by it, and files elsewhere by its parts.
        guard Self.isMade(stream, of: "abcdefghijklmnopqrstuvwxyz0123456789_"), Self.isMade(run, of: "0123456789TZ")
        else { return nil }
        guard folders.snapshot(stream: stream, day: day, run: run, number: number) == path else { return nil }
    }

    private static let ending = ".ndjson.gz"

    private static func isMade(_ name: String, of letters: StaticString) -> Bool {
        letters.withUTF8Buffer { allowed in !name.isEmpty && name.utf8.allSatisfy(allowed.contains) }
    }
}

extension Folders {
    /// Everything that lies where snapshot files lie, relative to the output folder.
    /// - Parameter day: of runs that began on that day or later, UTC; else of all.
    func snapshots(on disk: any FileSystem, since day: String = "") throws -> [String] {
        let oldest = "dt=\(day)"
        // A file that lies where a folder should is found as itself.
        func below(_ path: String, _ depth: Int) throws -> [String] {
            guard depth > 0 else { return [path] }
            do {
                let names = try disk.list(absolute(path)).filter { depth != 2 || day.isEmpty || $0 >= oldest }
                return try names.flatMap { try below("\(path)/\($0)", depth - 1) }
            } catch let failure as FileFailure where failure.code == ENOTDIR {
                return [path]
            }
        }
        return try disk.storing { try below(snapshotFolder, 3) }
    }

    /// The names of all manifests' runs, oldest first.
    func manifestRuns(on disk: any FileSystem) throws -> [String] {
        try disk.storing { try disk.list(manifests) }.filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(".json".count)) }
    }
}

extension Instant {
    /// The second after which a run was named.
    init?(runName name: String) {
        let digits = Array(name)
        guard digits.count == 16 else { return nil }
        let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
        let time = "\(String(digits[9..<11])):\(String(digits[11..<13])):\(String(digits[13..<15]))Z"
        self.init("\(date)T\(time)")
        guard compact == name else { return nil }
    }
}

extension String {
    fileprivate func after(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
