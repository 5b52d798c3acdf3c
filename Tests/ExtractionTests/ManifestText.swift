/// A manifest as a loader reads it: every member must be there.
struct ManifestText: Decodable {
    var format: Int
    var account: String
    var run: String
    var outcome: String
    var exitCode: Int?
    var files: [File]
    var coverage: [Span]
    var tokens: Tokens

    struct File: Decodable, Hashable {
        var path: String
        var stream: String
        var records: Int
        var deletes: Int
        var bytes: Int
        var uncompressedBytes: Int
        var sha256: String
        var firstSeq: Int64
        var lastSeq: Int64
        var minUpdateTime: String?
        var maxUpdateTime: String?

        enum CodingKeys: String, CodingKey {
            case path, stream, records, deletes, bytes, sha256
            case uncompressedBytes = "uncompressed_bytes"
            case firstSeq = "first_seq"
            case lastSeq = "last_seq"
            case minUpdateTime = "min_update_time"
            case maxUpdateTime = "max_update_time"
        }
    }

    struct Span: Decodable, Hashable {
        var stream: String
        var since: String
        var until: String
    }

    struct Tokens: Decodable {
        var spent: Int
        var byStream: [String: Int]
        var byDay: [String: [String: Spent]]

        struct Spent: Decodable {
            var requests: Int
            var tokens: Int
        }

        enum CodingKeys: String, CodingKey {
            case spent
            case byStream = "by_stream"
            case byDay = "by_day"
        }
    }

    enum CodingKeys: String, CodingKey {
        case format, account, run, outcome, files, coverage, tokens
        case exitCode = "exit_code"
    }
}
