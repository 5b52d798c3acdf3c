import Planning
import Platform

/// Writes the file that comes in the place of others, and reads it again. Pages are deflated each on its own, so those
/// of which nothing goes are taken as they are, and the memory this takes does not grow with the files.
struct ExchangeDraft {
    let folders: Folders
    let disk: any FileSystem
    let index: Index
    let reader: (StreamSpec) -> ObjectReader
    /// zlib's, for pages that lose lines.
    var level = 6

    /// Throws `Stop` where a file is not as it was written, or the new one not what was meant.
    /// - Returns: nil when no line is left.
    func make(_ rewrite: Rewrite) throws -> Exchange.Added? {
        try disk.storing {
            let target = rewrite.target
            let draft = target.map {
                folders.unfinished(stream: $0.file.stream, run: $0.run, number: $0.file.number)
            }
            let written = try write(rewrite, to: draft ?? "\(folders.staging)/nothing")
            guard let target, let draft, !written.pages.isEmpty else {
                guard target == nil, written.pages.isEmpty else {
                    throw Stop(
                        .badData, "\(rewrite.files[0].file.path) does not hold what the index says",
                        hint: "run pipesnap verify")
                }
                return nil
            }
            do {
                let found = try read(draft, target, written.pages)
                try compare(found, with: rewrite, written)
                guard let told = Manifest.File(found) else { throw FileDamage("has no line") }
                return Exchange.Added(file: told, crc32: found.crc32, pages: written.pages)
            } catch let damage as FileDamage {
                throw Stop(
                    .brokenInvariant, "\(draft), made of \(rewrite.files.count) files, \(damage)",
                    hint: "the files are as they were; please report this")
            }
        }
    }

    // MARK: Writing

    private func write(_ rewrite: Rewrite, to draft: String) throws -> DraftFile {
        var output = DraftFile(path: draft, disk: disk)
        for sealed in rewrite.files {
            if let pruning = rewrite.pruning {
                try prune(sealed.file, SupersededTable(pruning: pruning), into: &output)
            } else {
                try copy(sealed.file, into: &output)
            }
        }
        try output.end()
        try disk.syncDirectory(folders.staging)
        return output
    }

    private func pages(of file: FileRow) -> SealedPages {
        SealedPages(file: file, path: folders.absolute(file.path), disk: disk)
    }

    private func copy(_ file: FileRow, into output: inout DraftFile) throws {
        try pages(of: file).forEach(index.pages(of: file)) { page, bytes in
            try output.add(bytes, lines: (page.firstSeq, page.lastSeq))
        }
        output.count(crc32: file.crc32, uncompressedBytes: file.uncompressedBytes)
    }

    private func prune(_ file: FileRow, _ superseded: SupersededTable, into output: inout DraftFile) throws {
        let stream = Catalogue.stream(named: file.stream) ?? .unknown(file.stream)
        let pruner = PagePruner(saysParent: stream.saysParent, reader: reader(stream), level: level)
        do {
            try pages(of: file).forEach(index.pages(of: file)) { page, bytes in
                let gone = try index.read { try superseded.rows(in: page.firstSeq...page.lastSeq, $0) }
                guard let rest = try pruner.rest(of: page, bytes, without: gone) else { return }
                try output.add(rest.bytes, lines: (rest.firstSeq, rest.lastSeq))
                output.count(crc32: rest.crc32, uncompressedBytes: Int64(rest.uncompressedBytes))
            }
        } catch let damage as FileDamage {
            throw Stop(damage, at: folders.absolute(file.path))
        }
    }

    // MARK: Reading again

    private func read(_ draft: String, _ target: SealedFile, _ wanted: [FilePage]) throws -> FileRow {
        let stream = Catalogue.stream(named: target.file.stream) ?? .unknown(target.file.stream)
        let objects = reader(stream)
        var tally = FileTally(after: 0, of: target.run, isMerged: true)
        var (block, count) = (BlockRow?.none, 0)
        let totals = try SnapshotWalk.read(draft, on: disk) { bytes in
            let line = try KeptLine(bytes, saysParent: stream.saysParent, reader: objects)
            try tally.add(line)
            block = block?.with(line) ?? BlockRow(line)
        } block: { range in
            let found = block.map { FilePage(firstSeq: $0.firstSeq, lastSeq: $0.lastSeq, place: range) }
            guard count < wanted.count, found == wanted[count] else {
                throw FileDamage("has other pages than the index says")
            }
            (block, count) = (nil, count + 1)
        }
        guard block == nil, count == wanted.count else { throw FileDamage("has fewer pages than the index says") }
        var found = target.file
        try tally.describe(&found, totals)
        return found
    }

    private func compare(_ found: FileRow, with rewrite: Rewrite, _ written: DraftFile) throws {
        let shares = SealedFile(file: found, run: rewrite.target?.run ?? "").shares
        let pairs: [(String, Int64, Int64)] = [
            ("records", Int64(found.records), rewrite.shares.reduce(0) { $0 + Int64($1.records) }),
            ("deletes", Int64(found.deletes), rewrite.shares.reduce(0) { $0 + Int64($1.deletes) }),
            ("uncompressed_bytes", found.uncompressedBytes, written.uncompressedBytes),
            ("first_seq", found.firstSeq ?? 0, written.pages.first?.firstSeq ?? 0),
            ("last_seq", found.lastSeq ?? 0, written.pages.last?.lastSeq ?? 0),
        ]
        if let wrong = pairs.first(where: { $0.1 != $0.2 }) {
            throw FileDamage("has \(wrong.0) \(wrong.1) and not \(wrong.2)")
        }
        guard shares.map(\.counts) == rewrite.shares.map(\.counts) else {
            throw FileDamage("has lines of other runs than the files it was made from")
        }
    }
}

extension RunShare {
    /// Without the numbers, which move when the first or the last line goes.
    fileprivate var counts: [String] { [run, String(records), String(deletes)] }
}
