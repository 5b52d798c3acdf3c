package import Planning

/// A child stream whose parents nobody pulls: there would never be a child, so the job file is wrong. Another job of
/// the account may pull the parents, so the job file alone does not tell; what was ever covered does.
package struct ParentlessStream: Hashable, Sendable {
    package var stream: String
    package var parent: String

    /// Nil when all is well, and for a stream that is no child.
    /// - Parameter coverage: by list, of the whole account.
    init?(_ stream: StreamSpec, in job: Job, coverage: [String: Coverage]) {
        guard let parent = stream.parent?.stream, !job.streams.contains(where: { $0.stream.name == parent }),
            coverage[Catalogue.stream(named: parent)?.lists.first?.name ?? ""] == nil
        else { return nil }
        (self.stream, self.parent) = (stream.name, parent)
    }

    var reason: String { "no job of this account pulls \(parent), for which it is read: add it to streams" }

    /// What such streams of a job lead to; nil without any.
    /// - Parameter streams: the names that a run is narrowed to; nil for all of the job.
    package static func stop(_ job: Job, only streams: [String]? = nil, coverage: [String: Coverage]) -> Stop? {
        let found = job.streams.map(\.stream).filter { streams?.contains($0.name) ?? true }
            .compactMap { ParentlessStream($0, in: job, coverage: coverage) }
        guard !found.isEmpty else { return nil }
        let names = found.map { "\($0.stream) (\($0.reason))" }.joined(separator: ", ")
        return Stop(.wrongJobFile, "cannot be pulled: \(names)", hint: Verdict.jobFileHint)
    }
}
