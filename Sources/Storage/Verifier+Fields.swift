import GRDB
import Planning

/// What the index says that fields and options were called, against what the definitions in the files say.
extension Verifier {
    func remember(_ line: KeptLine, of stream: StreamSpec) throws {
        guard stream.definesFieldsOf != nil, index != nil else { return }
        let names = try fieldNames ?? FieldNames()
        try names.remember(line, stream: stream.name)
        fieldNames = names
    }

    /// Asked when all lines of sealed files were read. What an open run has said is in no sealed file.
    func compareFieldNames() {
        guard let index, index.openRuns.isEmpty else { return }
        withIndexFaults {
            let path = folders.relative(folders.index)
            for stream in Catalogue.definitions.map(\.stream) {
                let (found, told) = (try FieldNames.rows(of: stream, index.index), try fieldNames?.rows(of: stream))
                let differing = Set(found).symmetricDifference(told ?? [])
                for field in Set(differing.compactMap { String.fromDatabaseValue($0[0]) }).sorted() {
                    report.note(path, "tells other names of field \(field) in \(stream) than the files")
                }
            }
        }
    }
}

/// An index in memory that learns nothing but the names of fields.
struct FieldNames {
    private let index: Index

    init() throws { index = try Index(draft: ":memory:") }

    func remember(_ line: KeptLine, stream: String) throws {
        try index.write { db in
            let version = FieldVersion(
                stream: try Index.streamNumber(stream, in: db), field: line.key, seq: line.seq,
                answeredAt: line.fetchedAt, names: line.names)
            try Index.remember(version, in: db)
        }
    }

    func rows(of stream: String) throws -> [[DatabaseValue]] { try Self.rows(of: stream, index) }

    /// Field, option, first version, since, until, name, type.
    static func rows(of stream: String, _ index: Index) throws -> [[DatabaseValue]] {
        try index.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT field, option, seq, since, until, name, type FROM field_history
                    WHERE stream = (SELECT id FROM stream_names WHERE name = ?)
                    """, arguments: [stream]
            ).map { Array($0.databaseValues) }
        }
    }
}
