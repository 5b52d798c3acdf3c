import GRDB
import Planning

/// The index against what the files hold.
extension Verifier {
    private var indexPath: String { folders.relative(folders.index) }

    /// Throws what is no damage: an index of a newer pipesnap, or one that may not be opened.
    func openIndex() throws {
        var refusal: Stop?
        withIndexFaults {
            let fitness = IndexFitness(folders: folders, disk: disk)
            guard try fitness.hasIndex() else {
                if try fitness.isMissing() { report.note(indexPath, UnfitIndex.missing.words) }
                return
            }
            let (witness, fault): (IndexWitness, UnfitIndex?)
            do {
                if let lost = try fitness.faultOfLog() { return report.note(indexPath, lost.words) }
                witness = try IndexWitness(folders: folders)
                fault = try fitness.fault()
            } catch let stop as Stop where [.cannotCreateOutput, .cannotWriteOutput].contains(stop.code) {
                refusal = stop
                return
            }
            if let fault {
                report.note(indexPath, fault.words)
                guard fault.isOfUnfinished else { return }
            }
            index = witness
            for table in witness.damagedTables.sorted() {
                report.note(indexPath, "its table \(table) is not as it was written")
            }
            for run in witness.openRuns.values.sorted() {
                report.notes.append(
                    "run \(run) was killed and is not closed yet; its unfinished files are left out, and the next run "
                        + "closes it")
            }
        }
        if let refusal { throw refusal }
    }

    /// A whole index that does not know a file of a run that has ended, which is there, was saved before files were
    /// merged or pruned. It proves nothing then.
    func compareFiles(with manifests: [Manifest]) throws {
        guard let index, index.damagedTables.isEmpty else { return }
        withIndexFaults {
            let known = Set(try index.rows("SELECT path FROM file_log").map { $0[0] })
            let newer = manifests.flatMap(\.files).first { file in
                !known.contains(file.path.databaseValue)
                    && (try? disk.size(folders.absolute(file.path))) == file.bytes
            }
            guard let newer else { return }
            report.note(indexPath, "is older than the files beside it: it does not know \(newer.path)")
            self.index = nil
        }
    }

    func inOneState(_ body: () throws -> Void) throws {
        guard let index else { return try body() }
        try index.index.inOneState(body)
    }

    /// What SQLite refuses is a finding; then the index is not asked any more.
    func withIndexFaults(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            index = nil
            report.note(indexPath, (error as? Stop)?.reason ?? "cannot be read (\(error))")
        }
    }

    func compare(_ line: KeptLine, stream: String, path: String) {
        guard let index else { return }
        withIndexFaults {
            let condition = "WHERE stream = (SELECT id FROM stream_names WHERE name = ?) AND id = ? AND seq = ?"
            let columns = "SELECT op, update_time, hash"
            let found = try index.rows(
                """
                \(columns) FROM heads \(condition) UNION ALL \(columns) FROM history \(condition)
                """,
                [
                    stream.databaseValue, line.key.databaseValue, line.seq.databaseValue, stream.databaseValue,
                    line.key.databaseValue, line.seq.databaseValue,
                ])
            let wanted = [
                line.operation.rawValue.databaseValue, line.updateTime?.databaseValue ?? .null, line.hash.databaseValue,
            ]
            if let parent = line.parent, line.operation == .upsert {
                try compare(parent, of: line, stream: stream, path: path, index)
            }
            switch found.count {
            case 1 where found[0] == wanted: matched[stream, default: 0] += 1
            case 0: report.note(path, "\(line.name) is not in the index")
            default: report.note(path, "\(line.name) is another one in the index")
            }
        }
    }

    /// A child stands under the parent that its newest version names.
    private func compare(_ parent: RecordKey, of line: KeptLine, stream: String, path: String, _ index: IndexWitness)
        throws
    {
        guard let spec = Catalogue.stream(named: stream), !spec.isHistory else { return }
        let found = try index.rows(
            """
            SELECT c.parent FROM heads h LEFT JOIN child_parents c ON c.stream = h.stream AND c.id = h.id
            WHERE h.stream = (SELECT id FROM stream_names WHERE name = ?) AND h.id = ? AND h.seq = ?
            """, [stream.databaseValue, line.key.databaseValue, line.seq.databaseValue])
        if found.contains(where: { $0 != [parent.databaseValue] }) {
            report.note(path, "\(line.name) has another parent in the index")
        }
    }

    func compare(_ block: BlockRow, at range: Range<Int64>, path: String) {
        guard let index else { return }
        withIndexFaults {
            let found = try index.rows(
                """
                SELECT b.last_seq, f.path, b.start, b.length, b.answered_ms / 1000 FROM blocks b
                JOIN file_log f ON f.id = b.file WHERE b.first_seq = ?
                """, [block.firstSeq.databaseValue])
            let wanted = [
                block.lastSeq.databaseValue, path.databaseValue, range.lowerBound.databaseValue,
                Int64(range.count).databaseValue, block.fetchedAt.seconds.databaseValue,
            ]
            if found == [wanted] {
                matchedBlocks += 1
            } else {
                report.note(path, "the index has other borders for the page from _seq \(block.firstSeq) on")
            }
        }
    }

    /// The whole description of a file; its CRC stands in no manifest.
    func compare(_ file: Told, at place: SnapshotPath) {
        guard let index else { return }
        withIndexFaults {
            let found = try index.rows(
                """
                SELECT r.name, s.name, f.number, f.dt, f.records, f.deletes, f.bytes, f.uncompressed_bytes,
                  f.first_seq, f.last_seq, f.sha256, f.min_update_time, f.max_update_time
                FROM file_log f JOIN run_log r ON r.id = f.run JOIN stream_names s ON s.id = f.stream WHERE f.path = ?
                """, [file.told.path.databaseValue])
            let told = file.told
            let values: [any DatabaseValueConvertible] = [
                file.run, told.stream, place.number, place.day, told.records, told.deletes, told.bytes,
                told.uncompressedBytes, told.firstSeq, told.lastSeq, told.sha256,
            ]
            let times = [told.minUpdateTime, told.maxUpdateTime].map { text in
                text.flatMap { UpdateTime($0) }?.databaseValue ?? .null
            }
            let shares = try index.shares(of: told.path)
            if found != [values.map(\.databaseValue) + times] || shares != told.runs.map(\.values) {
                report.note(told.path, "is described otherwise in the index")
            }
        }
    }

    func compare(crc32: UInt32, path: String) {
        guard let index else { return }
        withIndexFaults {
            let found = try index.rows("SELECT crc32 FROM file_log WHERE path = ?", [path.databaseValue])
            if found != [[Int64(crc32).databaseValue]] { report.note(path, "has another CRC in the index") }
        }
    }

    // MARK: After all files

    /// Every line was found in the index; what the index has beyond them is in no file.
    func countIndex() {
        guard let index else { return }
        withIndexFaults {
            let names = try index.streamNames()
            var unfinished: [DatabaseValue: Int] = [:]
            for row in try index.rows("SELECT stream, records FROM file_log WHERE sha256 IS NULL") {
                unfinished[row[0], default: 0] += Int.fromDatabaseValue(row[1]) ?? 0
            }
            let sql = """
                SELECT stream, sum(n) FROM (
                  SELECT stream, count(*) AS n FROM heads GROUP BY stream
                  UNION ALL SELECT stream, count(*) FROM history GROUP BY stream) GROUP BY stream
                """
            for row in try index.rows(sql) {
                let (name, count) = (names[row[0]] ?? "?", Int.fromDatabaseValue(row[1]) ?? 0)
                let inFiles = matched[name, default: 0] + unfinished[row[0], default: 0]
                if count != inFiles {
                    report.note(indexPath, "has \(count) versions in stream \(name), and the files have \(inFiles)")
                }
            }
            let blocks = try index.rows(
                "SELECT count(*) FROM blocks WHERE file NOT IN (SELECT id FROM file_log WHERE sha256 IS NULL)")
            if blocks != [[matchedBlocks.databaseValue]] { report.note(indexPath, "has pages that no file has") }
        }
    }
}
