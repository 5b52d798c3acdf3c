import Planning

/// What came of a work that was broken off, or left in peace, and then gone on with.
struct CrashEnding: Sendable {
    /// All that must not depend on where the run was broken off.
    struct Outcome: Sendable, Hashable {
        /// Each record's versions, oldest first, byte for byte.
        var versions: [String: [String]]
        var views: [String]
        /// A whole list is covered up to when it was listed, which may have been later.
        var coverage: [String: [Instant]]

        init(_ lake: PulledLake, _ views: IndexViews) throws {
            versions = Dictionary(grouping: lake.lines, by: { "\($0.stream) \($0.key)" }).mapValues { lines in
                lines.map { "\($0.isDelete ? "delete" : "upsert") \($0.reason ?? "") \($0.object)" }
            }
            self.views = try views.states("records") + ["--"] + views.states("versions")
            coverage = Dictionary(
                uniqueKeysWithValues: try views.coverage().map { stream, coverage in
                    let isWhole = Catalogue.stream(named: stream)?.isWholeList ?? false
                    return (stream, coverage.intervals.flatMap { isWhole ? [$0.since] : [$0.since, $0.until] })
                })
        }

        var versionCount: Int { versions.values.reduce(0) { $0 + $1.count } }

        /// What is other than undisturbed, in words.
        func complaints(against undisturbed: Outcome) -> [String] {
            let keys = Set(versions.keys).union(undisturbed.versions.keys).sorted()
            let records = keys.compactMap { key -> String? in
                let (ours, theirs) = (versions[key] ?? [], undisturbed.versions[key] ?? [])
                return ours == theirs ? nil : "\(key) has the versions \(ours) instead of \(theirs)"
            }
            return records + (views == undisturbed.views ? [] : ["the views differ"])
                + (coverage == undisturbed.coverage ? [] : ["covered \(coverage), not \(undisturbed.coverage)"])
        }
    }

    var outcome: Outcome?
    /// Of the company, which nobody changes meanwhile.
    var texts = TrueTexts()
    var complaints: [String] = []
    /// Of the run that was broken off.
    var effects: [Machine.Effect] = []
    var requestsUntilBroken = 0
    var hasStruck = false
    /// It was complete all the same.
    var wasComplete = false
    /// Of all runs, as the company counted them.
    var requests = 0
    var tokens = 0
}
