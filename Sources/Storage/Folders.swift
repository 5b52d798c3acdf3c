import Planning

/// Where everything of one account lies below the output folder. All paths are made here and nowhere else.
package struct Folders: Sendable {
    package let output: String
    package let account: String

    package init(output: String, account: String) {
        self.output = output
        self.account = account
    }

    package var indexFolder: String { "\(output)/index" }
    package var index: String { "\(indexFolder)/\(account).sqlite" }
    package var staging: String { "\(output)/staging/\(account)" }
    package var lock: String { "\(indexFolder)/\(account).lock" }
    package var manifests: String { "\(output)/manifests/account=\(account)" }

    package func manifest(run: String) -> String { "\(manifests)/\(run).json" }

    /// Relative to the output folder, as manifests and the index name a file.
    package func snapshot(stream: String, day: String, run: String, number: Int) -> String {
        "\(snapshotFolder(stream: stream, day: day))/\(run)-\(padded(number)).ndjson.gz"
    }

    /// Relative to the output folder.
    var snapshotFolder: String { "snapshots/account=\(account)" }

    package func snapshotFolder(stream: String, day: String) -> String {
        "\(snapshotFolder)/stream=\(stream)/dt=\(day)"
    }

    package func absolute(_ relative: String) -> String { "\(output)/\(relative)" }

    /// The unfinished file that will become `snapshot`; nobody reads it.
    package func unfinished(stream: String, run: String, number: Int) -> String {
        "\(staging)/\(stream)-\(run)-\(padded(number)).ndjson.gz"
    }

    /// The run of an unfinished file, by its name; nil for anything else.
    func runOfUnfinished(_ name: String) -> String? {
        let parts = name.split(separator: "-")
        guard parts.count > 2, name.hasSuffix(".ndjson.gz") else { return nil }
        let run = String(parts[parts.count - 2])
        return Instant(runName: run) == nil ? nil : run
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
