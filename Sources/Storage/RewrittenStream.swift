import GRDB
package import Planning

/// What is remembered of a run's files of one stream once any of them was rewritten, whatever became of them. It stands
/// in the run's manifest and in the index.
struct RewrittenStream: Codable, Hashable {
    var stream: String
    /// The greatest number that a file of the run ever had here: a path that was read once never names another file.
    var lastNumber: Int
    /// How many of the run's versions were pruned.
    var pruned = 0
    /// How the stream stood before this moment cannot be told any more; nil while nothing was pruned.
    var prunedBefore: String?

    enum CodingKeys: String, CodingKey {
        case stream, pruned
        case lastNumber = "last_number"
        case prunedBefore = "pruned_before"
    }

    /// As one row of the table `rewritten` tells it, without the run.
    var values: [DatabaseValue] {
        [
            stream.databaseValue, lastNumber.databaseValue, pruned.databaseValue,
            prunedBefore.flatMap { Instant($0) }?.seconds.databaseValue ?? .null,
        ]
    }
}

/// The same, with the run.
struct RunBook: Codable, Hashable {
    var run: String
    var told: RewrittenStream
}

/// The books of all runs, as far as anything was rewritten.
struct RewrittenBooks {
    /// Files of one owner are told apart by their numbers.
    struct Owner: Hashable {
        var run: String
        var stream: String
    }

    private var told: [Owner: RewrittenStream] = [:]

    /// - Parameter files: all that there are.
    init(_ known: [RunBook], files: [SealedFile]) {
        for book in known { told[Owner(run: book.run, stream: book.told.stream)] = book.told }
        for sealed in files {
            self[sealed.owner].lastNumber = max(self[sealed.owner].lastNumber, sealed.file.number)
        }
    }

    subscript(owner: Owner) -> RewrittenStream {
        get { told[owner] ?? RewrittenStream(stream: owner.stream, lastNumber: 0) }
        set { told[owner] = newValue }
    }

    /// A number that no file of the owner ever had.
    mutating func nextNumber(of owner: Owner) -> Int {
        self[owner].lastNumber += 1
        return self[owner].lastNumber
    }

    /// As they stand now, in order.
    func books(of owners: Set<Owner>) -> [RunBook] {
        owners.sorted { ($0.run, $0.stream) < ($1.run, $1.stream) }.map { RunBook(run: $0.run, told: self[$0]) }
    }
}

extension Index {
    static func save(_ book: RunBook, in db: Database) throws {
        let values = book.told.values
        try db.execute(
            sql: """
                REPLACE INTO rewritten(run, stream, last_number, pruned, pruned_before) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                try runNumber(book.run, in: db), try streamNumber(book.told.stream, in: db), values[1], values[2],
                values[3],
            ])
    }

    /// - Parameter run: nil for all.
    func runBooks(of run: String? = nil) throws -> [RunBook] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT r.name, s.name, w.last_number, w.pruned, w.pruned_before FROM rewritten w
                    JOIN run_log r ON r.id = w.run JOIN stream_names s ON s.id = w.stream
                    WHERE ?1 IS NULL OR r.name = ?1 ORDER BY r.name, s.name
                    """, arguments: [run]
            ).map { row in
                RunBook(
                    run: row[0],
                    told: RewrittenStream(
                        stream: row[1], lastNumber: row[2], pruned: row[3],
                        prunedBefore: (row[4] as Int64?).map { Instant(seconds: $0).description }))
            }
        }
    }
}

extension Index {
    /// From this moment on the stream can be told as it was; nil while nothing was pruned.
    static func prunedBefore(of stream: String, in db: Database) throws -> Instant? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT max(pruned_before) FROM rewritten WHERE stream = (SELECT id FROM stream_names WHERE name = ?)
                """, arguments: [stream]
        ).map { Instant(seconds: $0) }
    }

    /// Before the horizon of a pruning some versions are gone, and an answer would be wrong.
    static func require(_ moment: Instant, in stream: String, _ db: Database) throws {
        guard let horizon = try prunedBefore(of: stream, in: db), moment < horizon else { return }
        throw Stop(
            .notInIndex, "versions of \(stream) that were superseded before \(horizon) were pruned",
            hint: "ask for that moment or a later one")
    }

    /// Throws `Stop` where one of the streams cannot be told as it stood.
    package func require(_ moment: Instant, in streams: [String]) throws {
        try read { db in for stream in streams { try Self.require(moment, in: stream, db) } }
    }

    /// Of every stream of which anything was pruned.
    package func prunedBefore() throws -> [String: Instant] {
        let books = try runBooks().compactMap { book in
            book.told.prunedBefore.flatMap { Instant($0) }.map { (book.told.stream, $0) }
        }
        return Dictionary(books, uniquingKeysWith: max)
    }

    /// The runs that lost versions.
    package func prunedRuns() throws -> Set<String> { Set(try runBooks().filter { $0.told.pruned > 0 }.map(\.run)) }
}

extension Manifest {
    /// What the manifest tells of rewritten files is as it was, but for these streams.
    mutating func remember(_ books: [RewrittenStream]) {
        guard !books.isEmpty else { return }
        let streams = Set(books.map(\.stream))
        let others = (rewritten ?? []).filter { !streams.contains($0.stream) }
        rewritten = (others + books).sorted { $0.stream < $1.stream }
    }

    /// Takes files out whose paths may have been read: their numbers are not given again.
    mutating func retire(in folders: Folders, where isGone: (File) -> Bool) {
        let gone = files.filter(isGone)
        let books = Set(gone.map(\.stream)).map { stream in
            var told = rewritten?.first { $0.stream == stream } ?? RewrittenStream(stream: stream, lastNumber: 0)
            let numbers = files.filter { $0.stream == stream }.compactMap { SnapshotPath($0.path, in: folders)?.number }
            told.lastNumber = max(told.lastNumber, numbers.max() ?? 0)
            return told
        }
        files.removeAll(where: isGone)
        remember(books)
    }

    /// One row a stream, in order; no file has a number beyond the last one; what was pruned says since when.
    func checkRewritten(in folders: Folders) throws {
        guard let rewritten else { return }
        guard zip(rewritten, rewritten.dropFirst()).allSatisfy({ $0.stream < $1.stream }), !rewritten.isEmpty,
            rewritten.allSatisfy({ told in
                told.pruned >= 0 && (told.pruned == 0) == (told.prunedBefore == nil)
                    && told.prunedBefore.map { Instant($0)?.description == $0 } ?? true
            })
        else { throw FileDamage("tells of rewritten files what cannot be") }
        let last = Dictionary(rewritten.map { ($0.stream, $0.lastNumber) }) { first, _ in first }
        for file in files {
            guard let number = SnapshotPath(file.path, in: folders)?.number, number <= last[file.stream] ?? number
            else { throw FileDamage("has a file with a number beyond the last one, \(file.path)") }
        }
    }
}
