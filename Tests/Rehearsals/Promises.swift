package import Extraction
import Foundation
package import Planning
package import Simulator

/// The promises of the contract, held against what stands in the folder and what the company knows. Each function
/// returns what it found broken, in words.
///
/// They are judged between runs: what a reader sees while one is under way is only tested by crashes.
package struct Promises {
    package var warehouse: PulledLake
    var texts = TrueTexts()
    /// When the newest sweep of each stream began that has come to its end: what was gone then is buried.
    package var sweptAt: [String: Instant] = [:]
    /// For so long a change stays unseen by the company's own lists.
    package var replicationLagSeconds: Int64 = 0

    package init(_ folder: String) { warehouse = PulledLake(folder) }

    /// From the moment a sweep began, what was gone then must be buried here.
    package mutating func note(_ report: RunReport?) {
        for sweep in report?.sweeps ?? [] where sweep.state == .done {
            guard let beganAt = sweep.beganAt.flatMap({ Instant($0) }) else { continue }
            sweptAt[sweep.stream] = max(sweptAt[sweep.stream] ?? beganAt, beganAt)
        }
    }

    /// Everything.
    /// - Parameter dailyTokens: the most that any day allowed, where the job was edited in between.
    package mutating func broken(_ rehearsal: Rehearsal, dailyTokens: Int? = nil) throws -> [String] {
        try warehouse.refresh()
        let views = try IndexViews(warehouse.folder)
        let account = rehearsal.company.withAccount { $0 }
        return try warehouse.damage + numbering() + repetitions() + manifests(views) + index(views)
            + spending(views, account, daily: dailyTokens ?? rehearsal.job.budget.dailyTokens) + staging()
            + untrue(account, covered: views.coverage()) + misburied(account)
    }

    /// Everything, where the allowance of each night is another's business.
    /// - Parameters:
    ///   - day: our books are whole from the day after this one; "" when they always were.
    ///   - counted: what the server counted by the job file's days, where those are not the company's.
    package mutating func broken(
        _ rehearsal: Rehearsal, _ views: IndexViews? = nil, without day: String, counted: [String: Int]? = nil
    ) throws -> [String] {
        try warehouse.refresh()
        let views = try views ?? IndexViews(warehouse.folder)
        let account = rehearsal.company.withAccount { $0 }
        return try warehouse.damage + numbering() + repetitions() + manifests(views)
            + index(views) + unbooked(views, counted ?? account.counters.tokensByDay, since: day) + staging()
            + untrue(account, covered: views.coverage()) + misburied(account)
    }

    /// What can be asked every night of a long simulation.
    /// - Parameter counted: what the server counted by the job file's days, where those are not the company's.
    package mutating func brokenNightly(
        _ rehearsal: Rehearsal, _ views: IndexViews? = nil, without day: String, counted: [String: Int]? = nil
    ) throws -> [String] {
        try warehouse.refreshNewest()
        let views = try views ?? IndexViews(warehouse.folder)
        let account = rehearsal.company.withAccount { $0 }
        let counted = counted ?? account.counters.tokensByDay
        return try warehouse.damage + warehouse.twice + unbooked(views, counted, since: day) + staging()
            + untrue(account, covered: views.coverage()) + misburied(account)
    }

    /// After a run that was killed, when the next one has still to tidy up: what can be seen is whole.
    package mutating func brokenFiles() throws -> [String] {
        try warehouse.refreshNewest()
        return warehouse.damage + warehouse.twice
    }

    /// What a crash leaves before anybody has tidied up: nothing that can be seen is half done, no commit is ahead of
    /// its data, and `verify` takes none of it for damage.
    mutating func brokenLeavings(_ rehearsal: Rehearsal) throws -> [String] {
        var broken = try brokenFiles()
        let index = try? FileManager.default.attributesOfItem(atPath: "\(warehouse.folder)/index/acme.sqlite")
        guard (index?[.size] as? Int ?? 0) > 0 else { return broken }
        broken += try unindexed(rehearsal.company.withAccount { $0 }, IndexViews(warehouse.folder))
        return try broken + rehearsal.verify().disagreements.map { "verify: \($0.path): \($0.what)" }
    }

    /// What the server counted and we did not.
    func unbooked(_ views: IndexViews, _ counted: [String: Int], since day: String) throws -> [String] {
        let ours = try views.spent().reduce(into: [String: Int]()) { $0[$1.day, default: 0] += $1.tokens }
        return counted.filter { $0.key > day && $0.value > ours[$0.key] ?? 0 }.map {
            "on \($0.key) the server counted \($0.value) tokens, we \(ours[$0.key] ?? 0)"
        }
    }

    package func numbering() -> [String] {
        var broken: [String] = []
        for file in warehouse.files.values {
            let numbers = file.lines.map(\.seq)
            if !zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) { broken.append("\(file.path): _seq falls") }
            if Set(file.lines.map(\.run)).count != 1 { broken.append("\(file.path): not of one run") }
            if !file.path.contains("/\(file.lines.first?.run ?? "?")-") { broken.append("\(file.path): other run") }
        }
        let numbers = warehouse.lines.map(\.seq)
        if Set(numbers).count != numbers.count { broken.append("_seq is not unique") }
        return broken
    }

    package func repetitions() -> [String] {
        var before: [String: PulledLake.Line] = [:]
        return warehouse.lines.compactMap { line in
            defer { before["\(line.stream) \(line.key)"] = line }
            guard let last = before["\(line.stream) \(line.key)"] else { return nil }
            return last.isDelete == line.isDelete && last.object == line.object
                ? "\(line.stream) \(line.key) stands twice, as \(last.seq) and \(line.seq)" : nil
        }
    }

    /// The manifests name every file once, and say of it what is in it.
    package func manifests(_ views: IndexViews) throws -> [String] {
        var broken: [String] = []
        let listed = warehouse.manifests.values.flatMap(\.files)
        if Set(listed.map(\.path)).count != listed.count { broken.append("a file stands in two manifests") }
        if Set(listed.map(\.path)) != Set(warehouse.files.keys) { broken.append("manifests and files differ") }
        for entry in listed {
            guard let file = warehouse.files[entry.path] else { continue }
            let times = file.lines.compactMap { $0.updateTime.flatMap { UpdateTime($0) } }
            let isRight =
                entry.bytes == file.bytes && entry.uncompressedBytes == file.uncompressedBytes
                && entry.sha256 == file.sha256 && entry.records == file.lines.count
                && entry.deletes == file.lines.count(where: \.isDelete) && entry.firstSeq == file.lines.first?.seq
                && entry.lastSeq == file.lines.last?.seq && entry.stream == file.lines.first?.stream
                && entry.minUpdateTime.flatMap { UpdateTime($0) } == times.min()
                && entry.maxUpdateTime.flatMap { UpdateTime($0) } == times.max()
            if !isRight { broken.append("the manifest is wrong about \(entry.path): \(entry)") }
        }
        var covered: [String: Coverage] = [:]
        for span in warehouse.manifests.values.flatMap(\.coverage) {
            guard let since = Instant(span.since), let until = Instant(span.until),
                let interval = Interval(since: since, until: until)
            else { continue }
            covered[span.stream, default: Coverage()].add(interval)
        }
        let known = try views.coverage().filter { !$0.value.intervals.isEmpty }
        if covered != known { broken.append("the manifests cover \(covered), the index \(known)") }
        return try broken + ledger(views)
    }

    private func ledger(_ views: IndexViews) throws -> [String] {
        let spent = try Dictionary(grouping: views.spent(), by: { $0.run ?? "" })
        return warehouse.manifests.values.compactMap { manifest in
            let booked = (spent[manifest.run] ?? []).reduce(0) { $0 + $1.tokens }
            let days = manifest.tokens.byDay.values.flatMap(\.values).reduce(0) { $0 + $1.tokens }
            let streams = manifest.tokens.byStream.values.reduce(0, +)
            let isRight = manifest.tokens.spent == booked && days == booked && streams == booked
            return isRight ? nil : "\(manifest.run) books \(manifest.tokens), the index \(booked)"
        }
    }

    /// The views say what the lines say.
    package func index(_ views: IndexViews) throws -> [String] {
        func version(_ line: PulledLake.Line) -> IndexViews.Version {
            IndexViews.Version(
                stream: line.stream, id: line.key, op: line.isDelete ? "delete" : "upsert", seq: line.seq,
                file: line.file, run: line.run)
        }
        let lines = warehouse.lines
        let heads = Dictionary(lines.map { ("\($0.stream) \($0.key)", $0) }, uniquingKeysWith: { $1 })
        var broken: [String] = []
        if try views.versions("versions") != lines.map(version) { broken.append("versions and lines differ") }
        if try views.versions("records") != heads.values.sorted(by: { $0.seq < $1.seq }).map(version) {
            broken.append("records and lines differ")
        }
        if try views.files() != warehouse.files.mapValues(\.sha256) { broken.append("view files and files differ") }
        return broken
    }

    /// Ours is never less than what the server counted, and never more than allowed.
    package func spending(_ views: IndexViews, _ account: SimulatedAccount, daily: Int) throws -> [String] {
        let ours = try views.spent().reduce(into: [String: Int]()) { $0[$1.day, default: 0] += $1.tokens }
        let tooMuch = ours.filter { $0.value > daily }.map { "\($0.value) tokens booked on \($0.key)" }
        return tooMuch
            + account.counters.tokensByDay.filter { $0.value > ours[$0.key] ?? 0 }.map { day, tokens in
                "on \(day) the server counted \(tokens) tokens, we \(ours[day] ?? 0)"
            }
    }

    package func staging() throws -> [String] {
        try warehouse.names(below: "staging").map { "\($0) was left behind" }
    }
}
