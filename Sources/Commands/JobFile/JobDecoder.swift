import Planning

/// From the nodes of a job file to the job, with every default filled in.
struct JobDecoder {
    private static let longestAccountName = 64
    private static let mostTokens = 1_000_000_000
    private static let smallestRollBytes: Int64 = 64_000

    private let root: Section
    private let folder: String
    private let mistakes: MistakeList

    init(root: JobNode, folder: String, mistakes: MistakeList) {
        self.root = Section(root: root, mistakes: mistakes)
        self.folder = folder
        self.mistakes = mistakes
    }

    /// Nil when something is wrong; every part is read in any case, so that all mistakes are found.
    func job() -> Job? {
        let api = root.section("api", isOptional: false)
        let account = account()
        let baseURL = api.required("base_url", example: "base_url: https://acme.pipedrive.com")?.baseURL()
        let access = TokenDecoder(folder: folder).access(in: api)
        let authorityFile = api.optional("ca_file")?.authorityFile(from: folder)
        let budget = budget(root.section("budget", isOptional: false))
        let window = window(root.section("window"))
        let streams = StreamDecoder.streams(in: root).map { StreamDecoder.prioritized($0, in: root) }
        let shares = StreamDecoder.shares(in: root.section("budget", isOptional: false), of: budget, streams ?? [])
        let output = output(root.section("output"))
        let concurrency = root.optional("concurrency")?.integer(1...32) ?? 4
        guard let account, let baseURL, let access, var budget, let streams, mistakes.isEmpty else { return nil }
        budget.maxSharePercent = shares
        var job = Job(
            account: account, baseURL: baseURL, access: access, budget: budget, window: window, streams: streams,
            output: output, concurrency: concurrency)
        job.authorityFile = authorityFile
        return job
    }

    private func account() -> String? {
        guard let field = root.required("account", example: "account: acme"), let name = field.text() else {
            return nil
        }
        guard name.wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil else {
            field.tell("must be of lower-case letters, digits, _ and -, and begin with a letter or digit")
            return nil
        }
        guard name.utf8.count <= Self.longestAccountName else {
            field.tell("must have at most \(Self.longestAccountName) characters")
            return nil
        }
        return name
    }

    private func budget(_ section: Section) -> Job.Budget? {
        let daily = section.required("daily_tokens", example: "daily_tokens: 20000")?.integer(1...Self.mostTokens)
        let keepFree = section.optional("keep_free")?.keepFree(largestTokens: Self.mostTokens) ?? .tokens(0)
        let resetsAt = section.optional("resets_at")?.timeOfDaySeconds() ?? 0
        let timeZone = section.optional("time_zone")?.timeZoneName() ?? "UTC"
        let perRun = section.optional("max_tokens_per_run")?.integer(1...Self.mostTokens)
        return daily.map { daily in
            var budget = Job.Budget(
                dailyTokens: daily, keepFree: keepFree, resetsAtSeconds: resetsAt, timeZone: timeZone)
            budget.maxTokensPerRun = perRun
            return budget
        }
    }

    private func window(_ section: Section) -> Job.Window {
        Job.Window(
            start: section.optional("start")?.instant() ?? Instant(seconds: 1_420_070_400),
            lagSeconds: section.optional("lag")?.durationSeconds() ?? 120,
            overlapSeconds: section.optional("overlap")?.durationSeconds() ?? 600,
            sweepSeconds: section.optional("sweep")?.durationSeconds(allowsPlainZero: true) ?? 7 * 86_400)
    }

    private func output(_ section: Section) -> Job.Output {
        Job.Output(
            directory: section.optional("directory")?.path(from: folder)
                ?? FilePath.absolute("../output", from: folder),
            compressionLevel: section.optional("compression_level")?.integer(1...9) ?? 6,
            rollAtBytes: section.optional("roll_at")?.sizeBytes(from: Self.smallestRollBytes, "64kB") ?? 96_000_000)
    }
}
