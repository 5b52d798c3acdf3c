/// A manifest as a loader reads it: every member must be there.
package struct ManifestText: Decodable {
    package var format: Int
    package var account: String
    package var run: String
    package var outcome: String
    package var exitCode: Int?
    package var files: [File]
    package var coverage: [Span]
    package var tokens: Tokens

    package struct File: Decodable, Hashable {
        package var path: String
        package var stream: String
        package var records: Int
        package var deletes: Int
        package var bytes: Int
        package var uncompressedBytes: Int
        package var sha256: String
        package var firstSeq: Int64
        package var lastSeq: Int64
        package var minUpdateTime: String?
        package var maxUpdateTime: String?

        package enum CodingKeys: String, CodingKey {
            case path, stream, records, deletes, bytes, sha256
            case uncompressedBytes = "uncompressed_bytes"
            case firstSeq = "first_seq"
            case lastSeq = "last_seq"
            case minUpdateTime = "min_update_time"
            case maxUpdateTime = "max_update_time"
        }
    }

    package struct Span: Decodable, Hashable {
        package var stream: String
        package var since: String
        package var until: String
    }

    package struct Tokens: Decodable {
        package var spent: Int
        package var byStream: [String: Int]
        package var byDay: [String: [String: Spent]]

        package struct Spent: Decodable {
            var requests: Int
            var tokens: Int
        }

        package enum CodingKeys: String, CodingKey {
            case spent
            case byStream = "by_stream"
            case byDay = "by_day"
        }
    }

    package enum CodingKeys: String, CodingKey {
        case format, account, run, outcome, files, coverage, tokens
        case exitCode = "exit_code"
    }
}
