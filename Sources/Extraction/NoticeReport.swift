package import Storage

/// Something noticed of the API, as `status` shows it.
package struct NoticeReport: Sendable, Encodable {
    package var stream: String
    package var path: String
    /// `member appeared`, `member gone`, `envelope member`, `unknown envelope`, `deprecation`, `sunset` or `undefined
    /// field`.
    package var kind: String
    package var name: String
    package var detail: String
    package var firstAt: String
    package var lastAt: String
    /// `status` has shown it as text before.
    package var isTold: Bool

    package init(_ recorded: RecordedNotice) {
        let notice = recorded.notice
        (stream, path, kind, name) = (notice.stream, notice.path, notice.kind.rawValue, notice.name)
        (detail, isTold) = (notice.detail, recorded.isTold)
        (firstAt, lastAt) = (recorded.firstAt.description, recorded.lastAt.description)
        sentence = "\(stream): \(Self.words(recorded)) (GET \(path))"
    }

    /// For a person.
    package var sentence: String

    private enum CodingKeys: String, CodingKey {
        case stream, path, kind, name, detail, firstAt, lastAt, isTold
    }

    private static func words(_ recorded: RecordedNotice) -> String {
        let (notice, since) = (recorded.notice, recorded.firstAt)
        return switch notice.kind {
        case .memberAppeared: "records have a new member \(notice.name) since \(since)"
        case .memberGone: "records have no member \(notice.name) any more since \(since)"
        case .envelopeMember: "answers have an unknown member \(notice.name) beside data since \(since)"
        case .unknownEnvelope:
            "answers are in an unknown envelope since \(since): \(notice.name)"
                + (notice.detail.isEmpty ? "" : ", but \(notice.detail)")
                + "; its records cannot be read, and nothing of it counts as covered that was not"
        case .deprecation: "the endpoint is marked as deprecated (\(notice.detail)) since \(since)"
        case .sunset: "the endpoint will be gone: \(notice.detail)"
        case .undefinedField: "records use \(notice.name), which no definition has, since \(since)"
        }
    }
}
