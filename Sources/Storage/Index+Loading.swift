import GRDB
import Planning

/// A published file, as a loader wants to know it.
package struct PublishedFile: Hashable, Sendable, Encodable {
    /// Relative to the output folder.
    package var path: String
    package var stream: String
    package var run: String
    package var records: Int
    package var deletes: Int
    package var bytes: Int64
    package var sha256: String
}

/// What a loader asks.
extension Index {
    /// The files of ended runs, in the order of `_seq`. A run that is under way or was killed is left out until it
    /// is closed: all its files then come at once, so a loader that remembers the name of the last run misses none.
    /// - Parameter run: only files of runs after this one; nil for all.
    package func files(after run: String?, stream: String?) throws -> [PublishedFile] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT f.path, f.stream, f.run, f.records, f.deletes, f.bytes, f.sha256 FROM files f
                          JOIN run_log r ON r.name = f.run
                        WHERE r.ended_at IS NOT NULL AND f.run > ? AND (?2 IS NULL OR f.stream = ?2)
                          AND f.run < coalesce((SELECT min(name) FROM run_log WHERE ended_at IS NULL), '~')
                        ORDER BY f.first_seq
                        """), arguments: [run ?? "", stream]
            ).map {
                PublishedFile(
                    path: $0[0], stream: $0[1], run: $0[2], records: $0[3], deletes: $0[4], bytes: $0[5], sha256: $0[6])
            }
        }
    }

    package func knowsRun(_ run: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS(SELECT 1 FROM run_log WHERE name = ?)"), arguments: [run])
                ?? false
        }
    }

    /// Streams of which any version is kept, in order of their names.
    package func keptStreams() throws -> [String] {
        try read { db in
            try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT name FROM stream_names s
                        WHERE EXISTS(SELECT 1 FROM file_log WHERE stream = s.id) ORDER BY name
                        """))
        }
    }
}
