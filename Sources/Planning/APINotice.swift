/// Something about the API that is not as it was. It is recorded and told; it never makes a run fail.
package struct APINotice: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Records have a member that no record had before.
        case memberAppeared = "member appeared"
        /// A member that every record had is in none any more.
        case memberGone = "member gone"
        /// A member beside `data` that nobody described.
        case envelopeMember = "envelope member"
        /// There is no list of records in an answer, however often it is asked for: the name says what is wrong, the
        /// detail which members there are.
        case unknownEnvelope = "unknown envelope"
        /// The header `Deprecation` (RFC 9745).
        case deprecation
        /// The header `Sunset` (RFC 8594).
        case sunset
        /// A custom field, or an option, that records use and no definition has, even when it was listed anew.
        case undefinedField = "undefined field"
    }

    package var stream: String
    /// The list's path, `/api/v2/deals`.
    package var path: String
    package var kind: Kind
    /// The member, or the field with its option behind a colon; empty for a header.
    package var name: String
    /// What the header says.
    package var detail: String

    package init(stream: String, path: String, kind: Kind, name: String = "", detail: String = "") {
        (self.stream, self.path, self.kind, self.name, self.detail) = (stream, path, kind, name, detail)
    }
}
