import GRDB
import Planning

/// What the index remembers. The views are the contract; the tables are our own business.
///
/// A version is one row: in `heads` while it is the newest of its record, in `history` afterwards. It needs no
/// column for its file: the pages of a run take `_seq` numbers in blocks, so `blocks` finds the file of any
/// number, and the rows stay small.
enum IndexSchema {
    /// `PRAGMA user_version`; an index with a greater one was written by a newer pipesnap. To be raised once a
    /// release, when a table or a view was added.
    static let version = 11
    /// What a pipesnap that is newer by many years may write; anything beyond is a byte that was turned.
    static let thinkableVersions = 0...999

    /// Makes what is missing, in a new index or in one of an older version. A table, once released, is never
    /// changed: what is new gets a table of its own, and views are made anew.
    static func complete(in db: Database) throws {
        for statement in tables { try db.execute(sql: statement) }
        for (name, query) in views {
            try db.execute(sql: "DROP VIEW IF EXISTS \(name)")
            try db.execute(sql: "CREATE VIEW \(name) AS \(query)")
        }
        try TableSums.keep(in: db)
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    private static let tables = [
        // Times are seconds since 1970 UTC; an update time with a fraction is kept as the text it came as.
        """
        CREATE TABLE IF NOT EXISTS run_log(
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, started_at INTEGER NOT NULL,
          ended_at INTEGER, outcome TEXT, exit_code INTEGER)
        """,
        "CREATE TABLE IF NOT EXISTS stream_names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        // `bytes` is the committed length: what lies behind it in the unfinished file is cut off after a crash.
        """
        CREATE TABLE IF NOT EXISTS file_log(
          id INTEGER PRIMARY KEY, run INTEGER NOT NULL, stream INTEGER NOT NULL, number INTEGER NOT NULL,
          path TEXT NOT NULL UNIQUE, dt TEXT NOT NULL, records INTEGER NOT NULL, deletes INTEGER NOT NULL,
          bytes INTEGER NOT NULL, uncompressed_bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL,
          first_seq INTEGER, last_seq INTEGER, min_update_time, max_update_time, sha256 TEXT)
        """,
        "CREATE INDEX IF NOT EXISTS files_by_run ON file_log(run)",
        // The CRC of an unfinished file as far as it is committed, compressed as it lies there: so that what a killed
        // run left is known to be as it was written before it is sealed.
        "CREATE TABLE IF NOT EXISTS unfinished(file INTEGER PRIMARY KEY, packed_crc32 INTEGER NOT NULL)",
        // What each run has of a merged file. A file that is not here has lines of its own run alone.
        """
        CREATE TABLE IF NOT EXISTS merged_runs(
          file INTEGER NOT NULL, run INTEGER NOT NULL, records INTEGER NOT NULL, deletes INTEGER NOT NULL,
          first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY(file, run)) WITHOUT ROWID
        """,
        // What is remembered of a run's files of a stream once any of them was rewritten; its manifest tells the same.
        """
        CREATE TABLE IF NOT EXISTS rewritten(
          run INTEGER NOT NULL, stream INTEGER NOT NULL, last_number INTEGER NOT NULL, pruned INTEGER NOT NULL,
          pruned_before INTEGER, PRIMARY KEY(run, stream)) WITHOUT ROWID
        """,
        // The first block of a file begins behind the ten bytes of the gzip header.
        """
        CREATE TABLE IF NOT EXISTS blocks(
          first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, file INTEGER NOT NULL,
          start INTEGER NOT NULL, length INTEGER NOT NULL, answered_ms INTEGER NOT NULL)
        """,
        // Keys lie the other way round because a pull comes from above: its rows are added at the end of the table,
        // which fills the pages; added at the beginning they would leave half of every page empty.
        """
        CREATE TABLE IF NOT EXISTS heads(
          stream INTEGER NOT NULL, id NOT NULL, seq INTEGER NOT NULL, op INTEGER NOT NULL, update_time,
          hash INTEGER NOT NULL, PRIMARY KEY(stream, id DESC)) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS history(
          stream INTEGER NOT NULL, id NOT NULL, seq INTEGER NOT NULL, op INTEGER NOT NULL, update_time,
          hash INTEGER NOT NULL, PRIMARY KEY(stream, id DESC, seq)) WITHOUT ROWID
        """,
        "CREATE TABLE IF NOT EXISTS list_coverage(list TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS stream_coverage(
          stream TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS run_coverage(
          run INTEGER NOT NULL, stream TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL)
        """,
        "CREATE INDEX IF NOT EXISTS run_coverage_by_run ON run_coverage(run)",
        // A walk under way: where to go on. `since` and `until` are null for a list that is read as a whole.
        """
        CREATE TABLE IF NOT EXISTS walks(
          id INTEGER PRIMARY KEY, list TEXT NOT NULL, since INTEGER, until INTEGER, walk_order TEXT NOT NULL,
          cursor TEXT, start INTEGER, frontier INTEGER, began_at INTEGER NOT NULL)
        """,
        // Of walks that go on at an offset: the keys of the last page, to which the next one has to join on. When it is
        // lost, the walk goes back a page.
        "CREATE TABLE IF NOT EXISTS walk_seams(walk INTEGER PRIMARY KEY, keys TEXT NOT NULL)",
        // The keys that a whole listing under way has shown.
        "CREATE TABLE IF NOT EXISTS seen(list TEXT NOT NULL, id NOT NULL, PRIMARY KEY(list, id)) WITHOUT ROWID",
        // A key sweep under way, one a stream; which of the stream's lists it walks, and where that goes on. It may be
        // lost: then it is begun again.
        """
        CREATE TABLE IF NOT EXISTS sweeps(
          stream TEXT PRIMARY KEY, began_at INTEGER NOT NULL, list INTEGER NOT NULL, cursor TEXT, start INTEGER,
          last_key, known INTEGER NOT NULL, shown INTEGER NOT NULL, gone INTEGER NOT NULL, newer INTEGER NOT NULL)
          WITHOUT ROWID
        """,
        // The records that it misses so far, and the number of the list that is to be asked for each.
        """
        CREATE TABLE IF NOT EXISTS sweep_missing(
          stream TEXT NOT NULL, id NOT NULL, list INTEGER NOT NULL, PRIMARY KEY(stream, id)) WITHOUT ROWID
        """,
        // When the last of those that no list has by its key was asked for in vain. It goes with `sweeps`.
        "CREATE TABLE IF NOT EXISTS sweep_absences(stream TEXT PRIMARY KEY, last_at INTEGER NOT NULL) WITHOUT ROWID",
        // The sweep, by when it began, of which the user has said that what it misses was really deleted.
        "CREATE TABLE IF NOT EXISTS sweep_consents(stream TEXT PRIMARY KEY, began_at INTEGER NOT NULL) WITHOUT ROWID",
        // Records that are missing because they became ones of another stream, by the version that stood then: one that
        // comes again with a newer version is compared again. Where this is lost, the next sweep learns it anew.
        """
        CREATE TABLE IF NOT EXISTS moved_records(
          stream TEXT NOT NULL, id NOT NULL, seq INTEGER NOT NULL, to_stream TEXT NOT NULL, to_id NOT NULL,
          found_at INTEGER NOT NULL, PRIMARY KEY(stream, id)) WITHOUT ROWID
        """,
        // The last complete sweep of each stream. Where that is lost, the stream is swept once more than needed.
        """
        CREATE TABLE IF NOT EXISTS sweeps_done(
          stream TEXT PRIMARY KEY, began_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, shown INTEGER NOT NULL,
          gone INTEGER NOT NULL, newer INTEGER NOT NULL) WITHOUT ROWID
        """,
        // What the last complete listing of a stream did not show; gone when the next one does not either. Harmless to
        // lose: a tombstone comes one listing later.
        "CREATE TABLE IF NOT EXISTS missed(stream TEXT NOT NULL, id NOT NULL, PRIMARY KEY(stream, id)) WITHOUT ROWID",
        // What the definitions have called a field (option '') and its options, by the version that first said so.
        """
        CREATE TABLE IF NOT EXISTS field_history(
          stream INTEGER NOT NULL, field TEXT NOT NULL, option TEXT NOT NULL, seq INTEGER NOT NULL,
          since INTEGER NOT NULL, until INTEGER, name TEXT NOT NULL, type TEXT NOT NULL,
          PRIMARY KEY(stream, field, option, seq)) WITHOUT ROWID
        """,
        // Which members the records of each list had, in samples; the row without a member counts the records. When it
        // is lost, it is learnt again.
        """
        CREATE TABLE IF NOT EXISTS api_members(
          path TEXT NOT NULL, member TEXT NOT NULL, seen INTEGER NOT NULL, missed INTEGER NOT NULL,
          optional INTEGER NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY(path, member)) WITHOUT ROWID
        """,
        // What was noticed of the API, and whether somebody was told.
        """
        CREATE TABLE IF NOT EXISTS api_notices(
          path TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, stream TEXT NOT NULL, detail TEXT NOT NULL,
          first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY(path, kind, name)) WITHOUT ROWID
        """,
        // Child streams that were ever begun: parents that change are queued for them from then on. `renewed_at` is
        // when all parents were queued last. May be lost, as the queue may: then the stream is begun anew.
        "CREATE TABLE IF NOT EXISTS child_streams(stream TEXT PRIMARY KEY, renewed_at INTEGER NOT NULL) WITHOUT ROWID",
        // Parents whose children are to be read, because of that version of theirs; `changed_at` puts them in order.
        """
        CREATE TABLE IF NOT EXISTS child_queue(
          stream TEXT NOT NULL, parent NOT NULL, seq INTEGER NOT NULL, changed_at INTEGER NOT NULL,
          PRIMARY KEY(stream, parent)) WITHOUT ROWID
        """,
        "CREATE INDEX IF NOT EXISTS child_queue_by_time ON child_queue(stream, changed_at)",
        // Batches of which some pages were read: `parents` holds pairs of key and seq, the first seq names the batch.
        """
        CREATE TABLE IF NOT EXISTS child_walks(
          stream TEXT NOT NULL, first_seq INTEGER NOT NULL, parents TEXT NOT NULL, cursor TEXT, start INTEGER,
          began_at INTEGER NOT NULL, PRIMARY KEY(stream, first_seq)) WITHOUT ROWID
        """,
        // Under which record each child stands, where what is missing can be gone.
        """
        CREATE TABLE IF NOT EXISTS child_parents(
          stream INTEGER NOT NULL, id NOT NULL, parent NOT NULL, PRIMARY KEY(stream, id)) WITHOUT ROWID
        """,
        "CREATE INDEX IF NOT EXISTS children_of_parent ON child_parents(stream, parent)",
        // Reservations; run '' is a request outside any run.
        """
        CREATE TABLE IF NOT EXISTS spend(
          day TEXT NOT NULL, run TEXT NOT NULL, stream TEXT NOT NULL, requests INTEGER NOT NULL,
          tokens INTEGER NOT NULL, PRIMARY KEY(day, run, stream)) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS company_budget(
          day TEXT PRIMARY KEY, lowest_remaining INTEGER, reserved_since INTEGER NOT NULL, token_limit INTEGER,
          exhausted INTEGER NOT NULL) WITHOUT ROWID
        """,
        // Reservations once more, by quarter hours of the server's clock, for some weeks: where the job file and what
        // was seen disagree about the budget day.
        "CREATE TABLE IF NOT EXISTS spend_times(began_at INTEGER PRIMARY KEY, tokens INTEGER NOT NULL)",
        // What answers told last of the company's tokens, by the server's clock, and when these came back
        // (`ResetWatch`). Both may be lost; then it is learnt anew.
        """
        CREATE TABLE IF NOT EXISTS told_counts(
          told_at INTEGER PRIMARY KEY, remaining INTEGER NOT NULL, token_limit INTEGER NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS reset_sightings(
          latest INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, nearly_full INTEGER NOT NULL)
        """,
        // What pages showed, by list, purpose and budget day: forecasts are made from it. It may be lost; then it is
        // learnt anew.
        """
        CREATE TABLE IF NOT EXISTS readings(
          list TEXT NOT NULL, kind INTEGER NOT NULL, day TEXT NOT NULL, pages INTEGER NOT NULL, ends INTEGER NOT NULL,
          rows INTEGER NOT NULL, added INTEGER NOT NULL, seconds INTEGER NOT NULL, PRIMARY KEY(list, kind, day))
          WITHOUT ROWID
        """,
        // What must not be asked for before `until`: the gateway, or a stream this account cannot read.
        """
        CREATE TABLE IF NOT EXISTS marks(
          name TEXT PRIMARY KEY, until INTEGER NOT NULL, base_url TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID
        """,
        // Who was told so, where another token or login may be let in. It may be lost; then the mark is everybody's.
        "CREATE TABLE IF NOT EXISTS mark_access(name TEXT PRIMARY KEY, access TEXT NOT NULL) WITHOUT ROWID",
    ]

    private static func rfc3339(_ column: String) -> String {
        """
        CASE typeof(\(column)) WHEN 'integer' THEN strftime('%Y-%m-%dT%H:%M:%SZ', \(column), 'unixepoch') \
        ELSE \(column) END
        """
    }

    private static func versionColumns(of table: String) -> String {
        """
        SELECT s.name AS stream, CAST(v.id AS TEXT) AS id, CASE v.op WHEN 0 THEN 'upsert' ELSE 'delete' END AS op,
          v.seq AS seq, \(rfc3339("v.update_time")) AS update_time, f.path AS file, r.name AS run
        FROM \(table) v JOIN stream_names s ON s.id = v.stream
          JOIN blocks b ON b.first_seq = (SELECT max(first_seq) FROM blocks WHERE first_seq <= v.seq)
          JOIN file_log f ON f.id = b.file
          LEFT JOIN merged_runs m ON m.file = f.id AND v.seq BETWEEN m.first_seq AND m.last_seq
          JOIN run_log r ON r.id = coalesce(m.run, f.run)
        """
    }

    /// Of a run's own files and of what it has of merged ones.
    private static func sumOfRun(_ column: String) -> String {
        """
        (SELECT coalesce(sum(\(column)), 0) FROM file_log
          WHERE run = r.id AND id NOT IN (SELECT file FROM merged_runs))
          + (SELECT coalesce(sum(\(column)), 0) FROM merged_runs WHERE run = r.id)
        """
    }

    /// Whose fields a stream of definitions describes.
    private static let entityOfStream =
        "CASE s.name"
        + Catalogue.definitions.map { " WHEN '\($0.stream)' THEN '\($0.entity)'" }.joined() + " ELSE s.name END"

    private static let views: [(name: String, query: String)] = [
        (
            "runs",
            """
            SELECT r.name AS run, \(rfc3339("r.started_at")) AS started_at,
              \(rfc3339("r.ended_at")) AS ended_at, r.outcome AS outcome, r.exit_code AS exit_code,
              (SELECT coalesce(sum(tokens), 0) FROM spend WHERE run = r.name) AS tokens_spent,
              \(sumOfRun("records")) AS records, \(sumOfRun("deletes")) AS deletes
            FROM run_log r
            """
        ),
        (
            "files",
            """
            SELECT f.path, s.name AS stream, f.dt, r.name AS run, f.records, f.deletes, f.bytes,
              f.uncompressed_bytes, f.sha256, f.first_seq, f.last_seq
            FROM file_log f JOIN stream_names s ON s.id = f.stream JOIN run_log r ON r.id = f.run
            WHERE f.sha256 IS NOT NULL
            """
        ),
        ("records", versionColumns(of: "heads")),
        ("versions", "\(versionColumns(of: "heads")) UNION ALL \(versionColumns(of: "history"))"),
        (
            "coverage",
            """
            SELECT stream, \(rfc3339("since")) AS since, \(rfc3339("until")) AS until FROM stream_coverage
            """
        ),
        (
            "field_names",
            """
            SELECT s.name AS stream,
              \(entityOfStream) AS entity,
              f.field AS field, nullif(f.option, '') AS option, f.name AS name, f.type AS type,
              \(rfc3339("f.since")) AS since, \(rfc3339("f.until")) AS until
            FROM field_history f JOIN stream_names s ON s.id = f.stream
            """
        ),
        (
            "moves",
            """
            SELECT stream, CAST(id AS TEXT) AS id, to_stream, CAST(to_id AS TEXT) AS to_id,
              \(rfc3339("found_at")) AS found_at
            FROM moved_records
            """
        ),
        (
            "token_spend",
            "SELECT day AS budget_day, nullif(run, '') AS run, stream, requests, tokens FROM spend"
        ),
    ]
}
