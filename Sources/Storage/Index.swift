import Foundation
import GRDB
import Planning
import Platform

/// The SQLite index of one account: one database, so that one transaction can say "this page is kept, paid for
/// and indexed". Written by one process at a time (the account's lock sees to that) and read by anybody.
///
/// Every method throws `Stop`.
package final class Index {
    let database: DatabaseQueue
    private let path: String

    /// How long a reader of ours in the database is waited for.
    private static let busySeconds = 30.0

    /// Opens the index for writing and makes it where it is new.
    init(writing path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.prepareDatabase(TableSums.prepare)
        database = try Self.open(path, configuration)
        try Self.translating(path) { try database.writeWithoutTransaction(Self.makeDurable) }
        try write { db in
            if try Self.checkVersion(of: db, at: path) < IndexSchema.version { try IndexSchema.complete(in: db) }
        }
    }

    /// Pages of the log, of four kilobytes, before they are taken into the database. One page of the API with records
    /// from anywhere fills SQLite's usual thousand; then each commit would write every page twice and wait for the disk
    /// twice. So what several commits change is written once.
    private static let logPages = 4000

    /// A commit must survive a power cut: a reservation that is forgotten would be spent twice. Done here and not by
    /// GRDB, which lowers `synchronous` when it sets up the log, and takes a log that could not be set up for one.
    private static func makeDurable(_ db: Database) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw DatabaseError(resultCode: .SQLITE_IOERR, message: "its write-ahead log cannot be made")
        }
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(logPages)")
    }

    /// Makes a new index that nobody knows of yet. It is thrown away after any failure, so nothing of it has to be
    /// durable or undone before it is finished.
    init(draft path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try TableSums.prepare(db)
            try db.execute(sql: "PRAGMA journal_mode = OFF")
            try db.execute(sql: "PRAGMA synchronous = OFF")
        }
        database = try Self.open(path, configuration)
        try write { try IndexSchema.complete(in: $0) }
    }

    /// Makes a draft what an index is, and closes it.
    func finishDraft() throws {
        try Self.translating(path) {
            try database.inDatabase { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            try database.close()
        }
    }

    /// Takes the write-ahead log into the database file, and closes it.
    func absorbLog() throws {
        try Self.translating(path) {
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try database.close()
        }
    }

    /// Opens an index that exists, to look at it while a run may be writing. An older one is completed first, and so is
    /// one that was killed while it was made: a journal lies beside it then, which only a writer may take back.
    package convenience init(reading path: String) throws {
        if access(path + "-journal", F_OK) == 0 { try Index(writing: path).database.close() }
        try self.init(onlyReading: path)
        guard try read({ try Self.checkVersion(of: $0, at: path) }) < IndexSchema.version else { return }
        try Index(writing: path).database.close()
    }

    private init(onlyReading path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busySeconds)
        // See `inOneState`.
        configuration.allowsUnsafeTransactions = true
        database = try Self.open(path, configuration)
    }

    /// Asks what SQLite would only say that it cannot open, or would open and then refuse to write upon.
    private static func requireFile(_ path: String) throws {
        let disk = LocalDisk()
        let version = try disk.storing {
            for part in ["-wal", "-shm", "-journal"] { _ = try disk.size(path + part) }
            return try disk.size(path) == nil ? [] : try disk.read(path, offset: writeVersionPlace, count: 1)
        }
        guard let byte = version.first, !writeVersions.contains(byte) else { return }
        throw Stop(
            .badData, "the index \(path) is damaged (its header is none that SQLite writes)",
            hint: "pipesnap rebuild makes it anew from the snapshots and manifests")
    }

    /// In a database's header: who may write; 2 with a write-ahead log, 1 without.
    private static let writeVersionPlace: Int64 = 18
    private static let writeVersions: ClosedRange<UInt8> = 1...2

    private static func open(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
        _ = QuietAllocator.isOn
        try requireFile(path)
        return try translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
    }

    /// One state of the index, whatever is written meanwhile. GRDB's own `read` has SQLite refuse to write for as long,
    /// by a pragma that throws away all that was compiled: each statement of the next page would be compiled anew.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try Self.translating(path) {
            try database.inDatabase { db in
                guard !db.isInsideTransaction else { return try body(db) }
                try db.beginReading()
                defer { db.endReading() }
                return try body(db)
            }
        }
    }

    /// All that is read within is read from one state, and in one transaction: one for each of many small questions
    /// would cost more than the answers.
    func inOneState<Value>(_ body: () throws -> Value) throws -> Value {
        try Self.translating(path) { try database.inDatabase { try $0.beginReading() } }
        defer { database.inDatabase { $0.endReading() } }
        return try body()
    }

    /// One transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try Self.translating(path) { try database.write(body) }
    }

    /// Nobody may write upon what the disk has changed: a smaller sum of tokens would be spent anew, a greater interval
    /// would never be pulled.
    /// - Parameter unasked: tables of which nothing is taken now.
    func requireSound(but unasked: Set<String> = TableSums.growing) throws {
        let damaged = try damagedTables(but: unasked)
        guard damaged.isEmpty else {
            throw Stop(
                .badData,
                "the index \(path) is damaged (not as it was written: \(damaged.joined(separator: ", ")))",
                hint: "pipesnap rebuild makes it anew from the snapshots and manifests")
        }
    }

    func damagedTables(but unasked: Set<String> = []) throws -> [String] {
        try read { try TableSums.damagedTables(in: $0, but: unasked, withSchema: true) }
    }

    private static func checkVersion(of db: Database, at path: String) throws -> Int {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard IndexSchema.thinkableVersions.contains(found) else {
            throw Stop(
                .badData, "the index \(path) is damaged (no pipesnap writes index version \(found))",
                hint: "pipesnap rebuild makes it anew from the snapshots and manifests")
        }
        guard found <= IndexSchema.version else {
            throw Stop(
                .cannotCreateOutput, "\(path) was written by a newer pipesnap (index version \(found))",
                hint: "use that version, or another output.directory")
        }
        return found
    }

    /// SQLite's own words, with the consequence.
    private static func translating<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw Stop(error, at: path)
        }
    }
}

extension Database {
    fileprivate func beginReading() throws { try executeCached(sql: "BEGIN DEFERRED") }

    /// Nothing was written, so there is nothing to keep.
    fileprivate func endReading() { try? executeCached(sql: "ROLLBACK") }

    /// Compiled once a connection: most is said again with the next page, or the next request.
    func executeCached(sql: String, arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension Stop {
    fileprivate init(_ error: DatabaseError, at path: String) {
        let words = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init(
                .badData, "the index \(path) is damaged (\(words))",
                hint: "pipesnap rebuild makes it anew from the snapshots and manifests")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .cannotCreateOutput, "cannot open the index \(path) (\(words))",
                hint: "check its owner and rights, and those of its folder")
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM:
            self.init(
                .cannotWriteOutput, "cannot write the index \(path) (\(words))",
                hint: "free space or mend the disk and run again; what was committed is kept")
        default:
            self.init(.brokenInvariant, "the index \(path) refused a statement (\(words))", hint: "please report this")
        }
    }
}
