/// What `verify` found.
package struct VerifyReport: Encodable, Sendable {
    package var account: String
    package var manifests = 0
    package var files = 0
    /// Fewer than all when only a sample was asked for.
    package var filesRead = 0
    package var records = 0
    package private(set) var disagreements: [Disagreement] = []
    /// What was left out, and why.
    package var notes: [String] = []

    /// What `--refetch` did; nil when there was nothing to do or it was not asked for.
    package private(set) var refetch: Refetch?

    package var isWell: Bool { disagreements.isEmpty }

    /// Paths are relative to the output folder.
    package struct Refetch: Encodable, Sendable {
        /// Where files were put aside, by the place where each had been.
        package var putAside: [String: String]
        /// Files that were not there any more; of each nothing but what its manifest said is kept.
        package var missing: [String]
        package var uncovered: [Uncovered]
    }

    /// Without times, all of the stream.
    package struct Uncovered: Encodable, Hashable, Sendable {
        package var stream: String
        package var since: String?
        package var until: String?
    }

    package struct Disagreement: Encodable, Hashable, Sendable {
        /// Relative to the output folder.
        package var path: String
        package var what: String
    }

    /// One damaged file can disagree at every line; so many are told of each.
    static let mostOfOnePath = 20
    private var counts: [String: Int] = [:]

    private enum CodingKeys: String, CodingKey {
        case account, manifests, files, filesRead, records, disagreements, notes, refetch
    }

    init(account: String) { self.account = account }

    /// - Parameter missing: files that could not be put aside.
    mutating func mended(_ mending: Mending, missing: Set<String>, _ folders: Folders) {
        let paths = mending.files.keys + mending.manifests.map { folders.relative(folders.manifest(run: $0)) }
        let moved = paths.filter { !missing.contains($0) }.map { ($0, folders.relative(folders.damaged($0))) }
        refetch = Refetch(
            putAside: Dictionary(moved) { first, _ in first }, missing: missing.sorted(),
            uncovered: mending.forgotten.map { Uncovered(stream: $0.stream, since: $0.since, until: $0.until) })
    }

    mutating func note(_ path: String, _ what: String) {
        counts[path, default: 0] += 1
        let count = counts[path, default: 1]
        guard count <= Self.mostOfOnePath + 1 else { return }
        let isLast = count > Self.mostOfOnePath
        disagreements.append(Disagreement(path: path, what: isLast ? "and more of the kind" : what))
    }
}
