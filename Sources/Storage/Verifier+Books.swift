import GRDB
import Planning

/// The index against the manifests, and against itself.
extension Verifier {
    private var indexPath: String { folders.relative(folders.index) }

    func compareIndex(with manifests: [Manifest]) {
        guard let index else { return }
        do {
            for manifest in manifests { try compareRun(manifest, index) }
            try lookForMissing(manifests, index)
            try compareCoverage(manifests, index)
            try checkOrder(index)
            try checkNumbers(index)
        } catch {
            self.index = nil
            report.note(indexPath, (error as? Stop)?.reason ?? "cannot be read (\(error))")
        }
    }

    private func compareRun(_ manifest: Manifest, _ index: IndexWitness) throws {
        let run = [manifest.run.databaseValue]
        let known = try index.rows("SELECT started_at, ended_at, outcome, exit_code FROM run_log WHERE name = ?", run)
        let wanted = [
            Instant(manifest.startedAt)?.seconds.databaseValue ?? .null,
            Instant(manifest.endedAt)?.seconds.databaseValue ?? .null, manifest.outcome.rawValue.databaseValue,
            manifest.exitCode?.databaseValue ?? .null,
        ]
        // A run that was killed between its manifest and its own row is closed, and its manifest written, again.
        if known != [wanted], !index.openRuns.values.contains(manifest.run) {
            let what = known.isEmpty ? "is of a run that the index does not know" : "tells another run's end"
            note(manifest, what, index, against: "run_log", isKnown: !known.isEmpty)
        }
        let spent = try index.rows("SELECT day, stream, requests, tokens FROM spend WHERE run = ? ORDER BY 1, 2", run)
        let told = manifest.tokens.byDay.sorted { $0.key < $1.key }.flatMap { day, streams in
            streams.sorted { $0.key < $1.key }.map {
                [
                    day.databaseValue, $0.key.databaseValue, $0.value.requests.databaseValue,
                    $0.value.tokens.databaseValue,
                ]
            }
        }
        if spent != told {
            note(
                manifest, "tells other tokens than the ledger in the index", index, against: "spend",
                isKnown: !known.isEmpty)
        }
        try compareRewritten(manifest, index, isKnown: !known.isEmpty)
    }

    private func compareRewritten(_ manifest: Manifest, _ index: IndexWitness, isKnown: Bool) throws {
        let known = try index.rows(
            """
            SELECT s.name, w.last_number, w.pruned, w.pruned_before FROM rewritten w
            LEFT JOIN stream_names s ON s.id = w.stream JOIN run_log r ON r.id = w.run WHERE r.name = ? ORDER BY 1
            """, [manifest.run.databaseValue])
        if known != (manifest.rewritten ?? []).map(\.values) {
            note(
                manifest, "tells otherwise of rewritten files than the index", index, against: "rewritten",
                isKnown: isKnown)
        }
    }

    /// A table that is as it was written outweighs a manifest that says otherwise; one that is not proves nothing.
    private func note(
        _ manifest: Manifest, _ what: String, _ index: IndexWitness, against table: String, isKnown: Bool = true
    ) {
        guard !index.damagedTables.contains(table) else { return }
        report.note(folders.relative(folders.manifest(run: manifest.run)), what)
        if isKnown { damagedManifests.insert(manifest.run) }
    }

    private func lookForMissing(_ manifests: [Manifest], _ index: IndexWitness) throws {
        let runs = Set(manifests.map(\.run))
        let committed = try index.rows(
            """
            SELECT name FROM run_log WHERE ended_at IS NOT NULL
              AND (id IN (SELECT run FROM file_log) OR id IN (SELECT run FROM run_coverage)
                OR id IN (SELECT run FROM merged_runs) OR id IN (SELECT run FROM rewritten))
            """)
        for name in committed.compactMap({ String.fromDatabaseValue($0[0]) }) where !runs.contains(name) {
            report.note(folders.relative(folders.manifest(run: name)), "is missing; the index knows what its run kept")
        }
        let told = Set(manifests.flatMap(\.files).map(\.path))
        let files = try index.rows("SELECT path FROM file_log").map { String.fromDatabaseValue($0[0]) ?? "?" }
        for path in files where !told.contains(path) && !index.unfinishedPaths.contains(path) {
            report.note(path, "is in the index and in no manifest")
        }
    }

    // MARK: Coverage

    private func compareCoverage(_ manifests: [Manifest], _ index: IndexWitness) throws {
        var told: [String: Coverage] = [:]
        for manifest in manifests {
            for (stream, interval) in manifest.intervals() { told[stream, default: Coverage()].add(interval) }
        }
        let finished = try finishedByRun(index)
        for run in index.openRuns.values {
            for (stream, coverage) in finished[run] ?? [:] {
                for interval in coverage.intervals { told[stream, default: Coverage()].add(interval) }
            }
        }
        for manifest in manifests where !index.openRuns.values.contains(manifest.run) {
            let spans = manifest.intervals().reduce(into: [String: Coverage]()) { spans, span in
                spans[span.stream, default: Coverage()].add(span.interval)
            }
            if spans != finished[manifest.run] ?? [:] {
                note(manifest, "tells another coverage than the index", index, against: "run_coverage")
            }
        }
        let streams = try intervals("SELECT stream, since, until FROM stream_coverage ORDER BY 1, 2", index)
        for name in Set(told.keys).union(streams.keys).sorted() {
            if streams[name] ?? [] != told[name]?.intervals ?? [] {
                report.note(indexPath, "the coverage of \(name) is not that of the manifests")
            }
        }
        let lists = try intervals("SELECT list, since, until FROM list_coverage", index)
        for stream in Catalogue.streams {
            let whole = stream.coverage(of: lists.mapValues { Coverage($0) })
            let covered = Coverage(streams[stream.name] ?? [])
            if !whole.intervals.allSatisfy(covered.covers) {
                report.note(indexPath, "the lists of \(stream.name) count as done beyond what the manifests say")
            }
        }
    }

    /// What each run finished, by its name.
    private func finishedByRun(_ index: IndexWitness) throws -> [String: [String: Coverage]] {
        var finished: [String: [String: Coverage]] = [:]
        try index.each(
            "SELECT r.name, c.stream, c.since, c.until FROM run_coverage c JOIN run_log r ON r.id = c.run"
        ) { row in
            guard let run = String.fromDatabaseValue(row[0]), let stream = String.fromDatabaseValue(row[1]),
                let since = Int64.fromDatabaseValue(row[2]), let until = Int64.fromDatabaseValue(row[3]),
                let interval = Interval(since: Instant(seconds: since), until: Instant(seconds: until))
            else { return }
            finished[run, default: [:]][stream, default: Coverage()].add(interval)
        }
        return finished
    }

    private func intervals(_ sql: String, _ index: IndexWitness) throws -> [String: [Interval]] {
        var found: [String: [Interval]] = [:]
        for row in try index.rows(sql) {
            guard let name = String.fromDatabaseValue(row[0]), let since = Int64.fromDatabaseValue(row[1]),
                let until = Int64.fromDatabaseValue(row[2]),
                let interval = Interval(since: Instant(seconds: since), until: Instant(seconds: until))
            else {
                report.note(indexPath, "holds a coverage that is no interval")
                continue
            }
            found[name, default: []].append(interval)
        }
        return found
    }

    // MARK: Versions

    /// The newest version of a record is its head, and no version is the same as the one before.
    private func checkOrder(_ index: IndexWitness) throws {
        let names = try index.streamNames()
        var older: [DatabaseValue] = []
        let lost = try folders.lostFiles(on: disk)
        // What stood between them may be lost.
        func isSame(_ a: [DatabaseValue], _ b: [DatabaseValue]) -> Bool {
            guard a[3] == b[3], a[4] == b[4], let first = Int64.fromDatabaseValue(a[2]),
                let second = Int64.fromDatabaseValue(b[2])
            else { return false }
            return !lost.contains { $0.stream == names[a[0]] && $0.lastSeq > first && $0.firstSeq < second }
        }
        func complain(_ row: [DatabaseValue], _ what: String) {
            report.note(indexPath, "record \(row[1]) of \(names[row[0]] ?? "?") \(what)")
        }
        func end(_ last: [DatabaseValue]) {
            guard !last.isEmpty else { return }
            let head = Array(last[0..<2] + last[5..<8])
            if head[2].isNull || (Int64.fromDatabaseValue(head[2]) ?? 0) <= (Int64.fromDatabaseValue(last[2]) ?? 0) {
                complain(last, "has no version newer than those of its history")
            } else if isSame(last, head) {
                complain(last, "has the same version twice, \(last[2]) and \(head[2])")
            }
        }
        try index.each(
            """
            SELECT v.stream, v.id, v.seq, v.op, v.hash, h.seq, h.op, h.hash FROM history v
            LEFT JOIN heads h ON h.stream = v.stream AND h.id = v.id ORDER BY v.stream, v.id, v.seq
            """
        ) { row in
            if older.prefix(2) == row.prefix(2) {
                if isSame(older, row) { complain(row, "has the same version twice, \(older[2]) and \(row[2])") }
            } else {
                end(older)
            }
            older = row
        }
        end(older)
    }

    /// The pages' numbers do not overlap, so a number that lies in its own page lies in no other.
    private func checkNumbers(_ index: IndexWitness) throws {
        var last: Int64 = 0
        try index.each("SELECT first_seq, last_seq FROM blocks ORDER BY first_seq") { row in
            guard let first = Int64.fromDatabaseValue(row[0]), let end = Int64.fromDatabaseValue(row[1]),
                first > last, end >= first
            else { return report.note(indexPath, "the page from _seq \(row[0]) on has numbers of another page") }
            last = end
        }
    }
}
