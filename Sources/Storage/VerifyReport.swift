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

    package var isWell: Bool { disagreements.isEmpty }

    package struct Disagreement: Encodable, Hashable, Sendable {
        /// Relative to the output folder.
        package var path: String
        package var what: String
    }

    /// One damaged file can disagree at every line; so many are told of each.
    static let mostOfOnePath = 20
    private var counts: [String: Int] = [:]

    private enum CodingKeys: String, CodingKey {
        case account, manifests, files, filesRead, records, disagreements, notes
    }

    init(account: String) { self.account = account }

    mutating func note(_ path: String, _ what: String) {
        counts[path, default: 0] += 1
        let count = counts[path, default: 1]
        guard count <= Self.mostOfOnePath + 1 else { return }
        let isLast = count > Self.mostOfOnePath
        disagreements.append(Disagreement(path: path, what: isLast ? "and more of the kind" : what))
    }
}
